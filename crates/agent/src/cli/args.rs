//! What may be written on the command line, and nothing of what it does.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::backup::Sealed;
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
    /// Make records of JSON lines or of a table
    #[command(
        after_help = "Example:\n  ashuu-agent add incident night.jsonl --json\n  ashuu-agent add incident night.csv --check\n\nRows of groups stand beside a table: night.items.csv beside night.csv, joined by @id."
    )]
    Add {
        /// The form, such as incident
        form: String,
        /// The file; - or nothing is stdin
        file: Option<PathBuf>,
        /// What the file holds [default: by its extension, else jsonl]
        #[arg(long, value_name = "FORMAT")]
        format: Option<TextFormat>,
        /// Only validate, and say what would happen
        #[arg(long)]
        check: bool,
    },
    /// Give records of one form away, as `add` takes them
    #[command(
        after_help = "Example:\n  ashuu-agent export incident --format csv --to incident.csv\n\nRows of groups are written beside a table: incident.items.csv beside incident.csv."
    )]
    Export(ExportArgs),
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
    /// Hand a record in again after the centre returned it
    #[command(
        after_help = "Example:\n  ashuu-agent resubmit INST-027/2026/A-00042 --comment \"weighed again\""
    )]
    Resubmit {
        /// The record's id, reference or SITE:id
        id: String,
        /// What to say with it; needed where nothing was changed
        #[arg(long, value_name = "TEXT")]
        comment: Option<String>,
    },
    /// Ask the centre to give a record back before it is reviewed
    #[command(
        after_help = "Example:\n  ashuu-agent recall INST-027/2026/A-00042 --comment \"wrong day\""
    )]
    Recall {
        /// The record's id, reference or SITE:id
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        comment: String,
    },
    /// Say something about a record
    #[command(
        after_help = "Example:\n  ashuu-agent comment INST-027/2026/A-00042 \"the bag is at the court\""
    )]
    Comment {
        /// The record's id, reference or SITE:id
        id: String,
        /// What to say
        text: String,
    },
    /// See what waits for a person here
    #[command(subcommand)]
    Task(TaskCommand),
    /// See what the forms ask, in which version
    #[command(subcommand)]
    Form(FormCommand),
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
    /// Make the views anew from the journal
    #[command(after_help = "Example:\n  ashuu-agent rebuild")]
    Rebuild,
    /// Look for what is amiss: disk, clock, link, key, store, permissions
    #[command(after_help = "Example:\n  ashuu-agent doctor --json")]
    Doctor,
    /// Write a copy of everything on this machine into a new file, sealed with a passphrase
    #[command(after_help = "Example:\n  ashuu-agent backup /media/stick/office.backup")]
    Backup(Sealed),
    /// Make a machine of a backup, in an empty data directory; its next epoch is opened
    #[command(after_help = "Example:\n  ashuu-agent restore office.backup --data /var/lib/ashuu")]
    Restore(Sealed),
}

#[derive(Debug, Subcommand)]
pub(crate) enum FormCommand {
    /// List the forms of this machine
    #[command(after_help = "Example:\n  ashuu-agent form list --lang ky")]
    List,
    /// Show what a form asks
    #[command(
        disable_version_flag = true,
        after_help = "Example:\n  ashuu-agent form show incident --version 1"
    )]
    Show {
        /// Its id
        id: String,
        /// This version; the newest, where nothing is said
        #[arg(long)]
        version: Option<u32>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// List what was returned, what is to be completed, conflicts; the overdue first
    #[command(after_help = "Example:\n  ashuu-agent task list --lang ru")]
    List,
}

/// A format of records as text.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum TextFormat {
    /// A table, with a file of its own for each group.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl TextFormat {
    /// Returns the format that a file's extension names.
    pub(crate) fn of(file: &Path) -> Option<Self> {
        let extension = file.extension()?.to_str()?;
        if extension.eq_ignore_ascii_case("csv") {
            Some(Self::Csv)
        } else if ["jsonl", "ndjson"].iter().any(|it| extension.eq_ignore_ascii_case(it)) {
            Some(Self::Jsonl)
        } else {
            None
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    /// The form, such as incident
    pub(crate) form: String,
    /// What to write [default: by the file's extension]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<TextFormat>,
    /// Write this file, whole or not at all; without it to stdout
    #[arg(long, visible_alias = "out", value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
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
    until: Option<String>,
    /// With this in the reference or title
    #[arg(long, value_name = "TEXT")]
    query: Option<String>,
}

impl ExportArgs {
    /// Returns which records are meant.
    pub(crate) fn filter(&self) -> Filter {
        Filter {
            form: Some(self.form.clone()),
            state: self.state.clone(),
            custody: self.custody.clone(),
            from: self.from.clone(),
            to: self.until.clone(),
            query: self.query.clone(),
        }
    }
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
