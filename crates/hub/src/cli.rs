//! The command line: what can be asked, and how the answer leaves the program.

mod backup;
mod clock;
mod device;
mod doctor;
mod export;
mod form;
mod global;
mod init;
mod invite;
mod out;
mod quarantine;
mod rebuild;
mod record;
mod review;
mod site;
mod span;
mod stats;
mod status;
mod token;
mod verify;
mod vocabulary;

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use global::Global;

use crate::failure::Failure;

/// The hub of the central office.
#[derive(Debug, Parser)]
#[command(
    name = "ashuu-hub",
    version,
    after_help = "Example:\n  ashuu-hub init\n  ashuu-hub site add INST-027 --name-en \"Colony No. 27\"\n  \
                  ashuu-hub run &\n  ashuu-hub invite INST-027"
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes the hub's key and database.
    #[command(
        after_help = "Example:\n  ashuu-hub init --database postgres://ashuu@db.example.org/ashuu"
    )]
    Init(init::Args),
    /// Serves devices, pages and API until it is stopped.
    #[command(after_help = "Example:\n  ashuu-hub run")]
    Run,
    /// Adds, changes and lists institutions.
    #[command(subcommand)]
    Site(site::Command),
    /// Prints a one-time code with which a device of a site enrols.
    #[command(after_help = "Example:\n  ashuu-hub invite INST-027 --valid 7d --to code.txt")]
    Invite(invite::Args),
    /// Lists, shows, moves, replaces and revokes devices.
    #[command(subcommand)]
    Device(device::Command),
    /// Lists, shows and releases what revoked devices still brought.
    #[command(subcommand)]
    Quarantine(quarantine::Command),
    /// Shows what of the hub's own time is in doubt, and settles it.
    #[command(subcommand)]
    Clock(clock::Command),
    /// Makes, lists and revokes tokens of the API.
    #[command(subcommand)]
    Token(token::Command),
    /// Lists and shows records.
    #[command(subcommand)]
    Record(record::Command),
    /// Decides on a record, or says something about it.
    Review(review::Review),
    /// Declares a record void. Nothing is deleted.
    #[command(
        after_help = "Example:\n  ashuu-hub void INST-027/2026/A-00042 --reason \"entered twice\""
    )]
    Void(review::Void),
    /// Gives records of one form away, as a colony's `add` takes them.
    Export(export::Args),
    /// Settles a field in conflict.
    #[command(
        after_help = "Example:\n  ashuu-hub resolve INST-027/2026/A-00042 title --value '\"A drone over the yard\"'"
    )]
    Resolve(record::Resolve),
    /// Lists, shows, checks and publishes forms.
    #[command(subcommand)]
    Form(form::Command),
    /// Lists, shows and publishes vocabularies: files of lists.
    #[command(subcommand)]
    Vocabulary(vocabulary::Command),
    /// Checks everything held: chains, signatures, receipts, views.
    #[command(after_help = "Example:\n  ashuu-hub verify --json")]
    Verify,
    /// Folds all views again from the logs; or saves what can be read of a damaged database.
    #[command(
        after_help = "Example:\n  ashuu-hub rebuild\n  ashuu-hub rebuild --from-truth --to /srv/hub-saved.db"
    )]
    Rebuild(rebuild::Args),
    /// Prints figures of what is merged.
    #[command(subcommand)]
    Stats(stats::Command),
    /// Says how the hub is.
    #[command(after_help = "Example:\n  ashuu-hub status")]
    Status,
    /// Looks for what is amiss: disk, permissions, database, key, ports, clock, fold, sites.
    #[command(after_help = "Example:\n  ashuu-hub doctor")]
    Doctor,
    /// Writes a copy of the whole hub into a new file, sealed with a passphrase.
    #[command(
        after_help = "Example:\n  ashuu-hub backup /media/stick/hub.ashuu --passphrase-file /root/passphrase"
    )]
    Backup(backup::Write),
    /// Makes a hub of a copy, where no hub is; its next epoch is opened.
    #[command(
        after_help = "Example:\n  ashuu-hub restore /media/stick/hub.ashuu --data /var/lib/ashuu-hub"
    )]
    Restore(backup::Restore),
}

/// Runs the program with these arguments, the first of which is its name.
pub fn main_with(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Clap prints help and version on stdout, mistakes on stderr.
            let is_mistake = error.use_stderr();
            let printed = error.print();
            let good = printed.is_ok() && !is_mistake;
            return if good { ExitCode::SUCCESS } else { Failure::USAGE.into() };
        }
    };
    start_log();
    let global = cli.global.clone();
    let work = async move { perform(cli).await };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => Err(Failure::Unavailable(format!("can't start: {error}"))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out::complain(&global, &failure);
            failure.code().into()
        }
    }
}

async fn perform(cli: Cli) -> Result<(), Failure> {
    let global = cli.global;
    match cli.command {
        Command::Init(args) => init::perform(&global, args).await,
        Command::Run => crate::run::run(&global.config()?).await,
        Command::Site(command) => site::perform(&global, command).await,
        Command::Invite(args) => invite::perform(&global, args).await,
        Command::Device(command) => device::perform(&global, command).await,
        Command::Quarantine(command) => quarantine::perform(&global, command).await,
        Command::Clock(command) => clock::perform(&global, command).await,
        Command::Token(command) => token::perform(&global, command).await,
        Command::Record(command) => record::perform(&global, command).await,
        Command::Review(args) => review::perform(&global, args).await,
        Command::Void(args) => review::void(&global, args).await,
        Command::Export(args) => export::perform(&global, args).await,
        Command::Resolve(args) => record::resolve(&global, args).await,
        Command::Form(command) => form::perform(&global, command).await,
        Command::Vocabulary(command) => vocabulary::perform(&global, command).await,
        Command::Verify => verify::perform(&global).await,
        Command::Rebuild(args) => rebuild::perform(&global, args).await,
        Command::Stats(command) => stats::perform(&global, command).await,
        Command::Status => status::perform(&global).await,
        Command::Doctor => doctor::perform(&global).await,
        Command::Backup(args) => backup::perform(&global, args).await,
        Command::Restore(args) => backup::restore(&global, args).await,
    }
}

/// Sends the log to stderr: text on a terminal, JSON otherwise.
fn start_log() {
    use tracing_subscriber::EnvFilter;

    let quiet = || EnvFilter::new("warn,hub=info");
    let filter = EnvFilter::try_from_env("ASHUU_LOG").unwrap_or_else(|_unset| quiet());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        log.try_init()
    } else {
        log.json().flatten_event(true).try_init()
    };
    // The demo and tests may have started a log of their own.
    drop(started);
}

#[cfg(test)]
mod tests;
