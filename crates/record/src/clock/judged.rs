//! Which pieces of the hub's time are in doubt, of all that was said about them, in order.

use std::collections::BTreeSet;

use super::said::{Accept, ClockSaid, Piece, PieceName, Reading};
use crate::limits::PIECE_TOLERANCE_MS;

/// Why a piece is in doubt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Doubt {
    /// It began when the clock was set forward.
    Jumped,
    /// It began behind what was shown before.
    Behind,
    /// A piece that began afterwards showed an earlier time.
    Later,
    /// It contradicts the clock that somebody said is right.
    Contradicted,
}

/// A piece, and whether it is in doubt.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Its name.
    pub name: PieceName,
    /// The piece; none of the time before pieces were written down.
    pub piece: Option<Piece>,
    /// Why it is in doubt, if it is.
    pub doubt: Option<Doubt>,
    /// How many entries about the hub's time were there before.
    place: usize,
}

/// The hub's time, judged.
#[derive(Clone, Debug)]
pub struct HubTime {
    pieces: Vec<Judged>,
    accepts: Vec<Accept>,
    /// How many entries were there up to the last word.
    settled: usize,
}

/// What the standing words of people say of a piece.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Word {
    Sound,
    Doubtful,
    Nothing,
}

impl HubTime {
    /// Judges everything that was said, in the order in which it was said.
    #[must_use]
    pub fn of(said: impl IntoIterator<Item = ClockSaid>) -> Self {
        let older = Judged { name: PieceName::OLDER, piece: None, doubt: None, place: 0 };
        let mut pieces = vec![older];
        let mut accepts = Vec::new();
        for (place, said) in (1..).zip(said) {
            match said {
                ClockSaid::Piece(piece) => {
                    let name = piece.name();
                    pieces.push(Judged { name, piece: Some(piece), doubt: None, place });
                }
                ClockSaid::Accept(accept) => accepts.push((place, accept)),
            }
        }
        let accepts = standing(accepts);
        let doubts = doubts(&pieces, &accepts);
        for (piece, doubt) in pieces.iter_mut().zip(doubts) {
            piece.doubt = doubt;
        }
        let settled = accepts.last().map_or(0, |(place, _accept)| *place);
        Self {
            pieces,
            settled,
            accepts: accepts.into_iter().map(|(_place, accept)| accept).collect(),
        }
    }

    /// Returns all pieces, in the order in which they began; the first is the time before any.
    #[must_use]
    pub fn pieces(&self) -> &[Judged] {
        &self.pieces
    }

    /// Returns the last word that stands on what the time is.
    #[must_use]
    pub fn accepted(&self) -> Option<&Accept> {
        self.accepts.last()
    }

    /// Returns the piece that a moment belongs to; none of a reading is the time before any.
    ///
    /// A command writes without a piece of its own: it goes with what a hub on the same machine says.
    #[must_use]
    pub fn piece_of(&self, reading: Option<&Reading>) -> Option<&Judged> {
        let Some(reading) = reading else { return self.pieces.first() };
        let fits = |judged: &&Judged| judged.piece.as_ref().is_some_and(|it| it.at.agrees(reading));
        let begun = |judged: &&Judged| judged.name.boot_ms <= reading.boot_ms;
        let own = |judged: &&Judged| judged.name.run == reading.run;
        let known = |judged: &&Judged| {
            judged.piece.as_ref().is_some_and(|piece| piece.at.is_of_boot(reading))
        };
        let mut all = self.pieces.iter().rev().filter(fits);
        all.clone()
            .find(|it| own(it) && begun(it))
            .or_else(|| all.clone().filter(known).find(begun))
            .or_else(|| all.rfind(known))
    }

    /// Returns whether a moment bounds anything. One that no piece explains does, unless a clock of
    /// the same start of that machine told the time otherwise.
    #[must_use]
    pub fn is_sound(&self, reading: Option<&Reading>) -> bool {
        match (self.piece_of(reading), reading) {
            (Some(judged), _) => judged.doubt.is_none(),
            (None, None) => true,
            (None, Some(reading)) => {
                let told = self.pieces.iter().filter_map(|judged| judged.piece.as_ref());
                let mut told =
                    told.map(|piece| &piece.at).chain(self.accepts.iter().map(|it| &it.at));
                !told.any(|at| at.run == reading.run || at.is_of_boot(reading))
            }
        }
    }

    /// Returns whether a doubt waits for somebody to say what is right. What was in doubt before the
    /// last word, and is still, bounds nothing for ever.
    #[must_use]
    pub const fn is_open(&self, judged: &Judged, doubt: Doubt) -> bool {
        match doubt {
            Doubt::Contradicted => false,
            Doubt::Later => true,
            Doubt::Jumped | Doubt::Behind => self.settled < judged.place,
        }
    }

    /// Returns the pieces in doubt.
    pub fn in_doubt(&self) -> impl Iterator<Item = (&Judged, Doubt)> {
        self.pieces.iter().filter_map(|judged| judged.doubt.map(|doubt| (judged, doubt)))
    }
}

/// Returns the words that stand: the last one does, and each before it that none of these contradicts.
fn standing(accepts: Vec<(usize, Accept)>) -> Vec<(usize, Accept)> {
    let mut standing: Vec<(usize, Accept)> = Vec::new();
    for (place, accept) in accepts.into_iter().rev() {
        if !standing.iter().any(|(_place, later)| contradicts(&later.at, &accept.at)) {
            standing.push((place, accept));
        }
    }
    standing.reverse();
    standing
}

/// Returns whether what the clocks said before can't be right if they are now.
fn contradicts(now: &Reading, before: &Reading) -> bool {
    if now.is_of_boot(before) {
        return !now.agrees(before);
    }
    now.wall_ms.saturating_add(PIECE_TOLERANCE_MS) < before.wall_ms
}

/// Returns why each piece is in doubt.
fn doubts(pieces: &[Judged], accepts: &[(usize, Accept)]) -> Vec<Option<Doubt>> {
    let words: Vec<Word> = pieces.iter().map(|judged| word(judged, accepts)).collect();
    let refuted: BTreeSet<PieceName> = pieces
        .iter()
        .zip(&words)
        .filter(|(_judged, word)| **word == Word::Doubtful)
        .map(|(judged, _word)| judged.name)
        .collect();
    // What somebody settled since is not asked again: then either the earlier piece is refuted, or
    // the one that fell behind it is wrong.
    let settled = accepts.last().map_or(0, |(place, _accept)| *place);
    let shown_later: BTreeSet<PieceName> = pieces
        .iter()
        .filter(|judged| settled < judged.place)
        .filter_map(|judged| judged.piece.as_ref())
        .flat_map(|piece| piece.later.iter().copied())
        .collect();
    let doubt = |(judged, word): (&Judged, &Word)| {
        if *word == Word::Doubtful {
            return Some(Doubt::Contradicted);
        }
        if shown_later.contains(&judged.name) {
            return Some(Doubt::Later);
        }
        let piece = judged.piece.as_ref().filter(|_piece| *word == Word::Nothing)?;
        if piece.jump_ms.is_some_and(|jump| PIECE_TOLERANCE_MS < jump) {
            return Some(Doubt::Jumped);
        }
        let is_behind = piece.later.iter().any(|name| !refuted.contains(name));
        is_behind.then_some(Doubt::Behind)
    };
    pieces.iter().zip(&words).map(doubt).collect()
}

/// Returns what the last of the standing words that speaks of a piece says.
fn word(judged: &Judged, accepts: &[(usize, Accept)]) -> Word {
    for (_place, accept) in accepts.iter().rev().filter(|(place, _)| judged.place < *place) {
        if accept.doubtful.contains(&judged.name) {
            return Word::Doubtful;
        }
        let at = judged.piece.as_ref().map(|piece| &piece.at);
        if at.is_some_and(|at| at.is_of_boot(&accept.at)) {
            return Word::Sound;
        }
    }
    Word::Nothing
}
