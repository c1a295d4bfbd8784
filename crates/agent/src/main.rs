//! `ashuu-agent`: everything is in the library, so that the demo can be it too.

use std::process::ExitCode;

/// Folding makes and drops many small values; glibc's allocator took a fifth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    agent::main_with(std::env::args_os())
}
