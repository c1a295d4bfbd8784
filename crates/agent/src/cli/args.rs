//! What may be written on the command line, and nothing of what it does.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::request::Filter;

/// Records what happens in a colony, link or no link, and brings it to the hub.
#[derive(Debug, Parser)]
#[command(name = "ashuu-agent", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Example:\n  ashuu-agent add incident night.jsonl && ashuu-agent sync")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Args, Debug)]
pub(crate) struct Global {
    /// Read this configuration [default: `$ASHUU_AGENT_CONFIG`, /etc/ashuu/agent.toml, built in]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Keep the data here; wins over the configuration
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Print JSON on stdout; words and progress go to stderr
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The language of words; what has no words in it yet is said in English
    #[arg(long, global = true, value_name = "LANG")]
    pub(crate) lang: Option<Language>,
}

/// A language the program may be asked to speak.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Language {
    /// English.
    En,
    /// Russian.
    Ru,
    /// Kyrgyz.
    Ky,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Let this machine in, with the code the centre gave
    #[command(after_help = "Example:\n  ashuu-agent enrol ASHUU1-… --administrator \"A. Officer\"")]
    Enrol {
        /// The code
        code: String,
        /// The name of the machine's administrator
        #[arg(long, value_name = "NAME", default_value = "administrator")]
        administrator: String,
    },
    /// Serve the local pages and API, and sync by itself
    #[command(after_help = "Example:\n  ashuu-agent run --data /var/lib/ashuu-agent")]
    Run,
    /// Make records of JSON lines
    #[command(after_help = "Example:\n  ashuu-agent add incident night.jsonl --json")]
    Add {
        /// The form, such as incident
        form: String,
        /// The file; - or nothing is stdin
        file: Option<PathBuf>,
        /// Only validate
        #[arg(long)]
        check: bool,
    },
    /// Change fields of a record
    #[command(
        after_help = "Example:\n  echo '{\"severity\":4}' | ashuu-agent amend INST-027/2026/A-00042"
    )]
    Amend {
        /// The record's id, reference or SITE:id
        id: String,
        /// A file with one JSON object of the changed fields; - or nothing is stdin
        file: Option<PathBuf>,
        /// Why
        #[arg(long, value_name = "TEXT")]
        comment: Option<String>,
        /// What was seen, as `show` printed it: words with commas, or the JSON array
        #[arg(long, value_name = "SEEN")]
        seen: Option<String>,
    },
    /// Declare a record void; it is never deleted
    #[command(
        after_help = "Example:\n  ashuu-agent void INST-027/2026/A-00042 --reason \"entered twice\""
    )]
    Void {
        /// The record's id, reference or SITE:id
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// List records
    #[command(after_help = "Example:\n  ashuu-agent list --form incident --custody saved")]
    List(Filters),
    /// Show one record
    #[command(after_help = "Example:\n  ashuu-agent show INST-027/2026/A-00042 --json")]
    Show {
        /// The record's id, reference or SITE:id
        id: String,
    },
    /// Show what became of a record, change by change
    #[command(after_help = "Example:\n  ashuu-agent history INST-027/2026/A-00042")]
    History {
        /// The record's id, reference or SITE:id
        id: String,
    },
    /// Exchange with the hub now, until everything is held on both sides
    #[command(after_help = "Example:\n  ashuu-agent sync")]
    Sync,
    /// Say how things stand
    #[command(after_help = "Example:\n  ashuu-agent status --json")]
    Status,
    /// Check everything held: chains, signatures, views
    #[command(after_help = "Example:\n  ashuu-agent verify")]
    Verify,
}

#[derive(Args, Debug)]
pub(crate) struct Filters {
    /// Of this form
    #[arg(long)]
    form: Option<String>,
    /// In this state of review, such as submitted
    #[arg(long)]
    state: Option<String>,
    /// In this custody: saved, sent, held or reviewed
    #[arg(long)]
    custody: Option<String>,
    /// On this day or later, such as 2026-11-20
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// On this day or earlier
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// With this in the reference or title
    #[arg(long, value_name = "TEXT")]
    query: Option<String>,
}

impl From<Filters> for Filter {
    fn from(filters: Filters) -> Self {
        let Filters { form, state, custody, from, to, query } = filters;
        Self { form, state, custody, from, to, query }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn global_flags_stand_before_or_after_the_command() {
        for line in
            [["a", "--json", "--data", "d", "status"], ["a", "status", "--json", "--data", "d"]]
        {
            let cli = Cli::try_parse_from(line).unwrap();
            assert!(cli.global.json && cli.global.data.is_some());
        }
    }
}
