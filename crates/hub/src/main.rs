//! The program `ashuu-hub`; all of it is in the library.

use std::process::ExitCode;

/// Folding makes and drops many small values; glibc's allocator took a fifth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    hub::main_with(std::env::args_os())
}
