//! Words searched for: which of them are rare enough to be looked up, and how.
//!
//! A common word stands in one of the next records of any list, so the list is simply read on. A
//! rare one would make it read all: its records are looked up.

use super::ViewError;
use crate::db::{self, Builder, Conn};
use crate::tables::search;

/// Records in which a word may stand to be rare.
const RARE_MAX: i64 = 1_000;

/// Letters of a word that can be looked up: the engines keep parts of three.
const LETTERS_MIN: usize = 3;

/// The words searched for.
#[derive(Debug, Default)]
pub(super) struct Words {
    all: Vec<String>,
    /// The pattern of the rarest word, if it is rare.
    rare: Option<String>,
}

impl Words {
    /// Reads what was typed, and finds out which word is rare.
    pub(super) async fn read(conn: &mut Conn, text: Option<&str>) -> Result<Self, ViewError> {
        let typed = text.unwrap_or_default().split_whitespace();
        let all: Vec<String> = typed.map(search::folded).collect();
        let mut words = Self { all, rare: None };
        // After many records at once, until their texts are written, looking up is no shorter way.
        let waiting = "SELECT COUNT(*) FROM (SELECT id FROM to_search LIMIT $1) AS few";
        let waiting: i64 =
            db::query_scalar(waiting).bind(RARE_MAX + 1).fetch_one(&mut *conn).await?;
        if words.all.is_empty() || RARE_MAX < waiting {
            return Ok(words);
        }
        let mut least = RARE_MAX;
        for word in words.all.iter().filter(|word| is_looked_up(word)) {
            let pattern = pattern(word);
            let count = "SELECT COUNT(*) FROM \
                         (SELECT rowid FROM record_text WHERE search LIKE $1 LIMIT $2) AS few";
            let found: i64 = db::query_scalar(count)
                .bind(&pattern)
                .bind(least + 1)
                .fetch_one(&mut *conn)
                .await?;
            if found <= least {
                (least, words.rare) = (found, Some(pattern));
            }
        }
        Ok(words)
    }

    /// Narrows a list of records to those in which all of the words stand.
    pub(super) fn narrow(&self, sql: &mut Builder) {
        if let Some(pattern) = &self.rare {
            // In these words both engines begin with the texts and go from them to the records.
            sql.push(
                " AND (site, id) IN (SELECT DISTINCT site, id FROM (SELECT s.site, s.id \
                 FROM record_text AS t CROSS JOIN searched AS s \
                 WHERE s.number = t.rowid AND t.search LIKE ",
            );
            sql.push_bind(pattern).push(" UNION ALL SELECT site, id FROM to_search) AS found)");
        }
        for word in &self.all {
            sql.push(" AND search LIKE ").push_bind(pattern(word)).push(" ESCAPE '\\'");
        }
    }
}

/// Returns whether the engines can look a word up; letters that mean something in a pattern can't.
fn is_looked_up(word: &str) -> bool {
    LETTERS_MIN <= word.chars().count() && !word.contains(['%', '_', '\\'])
}

/// Returns the pattern that finds a word anywhere.
fn pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for letter in word.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests;
