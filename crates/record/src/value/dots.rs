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

/// Dots as they are read; an empty group, or two neighbours of one log, would be a second encoding:
/// the codec compares and refuses them.
pub(crate) struct Dots(pub(crate) Vec<Dot>);

/// Dots as they are written.
pub(crate) struct DotsOut<'a>(pub(crate) &'a [Dot]);

impl Serialize for DotsOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        group(self.0).serialize(serializer)
    }
}

impl Serialize for Dots {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        DotsOut(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Dots {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let groups = Vec::<Group>::deserialize(deserializer)?;
        let dots = |(log, dots): Group| dots.into_iter().map(move |(seq, id)| Dot { log, seq, id });
        Ok(Self(groups.into_iter().flat_map(dots).collect()))
    }
}
