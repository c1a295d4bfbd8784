//! Codes that were not valid at the record's own date.

use std::cmp::Ordering;

use super::{Checking, Severity};
use crate::form::Shape;
use crate::input::{Place, each};
use crate::list::List;
use crate::message;
use crate::value::{Date, Value};

impl Checking<'_> {
    pub(super) fn codes(&mut self) {
        if let Some(day) = self.own_date {
            self.each_value(|checking, field, value, place| {
                if let Shape::Choice { list, .. } = &field.shape
                    && list.is_dated()
                {
                    checking.open_codes(list, value, (&place, day));
                }
            });
        }
    }

    fn open_codes(&mut self, list: &List, value: &Value, (place, day): (&Place<'_>, Date)) {
        for code in each(value) {
            let Value::Code(code) = code else { continue };
            let Some(known) = list.code(code) else { continue };
            let edge = |edge: Option<Date>| edge.map_or_else(String::new, |edge| edge.to_string());
            let what = match known.validity.place_of(day) {
                Ordering::Equal => continue,
                Ordering::Less => {
                    message::code_not_yet(self.language, code, edge(known.validity.from), day)
                }
                Ordering::Greater => {
                    message::code_closed(self.language, code, edge(known.validity.to), day)
                }
            };
            self.remark(Severity::Refusal, "closed_code", Some(place.to_string()), what);
        }
    }
}
