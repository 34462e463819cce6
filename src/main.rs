//! The command-line program.

fn main() -> std::process::ExitCode {
    modelgram::cli::main()
}
