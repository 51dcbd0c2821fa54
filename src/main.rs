//! The `wherefore` program: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    wherefore::cli::run().into()
}
