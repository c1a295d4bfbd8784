//! `token`: who may use the API.

use clap::{Subcommand, ValueEnum};
use serde_json::{Value as Json, json};

use super::global::Global;
use super::out;
use super::span::Span;
use crate::clock::rfc3339;
use crate::failure::Failure;
use crate::truth::speakers;
use crate::truth::tokens::{self, Token};

/// Makes, lists and revokes tokens of the API.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Makes a token and shows it once.
    #[command(
        after_help = "Example:\n  ashuu-hub token add \"A. Asanova\" --role reviewer --valid 30d"
    )]
    Add {
        /// Its name.
        name: String,
        /// What its bearer may do.
        #[arg(long, value_enum)]
        role: Role,
        /// How long it holds: 365d, 12h, 30m.
        #[arg(long, value_name = "SPAN", default_value = "365d")]
        valid: Span,
    },
    /// Lists tokens, without their secrets.
    #[command(after_help = "Example:\n  ashuu-hub token list")]
    List,
    /// Takes a token back.
    #[command(after_help = "Example:\n  ashuu-hub token revoke \"A. Asanova\"")]
    Revoke {
        /// Its name.
        name: String,
    },
}

/// What a bearer may do.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Role {
    /// Read records and decide on them.
    Reviewer,
    /// Read records and figures.
    Analyst,
    /// Everything.
    Administrator,
    /// Read everything, the audit log too.
    Auditor,
    /// Read what is shared with a partner.
    Partner,
}

impl Role {
    const fn word(self) -> &'static str {
        match self {
            Self::Reviewer => "reviewer",
            Self::Analyst => "analyst",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
            Self::Partner => "partner",
        }
    }
}

pub(super) async fn perform(global: &Global, command: Command) -> Result<(), Failure> {
    let truth = crate::open::open(&global.config()?).await?;
    let now_ms = truth.clock.now_ms();
    match command {
        Command::Add { name, role, valid } => {
            let token = Token {
                name,
                role: role.word().to_owned(),
                created_ms: now_ms,
                expires_ms: now_ms.saturating_add(valid.0),
                revoked: false,
            };
            let mut tx = truth.db.begin().await?;
            let secret = tokens::add(&mut tx, &token).await?;
            if secret.is_some() {
                speakers::introduce(&truth, &mut tx, &token).await?;
            }
            tx.commit().await?;
            let Some(secret) = secret else {
                let words = format!("a token named {} is there already", token.name);
                return Err(Failure::Refused(words));
            };
            let mut value = to_json(&token, now_ms);
            if let Some(fields) = value.as_object_mut() {
                fields.insert("token".to_owned(), json!(secret));
            }
            out::say(global, &value, || format!("{secret}\nIt is shown this once."))
        }
        Command::List => {
            let all = tokens::list(&mut *truth.db.read().await?).await?;
            let value: Vec<Json> = all.iter().map(|token| to_json(token, now_ms)).collect();
            out::say(global, &value, || {
                let line = |token: &Token| {
                    let state = state(token, now_ms);
                    format!("{:<24} {:<14} {state}", token.name, token.role)
                };
                let lines: Vec<String> = all.iter().map(line).collect();
                if lines.is_empty() { "no tokens yet".to_owned() } else { lines.join("\n") }
            })
        }
        Command::Revoke { name } => {
            let mut tx = truth.db.begin().await?;
            let found = tokens::revoke(&mut tx, &name).await?;
            tx.commit().await?;
            if !found {
                return Err(Failure::Refused(format!("there is no token named {name}")));
            }
            let value = json!({ "name": name, "state": "revoked" });
            out::say(global, &value, || format!("{name} is refused from now on."))
        }
    }
}

fn state(token: &Token, now_ms: i64) -> &'static str {
    match (token.revoked, now_ms < token.expires_ms) {
        (true, _) => "revoked",
        (false, true) => "active",
        (false, false) => "expired",
    }
}

fn to_json(token: &Token, now_ms: i64) -> Json {
    json!({
        "name": token.name,
        "role": token.role,
        "state": state(token, now_ms),
        "created": rfc3339(token.created_ms),
        "expires": rfc3339(token.expires_ms),
    })
}
