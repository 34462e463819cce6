//! A format is a plug: a table of one's own is enough to detect, read, draw, rename and strip.
//!
//! The format of these tests is a text: a line `toy 1`, then lines such as `x : input`,
//! `w = 1 2 3` (a constant), `y <- Mul x w` (a node) and `y : output`.

mod common;

use modelgram::draw::{DrawOptions, draw};
use modelgram::edit::{RenameOptions, StripOptions, rename, strip};
use modelgram::error::{Error, ErrorKind, Result};
use modelgram::formats::Destination::{InPlace, New};
use modelgram::formats::{
    Change, Format, Inputs, Patch, Score, Writer, open, open_with, preview, read_with, save,
};
use modelgram::model::*;

// The plug: everything that a format needs.

static TOYS: &[Format] = &[Format {
    title: "Toy 1",
    extensions: &["toy"],
    writer: Some(&Writer::new(lower)),
    ..Format::new("toy", |inputs| Score::Certain.when(inputs.bytes().starts_with(b"toy 1\n")), read)
}];

/// The lines with their places.
fn lines(text: &str) -> impl Iterator<Item = (&str, Span)> {
    text.split_inclusive('\n').skip(1).scan(text.find('\n').map_or(0, |n| n + 1), |at, line| {
        *at += line.len();
        Some((line.trim_end(), Span::new(*at - line.len(), *at)))
    })
}

fn read(inputs: &Inputs) -> Result<Model> {
    let text = std::str::from_utf8(inputs.bytes()).map_err(|e| wrong(&e.to_string()))?;
    let mut graph = Graph::default();
    let mut values = std::collections::HashMap::new();
    let node = |name: &str, kind, span| {
        let (name, scope) = (name.to_owned(), ScopeId::ROOT);
        Node { name, kind, outputs: Vec::new(), scope, cost: None, span }
    };
    for (line, span) in lines(text) {
        let words: Vec<&str> = line.split(' ').collect();
        let (kind, operands) = match words[..] {
            [_, ":", "input"] => (NodeKind::Input, &[][..]),
            [_, ":", "output"] => (NodeKind::Output, &words[..1]),
            [_, "=", ref numbers @ ..] => {
                let start = span.start as usize + words[0].len() + 3;
                let data = TensorData::Encoded(Span::new(start, start + numbers.join(" ").len()));
                let (dtype, dims) = (DType::F32, vec![numbers.len() as i64]);
                let tensor = Tensor { name: words[0].to_owned(), dtype, dims, data, span };
                (NodeKind::Constant { tensor, overridable: false }, &[][..])
            }
            [_, "<-", op, ..] => {
                let input_slots = words.len() as u32 - 3;
                (NodeKind::Op(Op { op: op.to_owned(), input_slots, ..Op::default() }), &words[3..])
            }
            _ => return Err(wrong(line)),
        };
        let is_output = matches!(kind, NodeKind::Output);
        let id = graph.add_node(node(words[0], kind.clone(), span));
        for (slot, name) in (0u32..).zip(operands) {
            let value = *values.get(name).ok_or_else(|| wrong(name))?;
            graph.connect(value, id, Slot::Input(slot));
        }
        match kind {
            NodeKind::Input => graph.inputs.push(id),
            NodeKind::Output => graph.outputs.push(id),
            _ => {}
        }
        if !is_output {
            values.insert(words[0], graph.define(id, words[0].to_owned(), None, KnownFrom::Unknown));
        }
    }
    Ok(Model::of("toy", inputs.source(), graph))
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::Undecodable, format!("not a line of a toy: `{what}`"))
}

/// Names and contents; a stripped constant has as many zeros.
fn lower(model: &Model, edit: &Edit) -> Result<Patch> {
    let source = &model.source.bytes;
    let text = std::str::from_utf8(source).map_err(|e| wrong(&e.to_string()))?;
    let new = |word: &str| edit.values.get(word).map_or(word, String::as_str).to_owned();
    let changed = lines(text).map(|(line, span)| {
        let mut words: Vec<String> = line.split(' ').map(new).collect();
        if edit.stripped.contains(&Record::of(span)) {
            words[2..].fill("0".to_owned());
        }
        Change::replace(span, format!("{}\n", words.join(" ")).into_bytes())
    });
    Patch::of_ranges(source, changed.collect())
}

// The tests.

const MODEL: &str = "toy 1\nx : input\nw = 1.5 2 3\nh <- Mul x w\ny <- Tanh h\ny : output\n";

/// The model in a file of its own folder.
fn toy() -> (tempfile::TempDir, Model) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.toy");
    std::fs::write(&path, MODEL).unwrap();
    let model = open_with(&path, TOYS).unwrap();
    (folder, model)
}

#[test]
fn a_format_of_ones_own_is_detected_and_read() {
    let (folder, model) = toy();
    assert_eq!((model.format, model.name.as_str()), ("toy", "small"));
    assert_eq!((model.graph.ops().count(), model.graph.constants().count()), (2, 1));
    let error = open(&folder.path().join("small.toy")).unwrap_err().to_string();
    assert!(error.contains("no known format"), "{error}");
    let error = read_with("small.toy", "toy 1\nnonsense\n".into(), TOYS).unwrap_err().to_string();
    assert!(error.contains("not a line of a toy"), "{error}");
    // The extension decides who says what is wrong with a content that fits nothing.
    let error = read_with("small.toy", "toy 2\nx : y\n".into(), TOYS).unwrap_err().to_string();
    assert!(error.contains("not a line of a toy"), "{error}");
}

#[test]
fn it_is_drawn_under_its_own_title() {
    let (_folder, model) = toy();
    let drawing = draw(&model, &DrawOptions::default()).unwrap();
    let svg = String::from_utf8(drawing.bytes).unwrap();
    for text in ["Toy 1 · 2 operators", ">Mul<", ">Tanh<"] {
        assert!(svg.contains(text), "{text} is missing");
    }
}

#[test]
fn it_is_renamed_and_renamed_back() {
    let (folder, model) = toy();
    let path = folder.path().join("new.toy");
    let renamed = |model: &Model, expression: &str| {
        let expressions = vec![expression.parse().unwrap()];
        rename(model, &with!(RenameOptions { expressions, nodes: false, ..RenameOptions::default() }))
            .unwrap()
    };
    save(&model, &renamed(&model, "s/^h$/hidden/"), New(&path)).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, MODEL.replace("h <-", "hidden <-").replace("Tanh h", "Tanh hidden"));
    let new = open_with(&path, TOYS).unwrap();
    save(&new, &renamed(&new, "s/^hidden$/h/"), InPlace).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), MODEL);
}

#[test]
fn it_is_stripped_and_foreseen() {
    let (folder, model) = toy();
    let edit = strip(&model, &with!(StripOptions { min_bytes: 0, all: false, ..StripOptions::default() }));
    assert_eq!(preview(&model, &edit).unwrap().graph.ops().count(), 2);
    let path = folder.path().join("new.toy");
    save(&model, &edit, New(&path)).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), MODEL.replace("1.5 2 3", "0 0 0"));
    // The model itself is no new file.
    let error = save(&model, &edit, New(&folder.path().join("small.toy"))).unwrap_err();
    assert!(error.message.contains("the model itself"), "{error}");
}

#[test]
fn the_best_score_reads_and_the_extension_decides_between_equals() {
    const fn named(name: &'static str, extensions: &'static [&'static str], score: Score) -> Format {
        let detect: fn(&Inputs) -> Score = match score {
            Score::Certain => |_| Score::Certain,
            Score::Likely => |_| Score::Likely,
            _ => |_| Score::No,
        };
        Format {
            extensions,
            ..Format::new(name, detect, |inputs| Err(Error::new(ErrorKind::Usage, inputs.name())))
        }
    }
    static TABLE: &[Format] = &[
        Format { read: |_| Err(wrong("a")), ..named("a", &["a"], Score::Likely) },
        Format { read: |_| Err(wrong("b")), ..named("b", &["b"], Score::Likely) },
        Format { read: |_| Err(wrong("c")), ..named("c", &["c"], Score::No) },
    ];
    for (name, reader) in [("m.a", "`a`"), ("m.b", "`b`"), ("m.c", "`a`"), ("m", "`a`")] {
        let error = read_with(name, "text".into(), TABLE).unwrap_err().to_string();
        assert!(error.contains(reader), "{name}: {error}");
    }
}

#[test]
fn neighbours_are_opened_by_safe_paths_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("net.toy"), MODEL).unwrap();
    std::fs::write(folder.path().join("weights"), "12").unwrap();
    let inputs = Inputs::open(&folder.path().join("net.toy")).unwrap();
    assert!(inputs.has("weights") && !inputs.has("other"));
    assert_eq!(inputs.sibling("weights").unwrap().unwrap().as_ref(), b"12");
    assert_eq!(inputs.sibling("../weights").unwrap_err().kind, ErrorKind::Unsafe);
    let memory = Inputs::memory("net.toy", "toy 1\n".into());
    assert!(!memory.has("weights") && memory.sibling("weights").unwrap().is_none());
}
