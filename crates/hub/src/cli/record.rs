//! `record`, `resolve`, `rebuild`: records as the views have them.

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use super::failure::Failure;
use super::global::Global;
use super::out;
use crate::fold;

/// Lists and shows records.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists.
    List,
}

/// Settles a field in conflict.
#[derive(Debug, ClapArgs)]
pub(super) struct Resolve {
    /// The record's id, its reference, or SITE:id.
    id: String,
}

pub(super) async fn perform(_global: &Global, _command: Command) -> Result<(), Failure> {
    Ok(())
}
pub(super) async fn resolve(_global: &Global, _args: Resolve) -> Result<(), Failure> {
    Ok(())
}

/// Folds all views again and says both hashes.
pub(super) async fn rebuild(global: &Global) -> Result<(), Failure> {
    let truth = super::global::open(&global.config()?).await?;
    let rebuilt = fold::rebuild(&truth).await?;
    let hex = |bytes: [u8; 32]| journal::LogId(bytes).to_string();
    let (old, new) = (hex(rebuilt.old), hex(rebuilt.new));
    let value = json!({ "old": old, "new": new, "entries": rebuilt.entries });
    out::say(global, &value, || format!("before {old}\nafter  {new}"))
}
