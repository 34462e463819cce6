//! The command line: parses, calls the library, prints.
//!
//! Exit codes, everywhere: 0 done and fine; 1 done, and what was asked about is
//! not fine; 2 could not do it; 4 could not verify it.

mod args;
mod before_after;
#[cfg(feature = "infer")]
mod child;
mod diff;
mod dims;
mod explain;
mod files;
mod findings;
mod head;
mod info;
#[cfg(feature = "infer")]
mod inputs;
mod proof;
mod rename;
mod render;
#[cfg(feature = "infer")]
mod run;
#[cfg(feature = "infer")]
mod second;
#[cfg(unix)]
mod signals;
mod strip;
mod summary;
mod table;
mod timings;
#[cfg(feature = "infer")]
mod validate;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::error::Result;
use crate::formats;
use args::{Args, Command};

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    #[cfg(feature = "infer")]
    quiet_tract();
    #[cfg(unix)]
    signals::watch();
    let args = Args::parse_from(with_subcommand(std::env::args_os().collect()));
    match run(args) {
        Ok(code) => code,
        Err(error) => {
            files::note(format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

/// Lets panics inside of tract pass without a message: they are caught.
#[cfg(feature = "infer")]
fn quiet_tract() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().name() != Some(crate::infer::THREAD) {
            usual(info);
        }
    }));
}

/// The code that the program ends with.
fn run(args: Args) -> Result<ExitCode> {
    let done = match args.command {
        Command::Render(render) => {
            let fine = render::run(&render)?;
            return Ok(if fine { ExitCode::SUCCESS } else { ExitCode::from(1) });
        }
        #[cfg(feature = "infer")]
        Command::Run(args) => return run::run(&args),
        #[cfg(feature = "infer")]
        Command::Validate(args) => return validate::run(&args),
        Command::Diff(args) => return diff::run(&args),
        #[cfg(feature = "infer")]
        Command::Child => return Ok(child::serve()),
        #[cfg(not(feature = "infer"))]
        Command::Run(_) | Command::Validate(_) | Command::Child => {
            eprintln!("not verified: this program was built without inference");
            eprintln!("  hint: `cargo install modelgram` builds it with tract");
            return Ok(ExitCode::from(4));
        }
        Command::Info(info) => info::run(&info),
        Command::Summary(summary) => summary::run(&summary),
        Command::Rename(args) => return rename::run(&args),
        Command::Strip(args) => return strip::run(&args),
        Command::Head(args) => return head::run(&args),
        Command::Rules(args) => explain::list(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Formats => files::print(&formats_text()),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "modelgram", &mut script);
            files::to_stdout(&script)
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// Puts `render` before a first argument that is not a sub-command, so that
/// `modelgram MODEL -o out.svg` is the main job.
fn with_subcommand(mut args: Vec<OsString>) -> Vec<OsString> {
    let command = Args::command();
    let known = |word: &str| {
        let global = ["-h", "--help", "-V", "--version", "help"];
        global.contains(&word) || command.get_subcommands().any(|c| c.get_name() == word)
    };
    match args.get(1).map(|first| first.to_string_lossy().into_owned()) {
        Some(first) if !known(&first) => args.insert(1, "render".into()),
        _ => {}
    }
    args
}

fn formats_text() -> String {
    let mut text = String::from("read:\n");
    for format in formats::FORMATS {
        let extensions: Vec<String> = format.extensions.iter().map(|e| format!(".{e}")).collect();
        text += &format!("  {:<8} {:<12} {}\n", format.name, extensions.join(" "), format.summary);
    }
    text += "written:\n";
    for (output, summary) in args::OUTPUTS {
        let name = output.extension();
        text += &format!("  {name:<8} .{name:<11} {summary}\n");
    }
    text
}
