//! How dots travel: grouped by log, since most of a record's dots share one.

use journal::{Dot, LogId, ShortId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Dots of one log.
type Group = (LogId, Vec<(u64, ShortId)>);

/// Groups neighbours of one log; the order stays.
fn group(dots: &[Dot]) -> Vec<Group> {
    dots.chunk_by(|one, two| one.log == two.log)
        .filter_map(|run| {
            Some((run.first()?.log, run.iter().map(|dot| (dot.seq, dot.id)).collect()))
        })
        .collect()
}

/// Writes `dots` grouped by log.
pub(crate) fn serialize<S: Serializer>(dots: &[Dot], serializer: S) -> Result<S::Ok, S::Error> {
    group(dots).serialize(serializer)
}

/// Reads dots. An empty group, or two neighbours of one log, would be a second encoding: the codec
/// compares and refuses them.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Dot>, D::Error> {
    let groups = Vec::<Group>::deserialize(deserializer)?;
    let dots = |(log, dots): Group| dots.into_iter().map(move |(seq, id)| Dot { log, seq, id });
    Ok(groups.into_iter().flat_map(dots).collect())
}

/// Dots as a value of their own.
#[derive(Serialize, Deserialize)]
pub(crate) struct Dots(#[serde(with = "self")] pub(crate) Vec<Dot>);
