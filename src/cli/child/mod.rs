//! Runs in a process of their own, with limits: whatever a model does to tract, the parent
//! lives and says what it was.

mod wire;

use std::io::{Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::args::RunsArgs;
use super::files::STDIN;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{folder_of, unchanged};
use crate::infer::{InProcess, Outcome, Request, Runner};
use crate::model::Model;
use wire::{Question, Subject};

/// The sub-command that is such a process.
const COMMAND: &str = "__run";
/// The stack of a run: tract recurses.
const STACK: usize = 256 << 20;
/// More than the bytes that a run's answer may take.
const LARGEST_ANSWER: u64 = 8 << 30;

/// What a run may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Bytes of memory; `None` for what the model's size suggests.
    pub(super) memory: Option<u64>,
    /// Seconds.
    pub(super) seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { memory: None, seconds: 300 }
    }
}

impl Limits {
    /// Those that the user gave.
    pub(super) fn of(args: &RunsArgs) -> Self {
        Limits { memory: args.memory_limit, seconds: args.time_limit }
    }
}

/// Runs models in processes of their own, by the files that they were read from.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ChildProcess {
    /// What each may take.
    pub(super) limits: Limits,
}

impl Runner for ChildProcess {
    fn run(&mut self, model: &Model, request: &Request) -> Result<Outcome> {
        execute(&Subject::of(&model.source), request, self.limits)
    }
}

/// Runs a model in another process.
///
/// # Errors
/// Those of the run; and if it takes too much memory or time, or the process breaks.
fn execute(subject: &Subject, request: &Request, limits: Limits) -> Result<Outcome> {
    let fail = |what: String| Error::new(ErrorKind::Io, what);
    let memory = limits.memory.unwrap_or_else(|| usual_memory(subject));
    let program = std::env::current_exe().map_err(|e| fail(format!("this program cannot be found: {e}")))?;
    let question = wire::question(&Question { subject, memory, request })?;
    let mut child = Command::new(program)
        .arg(COMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| fail(format!("no process can be started: {e}")))?;
    let (mut stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let writer = std::thread::spawn(move || {
        // A child that ends early does not read it all.
        let _ = stdin.take().map(|mut pipe| pipe.write_all(&question));
    });
    let said = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stderr.map(|pipe| pipe.take(64 << 10).read_to_end(&mut text));
        String::from_utf8_lossy(&text).into_owned()
    });
    let (done, answer) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.map(|pipe| pipe.take(LARGEST_ANSWER).read_to_end(&mut bytes));
        let _ = done.send(read.is_some_and(|r| r.is_ok()).then_some(bytes));
    });
    let answer = match answer.recv_timeout(Duration::from_secs(limits.seconds)) {
        Ok(answer) => answer.unwrap_or_default(),
        Err(_) => {
            let _ = child.kill();
            let _ = child.wait();
            let error =
                Error::new(ErrorKind::Unsafe, format!("the run takes more than {} s", limits.seconds));
            return Err(error.hint("--time-limit SECONDS gives it more"));
        }
    };
    let status = child.wait().map_err(|e| fail(e.to_string()))?;
    let _ = writer.join();
    let said = said.join().unwrap_or_default();
    if let Some(result) = wire::outcome(answer) {
        return result;
    }
    // Then the other process could not read it either.
    unchanged()?;
    if said.contains("memory allocation") || said.contains("failed to allocate") {
        let error =
            Error::new(ErrorKind::Unsafe, format!("the run takes more than {} MB of memory", memory >> 20));
        return Err(error.hint("--memory-limit BYTES gives it more"));
    }
    let last = said.lines().last().unwrap_or_default();
    Err(Error::new(
        ErrorKind::Unsafe,
        format!("the run's process broke ({status}) {last}").trim_end().to_owned(),
    ))
}

/// So much memory as a run of a model takes at most, by far: some copies of its weights, and
/// values beside them.
fn usual_memory(subject: &Subject) -> u64 {
    let model = match subject {
        Subject::File(path) => path,
        // Once as a question, once as bytes.
        Subject::Bytes(bytes) => return (4 << 30) + 8 * bytes.len() as u64,
    };
    let folder = folder_of(model);
    let own = std::fs::metadata(model).map_or(0, |facts| facts.len());
    let name = model.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = std::fs::read_dir(folder).into_iter().flatten().flatten().take(1000);
    let data = beside.filter(|e| e.file_name().to_string_lossy().starts_with(&name));
    let data: u64 = data.filter_map(|e| e.metadata().ok()).map(|facts| facts.len()).max().unwrap_or(0);
    (4 << 30) + 6 * own.max(data)
}

/// The other process: reads a question, and answers.
pub(super) fn serve() -> ExitCode {
    let mut question = Vec::new();
    if std::io::stdin().lock().read_to_end(&mut question).is_err() {
        return ExitCode::from(2);
    }
    let Some((subject, memory, request)) = wire::asked(question) else { return ExitCode::from(2) };
    #[cfg(unix)]
    end_with(std::os::unix::process::parent_id());
    // Where a platform has no such limit, the time and the parent's patience are all there is.
    let _ = rlimit::setrlimit(rlimit::Resource::AS, memory, memory);
    let work = move || {
        let ran = std::panic::catch_unwind(move || {
            let model = match subject {
                Subject::File(path) => crate::formats::open(&path)?,
                Subject::Bytes(bytes) => crate::formats::read(STDIN, bytes)?,
            };
            InProcess.run(&model, &request)
        });
        ran.unwrap_or_else(|cause| {
            let text = cause.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or_default();
            let kind = if text.contains("alloc") { ErrorKind::Unsafe } else { ErrorKind::Unsupported };
            Err(Error::new(kind, format!("tract broke off: {}", text.replace('\n', " "))))
        })
    };
    let thread = std::thread::Builder::new().name(crate::infer::THREAD.into()).stack_size(STACK).spawn(work);
    let result = match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(result)) => result,
        _ => return ExitCode::from(2),
    };
    let answer = wire::answer(&result);
    let mut out = std::io::stdout().lock();
    match out.write_all(&answer).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(2),
    }
}

/// Ends this process once its parent has ended: a run that nobody waits for is no use.
#[cfg(unix)]
fn end_with(parent: u32) {
    let watch = move || {
        while std::os::unix::process::parent_id() == parent {
            std::thread::sleep(Duration::from_millis(200));
        }
        std::process::exit(2);
    };
    let _ = std::thread::Builder::new().name("parent".into()).spawn(watch);
}
