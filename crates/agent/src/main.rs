//! `ashuu-agent`: everything is in the library, so that the demo can be it too.

use std::process::ExitCode;

fn main() -> ExitCode {
    agent::main_with(std::env::args_os())
}
