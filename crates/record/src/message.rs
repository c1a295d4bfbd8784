//! What the program itself says of input and records, in the reader's language.
//!
//! The words stand in `config/messages.toml`, one entry a function here; what is told in them is
//! the function's arguments, so a missing one does not compile. A test compares both.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

use crate::card::Words;
use crate::list::Language;

const SOURCE: &str = include_str!("../../../config/messages.toml");

/// By name; of a file that could not be read nothing, which a test would have found.
static MESSAGES: LazyLock<BTreeMap<String, Words>> =
    LazyLock::new(|| read(SOURCE).unwrap_or_default());

fn read(source: &str) -> Result<BTreeMap<String, Words>, toml::de::Error> {
    toml::from_str(source)
}

/// Puts what is told into the words; words that are missing show their name.
fn say(language: Language, name: &str, told: &[(&str, &dyn Display)]) -> String {
    let words = MESSAGES.get(name).and_then(|words| words.in_language(language));
    let mut rest = words.map_or(name, |label| label.text);
    let mut said = String::with_capacity(rest.len());
    while let Some((before, placed)) = rest.split_once('{') {
        let Some((key, after)) = placed.split_once('}') else { break };
        said.push_str(before);
        match told.iter().find(|(name, _)| *name == key) {
            Some((_, value)) => said.push_str(&value.to_string()),
            // Braces that hold no name are the message's own.
            None => said.extend(["{", key, "}"]),
        }
        rest = after;
    }
    said.push_str(rest);
    said
}

macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident($($told:ident),*);)*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $name(language: Language $(, $told: impl Display)*) -> String {
                say(language, stringify!($name), &[$((stringify!($told), &$told)),*])
            }
        )*

        /// Every message and what is told in it.
        #[cfg(test)]
        const ALL: &[(&str, &[&str])] =
            &[$((stringify!($name), &[$(stringify!($told)),*])),*];
    };
}

messages! {
    /// An answer is missing.
    required();
    /// A group has no row.
    row_required();
    /// An answer stands where the question does not apply.
    hidden();
    /// A text is shorter than it should be.
    short(least);
    /// A first notice is to be completed.
    to_complete(fields);
    /// A first notice is to be completed in time.
    to_complete_within(hours, fields);
    /// A code that is not valid yet.
    code_not_yet(code, edge, day);
    /// A code that was closed.
    code_closed(code, edge, day);
    /// References to records that are not known here.
    unresolved(count, form);
    /// A value that other records have too.
    not_unique(others);
    /// A time before the one it follows.
    not_earlier(other);
    /// A time that is not after the one it follows.
    later(other);
    /// A time that lies ahead.
    future();
    /// A site that was not valid then.
    site_not_valid();
    /// One value where many are due, or the other way round.
    one_or_many();
    /// A value that stands twice.
    twice();
    /// A stored value that is no such text.
    no_text();
    /// A stored value that is no such number.
    no_number();
    /// A stored value that is no code.
    no_code();
    /// A stored value of another type.
    other_type();
    /// A value that must not be stored.
    not_stored();
    /// A name that is no field of the form.
    no_field(form);
    /// A name that is no field of the group.
    no_inner_field(group);
    /// A path that is no field.
    no_path();
    /// A key of the program that there is none of.
    no_key();
    /// An id that is none.
    bad_id();
    /// An author who is no text.
    bad_author();
    /// A reason of a void that is no text.
    bad_void();
    /// A line that was exported while fields stood in conflict.
    line_in_conflict(fields, key);
    /// A row's id in a new record.
    row_id_in_new();
    /// One value where there may be many.
    give_list();
    /// Too many values.
    too_many_values(most);
    /// What is wrong with one value of several.
    value_number(number, reason);
    /// An empty value among several.
    value_empty(number);
    /// A value that repeats an earlier one.
    value_repeats(number);
    /// Too many rows.
    too_many_rows(most);
    /// Rows that are no list.
    give_rows();
    /// A row that is no object.
    row_no_object();
    /// A row with nothing in it.
    row_empty();
    /// A row that there is none of.
    no_row();
    /// A row that nobody may change.
    row_append();
    /// A row that came after the author looked.
    row_unseen();
    /// No text.
    want_text();
    /// A text that is too long.
    text_too_long(length, most);
    /// A text holds what is no letter.
    text_control(character);
    /// Neither true nor false.
    want_bool();
    /// No whole number within its bounds.
    want_int(min, max);
    /// No quantity.
    want_decimal();
    /// A quantity that is too small.
    decimal_above(above);
    /// A quantity that is too large.
    decimal_at_most(at_most);
    /// No day.
    want_date();
    /// No instant.
    want_datetime();
    /// None of a list's numbers.
    want_number_code(codes);
    /// No text where a code is due.
    want_code(codes);
    /// A code that the list does not have.
    unknown_code(list, code, codes);
    /// Where to find the codes of a long list.
    codes_of(count, list);
    /// A group's value that is no list.
    is_group();
    /// A value for a field that is computed.
    is_computed();
    /// A review's state: not handed in.
    review_draft();
    /// A review's state: it waits.
    review_submitted();
    /// A review's state: it waits again.
    review_resubmitted();
    /// A review's state: changed after it was accepted.
    review_changed();
    /// A review's state: the centre waits.
    review_on_hold();
    /// A review's state: the site is to correct it.
    review_returned();
    /// A review's state: accepted.
    review_accepted();
    /// A review's state: it is there twice.
    review_duplicate();
    /// A review's state: it is not counted.
    review_not_reportable();
    /// A review's state: the site has it back.
    review_recalled();
    /// An act that the state does not allow.
    review_not_now(state);
    /// An act without the remark it needs.
    review_no_remark();
    /// A change of an accepted record without a reason.
    review_no_reason();
    /// A duplicate of itself.
    review_of_itself();
    /// An acceptance while values differ.
    review_conflict();
    /// An acceptance of a first notice.
    review_incomplete();
    /// An acceptance of a record whose first entry has not come.
    review_first_missing();
    /// Two decisions that stand against each other.
    review_decided_twice();
    /// An answer that crossed a later decision.
    review_crossed();
    /// An act of the side that has no say in it.
    review_not_its_act();
    /// A resubmission with nothing new.
    review_nothing_new();
    /// A remark that is too long.
    review_too_long(most);
    /// Too many remarks on fields.
    review_too_many(most);
    /// A field without its remark.
    review_empty_remark(field);
    /// A remark on a field that there is none of.
    review_no_field();
    /// A due date that is no day.
    review_due_day();
    /// A due date that is over.
    review_due_over();
    /// A due date where nothing is returned.
    review_due_only();
    /// An original where nothing is a duplicate.
    review_of_only();
    /// A duplicate without its original.
    review_of_missing();
    /// An original that is a duplicate.
    review_of_duplicate(original);
    /// A void of what is void.
    void_already();
    /// The form is not known here.
    unknown_form(form, version);
    /// The form has no such field.
    unknown_field();
    /// A value of a sort that is not known here.
    unknown_value();
    /// A field that is set once was changed.
    immutable_changed();
    /// A row that is only added was changed.
    append_changed();
    /// A row that is only added was removed.
    append_removed();
    /// A row was removed and changed.
    removed_row_changed();
    /// A record that is void was changed.
    void_unseen(fields);
    /// A record whose first entry has not come.
    incomplete();
    /// A line that is no text.
    line_not_utf8();
    /// A line that is too long.
    line_too_long(most);
    /// A line that is no JSON.
    line_not_json(why, place);
    /// A line that is no object.
    line_no_object();
    /// An id that another line had.
    id_taken(reference);
    /// A person who is not known here.
    author_unknown();
    /// A person whose name others have.
    author_ambiguous();
    /// A form that only some sites may write.
    not_published_here(form, site);
    /// A record of another site.
    made_elsewhere(site);
    /// A record of a site that the centre wants to change.
    amended_there(site);
    /// A reason that is missing.
    reason_missing();
    /// A reason that is too long.
    reason_too_long(most);
}

#[cfg(test)]
mod tests;
