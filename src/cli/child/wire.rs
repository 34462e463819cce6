//! What the two processes send each other: a line of JSON, and arrays after it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::cli::files::STDIN;
use crate::error::{Error, ErrorKind, Place, Result};
use crate::files::arrays::Array;
use crate::infer::{Oddity, Outcome, Request, Sighting};
use crate::model::{DType, Source};

/// The model that is asked about.
#[derive(Debug, PartialEq)]
pub(super) enum Subject {
    /// The file of this name.
    File(PathBuf),
    /// What came from standard input, which cannot be read a second time.
    Bytes(Bytes),
}

impl Subject {
    /// The one that `source` was read from.
    pub(super) fn of(source: &Source) -> Self {
        match source.name.as_str() {
            STDIN => Subject::Bytes(source.bytes.clone()),
            name => Subject::File(PathBuf::from(name)),
        }
    }
}

/// A question.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) subject: &'a Subject,
    /// Bytes of memory that the run may take.
    pub(super) memory: u64,
    pub(super) request: &'a Request,
}

/// The question as bytes.
pub(super) fn question(Question { subject, memory, request }: &Question<'_>) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    let (path, len) = match subject {
        Subject::File(path) => {
            let wrong = || Error::new(ErrorKind::Usage, "the model's path is not UTF-8");
            (path.to_str().ok_or_else(|| wrong().hint("rename the file to run it"))?, None)
        }
        Subject::Bytes(bytes) => {
            content.push(bytes.clone());
            (STDIN, Some(bytes.len()))
        }
    };
    let runs = request.runs.iter().map(|run| listed(run.iter(), &mut content));
    let runs = runs.collect::<Result<Vec<Value>>>()?;
    let head = json!({
        "model": path, "bytes": len, "memory": memory, "dump": request.dump, "repeat": request.repeat,
        "times": request.times, "unverified": request.unverified, "runs": runs,
    });
    Ok(framed(&head, content))
}

/// What a question asks.
pub(super) fn asked(bytes: Vec<u8>) -> Option<(Subject, u64, Request)> {
    let (head, mut rest) = opened(bytes)?;
    let subject = match &head["bytes"] {
        Value::Null => Subject::File(PathBuf::from(head["model"].as_str()?)),
        len => {
            let len = usize::try_from(len.as_u64()?).ok()?;
            Subject::Bytes((len <= rest.len()).then(|| rest.split_to(len))?)
        }
    };
    let runs = head["runs"].as_array()?.iter();
    let runs = runs.map(|run| Some(taken(run, &mut rest)?.into_iter().collect::<BTreeMap<_, _>>()));
    let request = Request {
        runs: runs.collect::<Option<_>>()?,
        dump: strings(&head["dump"]),
        repeat: head["repeat"].as_u64()? as usize,
        times: head["times"].as_bool()?,
        unverified: head["unverified"].as_bool()?,
    };
    Some((subject, head["memory"].as_u64()?, request))
}

/// The answer as bytes.
pub(super) fn answer(result: &Result<Outcome>) -> Vec<u8> {
    let encoded = |outcome: &Outcome| -> Result<Vec<u8>> {
        let mut arrays = Vec::new();
        let mut list = |run: &Vec<(String, Array)>| listed(run.iter().map(|(n, a)| (n, a)), &mut arrays);
        let runs = outcome.runs.iter().map(&mut list).collect::<Result<Vec<Value>>>()?;
        let sightings = outcome.sightings.iter().map(|s| json!([s.oddity.word(), s.value, s.op]));
        let sightings: Vec<Value> = sightings.collect();
        let head = json!({
            "runs": runs, "plan": outcome.seconds.0, "run": outcome.seconds.1,
            "times": outcome.times, "sightings": sightings,
        });
        Ok(framed(&head, arrays))
    };
    let answer = match result {
        Ok(outcome) => encoded(outcome),
        Err(error) => Err(error.clone()),
    };
    answer.unwrap_or_else(|error| {
        let kind = match error.kind {
            ErrorKind::Usage => "usage",
            ErrorKind::Io => "io",
            ErrorKind::Undecodable => "undecodable",
            ErrorKind::Unsafe => "unsafe",
            ErrorKind::Disproved => "disproved",
            ErrorKind::Unsupported => "unsupported",
        };
        let head = json!({
            "error": error.message, "kind": kind, "hints": error.hints,
            "file": error.place.file, "node": error.place.node, "value": error.place.value,
        });
        framed(&head, Vec::new())
    })
}

/// What an answer says; `None` if it is cut off.
pub(super) fn outcome(bytes: Vec<u8>) -> Option<Result<Outcome>> {
    let (head, mut rest) = opened(bytes)?;
    if let Some(message) = head["error"].as_str() {
        let kind = match head["kind"].as_str()? {
            "usage" => ErrorKind::Usage,
            "io" => ErrorKind::Io,
            "undecodable" => ErrorKind::Undecodable,
            "unsafe" => ErrorKind::Unsafe,
            "disproved" => ErrorKind::Disproved,
            _ => ErrorKind::Unsupported,
        };
        let place = Place {
            file: head["file"].as_str().map(str::to_owned),
            node: head["node"].as_str().map(str::to_owned),
            value: head["value"].as_str().map(str::to_owned),
            ..Place::default()
        };
        let error = Error::new(kind, message).at(place);
        return Some(Err(strings(&head["hints"]).into_iter().fold(error, Error::hint)));
    }
    let runs = head["runs"].as_array()?.iter().map(|run| taken(run, &mut rest)).collect::<Option<_>>()?;
    let times = head["times"].as_object()?.iter();
    Some(Ok(Outcome {
        runs,
        seconds: (head["plan"].as_f64()?, head["run"].as_f64()?),
        times: times.filter_map(|(name, time)| Some((name.clone(), time.as_f64()?))).collect(),
        sightings: head["sightings"].as_array()?.iter().filter_map(sighting).collect(),
    }))
}

fn sighting(entry: &Value) -> Option<Sighting> {
    let oddity = Oddity::from_word(entry[0].as_str()?)?;
    Some(Sighting::new(oddity, entry[1].as_str()?, entry[2].as_str().map(str::to_owned)))
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Names and lengths; the arrays go to `arrays`.
fn listed<'a>(run: impl Iterator<Item = (&'a String, &'a Array)>, arrays: &mut Vec<Bytes>) -> Result<Value> {
    let mut list = Vec::new();
    for (name, array) in run {
        list.push(json!([name, array.dtype.name(), array.dims, array.content.len()]));
        arrays.push(array.content.clone());
    }
    Ok(Value::Array(list))
}

/// The arrays of a list, from the front of `rest`.
fn taken(list: &Value, rest: &mut Bytes) -> Option<Vec<(String, Array)>> {
    let take = |entry: &Value| {
        let len = usize::try_from(entry[3].as_u64()?).ok()?;
        let content = (len <= rest.len()).then(|| rest.split_to(len))?;
        let dims = entry[2].as_array()?.iter().map(Value::as_i64).collect::<Option<_>>()?;
        let array = Array { dtype: DType::from_name(entry[1].as_str()?)?, dims, content };
        Some((entry[0].as_str()?.to_owned(), array))
    };
    list.as_array()?.iter().map(take).collect()
}

fn framed(head: &Value, arrays: Vec<Bytes>) -> Vec<u8> {
    let mut bytes = format!("{head}\n").into_bytes();
    arrays.iter().for_each(|array| bytes.extend_from_slice(array));
    bytes
}

fn opened(bytes: Vec<u8>) -> Option<(Value, Bytes)> {
    let end = bytes.iter().position(|&b| b == b'\n')?;
    let head = serde_json::from_slice(&bytes[..end]).ok()?;
    Some((head, Bytes::from(bytes).slice(end + 1..)))
}
