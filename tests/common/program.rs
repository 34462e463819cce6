//! Runs of the program.

use std::path::Path;
use std::process::{Command, Output};

/// Runs it in a folder.
pub fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_modelgram")).args(args).current_dir(folder).output().expect("it runs")
}

/// What it said on standard error.
pub fn stderr(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// What it said on standard output.
pub fn stdout(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// Whether an edit was written. Where it cannot be run that is not success: it is not verified.
pub fn was_written(out: &Output) -> bool {
    matches!(out.status.code(), Some(0 | 4))
}
