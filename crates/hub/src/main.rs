//! The program `ashuu-hub`; all of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    hub::main_with(std::env::args_os())
}
