//! The same code as in the module, as a program: `native FILE WAY` prints the picture, or
//! the message with exit code 1.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, way] = args.as_slice() else {
        eprintln!("usage: native FILE WAY, where WAY is below {}", modelgram_wasm::WAYS);
        return ExitCode::from(2);
    };
    let content = std::fs::read(file).expect("the file can be read");
    let way = way.parse().expect("a number");
    let (bytes, code) = match modelgram_wasm::drawn(file, content, way) {
        Ok(picture) => (picture, ExitCode::SUCCESS),
        Err(message) => (message.into_bytes(), ExitCode::from(1)),
    };
    std::io::stdout().write_all(&bytes).expect("standard output can be written");
    code
}
