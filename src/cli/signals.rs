//! Signals: nothing half written stays behind, and a file that was cut short while it was mapped
//! is an error.
//!
//! A thread waits for them. The handlers themselves only wake it (`signal-hook`), so nothing here
//! has to be safe inside of a handler.

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use signal_hook::consts::{SIGBUS, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::error::{Error, ErrorKind};
use crate::files::{remove_unfinished, unchanged};

/// Begins to wait. Where the system refuses that, signals do what they always do.
pub(super) fn watch() {
    let ignored = ignored();
    // Whoever starts us with `nohup` wants us to go on.
    let ends = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let Ok(mut signals) = Signals::new(ends) else { return };
    // In this order: the thread is woken before the one that reads the map is held.
    if signals.add_signal(SIGBUS).is_ok() {
        let _ = hold(SIGBUS);
    }
    let wait = move || {
        if let Some(signal) = signals.forever().next() {
            end(signal);
        }
    };
    let _ = std::thread::Builder::new().name("signals".into()).spawn(wait);
}

/// Ends the process as the signal would, once what is half written is gone.
fn end(signal: i32) {
    remove_unfinished();
    if signal == SIGBUS {
        say(unchanged().err().unwrap_or_else(|| {
            let fact = "the system could not give a part of a file that is mapped into memory";
            Error::new(ErrorKind::Io, fact).hint("copy the model to another disk and try again")
        }));
        // No destructor runs: the thread that reads the map is in the middle of something.
        low_level::exit(2);
    }
    let _ = low_level::emulate_default_handler(signal);
    low_level::exit(128 + signal);
}

/// Prints an error without the lock of standard error, which another thread may hold.
fn say(error: Error) {
    if let Ok(handle) = std::io::stderr().as_fd().try_clone_to_owned() {
        let _ = File::from(handle).write_all(format!("error: {error}\n").as_bytes());
    }
}

/// Makes a thread that a signal is sent to wait for ever.
///
/// After a handler of `SIGBUS` the same byte would be read again, and as Rust's own handler has
/// reset the signal to its default, that would end the process before the other thread can say
/// why. So the last thing that the handler does is to write into a pipe that is full.
fn hold(signal: i32) -> std::io::Result<()> {
    let (reader, mut full) = std::io::pipe()?;
    let flags: OwnedFd = full.as_fd().try_clone_to_owned()?;
    fcntl_setfl(&flags, fcntl_getfl(&flags)? | OFlags::NONBLOCK)?;
    for size in [4096, 1] {
        while full.write(&vec![0; size]).is_ok() {}
    }
    low_level::pipe::register(signal, full)?;
    // The registration made writing not wait.
    fcntl_setfl(&flags, fcntl_getfl(&flags)? - OFlags::NONBLOCK)?;
    // A pipe that nobody reads from is an error and not full.
    std::mem::forget(reader);
    Ok(())
}

/// The signals that this process was started to ignore, a bit each; nothing where the system
/// does not tell.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
