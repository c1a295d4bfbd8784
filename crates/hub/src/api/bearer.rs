//! Who asks: the bearer of a token, with the role the token was made for.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use record::PersonId;

use crate::problem::Problem;
use crate::truth::reviews::{Decides, Viewer};
use crate::truth::tokens::{self, Token};
use crate::truth::{Truth, speakers};

/// Somebody who may read.
#[derive(Debug)]
pub(super) struct Reader {
    /// Who it is, and whether that person may decide too.
    pub(super) viewer: Viewer,
}

/// Somebody who may decide.
#[derive(Debug)]
pub(super) struct Decider {
    /// Who it is.
    pub(super) person: PersonId,
}

/// Roles that see every record. A partner sees releases only, and there are none yet.
const READERS: [&str; 4] = ["reviewer", "analyst", "administrator", "auditor"];

/// Roles that decide.
const DECIDERS: [&str; 2] = ["reviewer", "administrator"];

impl FromRequestParts<Truth> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, truth: &Truth) -> Result<Self, Problem> {
        let token = admit(parts, truth, &READERS).await?;
        let person = speakers::of(truth, &token).await?;
        let decides =
            if DECIDERS.contains(&token.role.as_str()) { Decides::Yes } else { Decides::No };
        Ok(Self { viewer: Viewer { person, decides } })
    }
}

impl FromRequestParts<Truth> for Decider {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, truth: &Truth) -> Result<Self, Problem> {
        let token = admit(parts, truth, &DECIDERS).await?;
        Ok(Self { person: speakers::of(truth, &token).await? })
    }
}

async fn admit(parts: &Parts, truth: &Truth, roles: &[&str]) -> Result<Token, Problem> {
    let secret = secret(parts).ok_or_else(Problem::no_token)?;
    let mut conn = truth.db.read().await?;
    let token = tokens::check(&mut conn, secret, truth.clock.now_ms()).await?;
    let token = token.ok_or_else(Problem::no_token)?;
    if roles.contains(&token.role.as_str()) {
        Ok(token)
    } else {
        Err(Problem::forbidden(&token.role))
    }
}

fn secret(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}
