//! Who asks: the bearer of a token, with the role the token was made for.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::problem::Problem;
use crate::truth::{Truth, tokens};

/// Somebody who may read.
#[derive(Debug)]
pub(super) struct Reader;

/// Somebody who may settle conflicts.
#[derive(Debug)]
pub(super) struct Decider;

/// Roles that see every record. A partner sees releases only, and there are none yet.
const READERS: [&str; 4] = ["reviewer", "analyst", "administrator", "auditor"];

/// Roles that decide.
const DECIDERS: [&str; 2] = ["reviewer", "administrator"];

impl FromRequestParts<Truth> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, truth: &Truth) -> Result<Self, Problem> {
        admit(parts, truth, &READERS).await.map(|()| Self)
    }
}

impl FromRequestParts<Truth> for Decider {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, truth: &Truth) -> Result<Self, Problem> {
        admit(parts, truth, &DECIDERS).await.map(|()| Self)
    }
}

async fn admit(parts: &Parts, truth: &Truth, roles: &[&str]) -> Result<(), Problem> {
    let secret = secret(parts).ok_or_else(Problem::no_token)?;
    let mut conn = truth.db.read().await?;
    let token = tokens::check(&mut conn, secret, truth.clock.now_ms()).await?;
    let token = token.ok_or_else(Problem::no_token)?;
    if roles.contains(&token.role.as_str()) { Ok(()) } else { Err(Problem::forbidden(&token.role)) }
}

fn secret(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}
