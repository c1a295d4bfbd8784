//! `stats`: figures of what is merged.

use clap::Subcommand;

use super::global::Global;
use super::out;
use crate::failure::Failure;
use crate::read::{self, CoverageView};

/// Prints figures of what is merged.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Training coverage: of everyone in service whose post asks for a course, how many hold a
    /// certificate, and how many of these expire within 30, 60 and 90 days.
    #[command(after_help = "Example:\n  ashuu-hub stats trainings --site INST-027")]
    Trainings {
        /// Of this site only.
        #[arg(long, value_name = "CODE")]
        site: Option<String>,
    },
}

pub(super) async fn perform(global: &Global, command: Command) -> Result<(), Failure> {
    let Command::Trainings { site } = command;
    let truth = global.open().await?;
    let covers = read::coverage(&mut *truth.db.snapshot().await?, site.as_deref()).await?;
    out::say(global, &covers, || words(&covers))
}

fn words(covers: &[CoverageView]) -> String {
    if covers.is_empty() {
        return "nobody in service has a post that a course is mandatory for".to_owned();
    }
    let head = ["site", "course", "needed", "valid", "expired", "never", "30 d", "60 d", "90 d"];
    let soon = |cover: &CoverageView, days: &str| cover.expiring.get(days).copied().unwrap_or(0);
    let rows = covers.iter().map(|cover| {
        let CoverageView { site, course, needed, valid, expired, never, .. } = cover;
        let soon = ["30", "60", "90"].map(|days| soon(cover, days));
        let counts = [*needed, *valid, *expired, *never].into_iter().chain(soon);
        line([site.clone(), course.clone()].into_iter().chain(counts.map(|n| n.to_string())))
    });
    let head = line(head.map(str::to_owned));
    std::iter::once(head).chain(rows).collect::<Vec<_>>().join("\n")
}

fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells = cells.into_iter().zip([10, 12].into_iter().chain(std::iter::repeat(8)));
    let cells = cells.map(|(cell, width)| format!("{cell:<width$}"));
    cells.collect::<String>().trim_end().to_owned()
}
