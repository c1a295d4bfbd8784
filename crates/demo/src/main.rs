//! A hub and three colonies on one machine, with sample records and a link that goes up and down.
//!
//! It needs no other program: it runs itself again with `agent` or `hub` as first argument.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a demonstration talks to the person who watches it"
)]

mod chapters;
mod link;
mod process;
mod samples;
mod story;
mod world;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

/// A hub and three colonies on one machine: records are written without a link, the link comes
/// back, the hub merges everything, a record is returned and accepted, a form gets a question more.
/// Nothing outside 127.0.0.1 is opened.
#[derive(Debug, clap::Parser)]
#[command(name = "demo", version, after_help = "Example: cargo run --release -p demo -- --check")]
struct Arguments {
    /// Prove what is shown, print one line, and stop.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = arguments.next().unwrap_or_default();
    let rest = |name: &str, arguments: std::env::ArgsOs| -> Vec<OsString> {
        std::iter::once(OsString::from(format!("ashuu-{name}"))).chain(arguments).collect()
    };
    match arguments.next() {
        Some(first) if first == "agent" => {
            agent::clock::live_before(process::ago());
            agent::main_with(rest("agent", arguments))
        }
        Some(first) if first == "hub" => {
            hub::clock::live_before(process::ago());
            hub::main_with(rest("hub", arguments))
        }
        first => demo(std::iter::once(program).chain(first).chain(arguments)),
    }
}

fn demo(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let Arguments { check } = Arguments::parse_from(arguments);
    let told = if check { story::check() } else { story::show() };
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("the demonstration failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}
