//! Times: their order, and whether they lie ahead. A wrong clock warns and never blocks.

use super::{Checking, Severity};
use crate::form::{Field, Order};
use crate::input::Place;
use crate::message;
use crate::value::Value;

/// How far ahead of a trusted clock a time may lie: no clock of a colony is exact.
const AHEAD_MS_MAX: i64 = 10 * 60 * 1000;

impl Checking<'_> {
    pub(super) fn times(&mut self) {
        self.order();
        self.ahead();
        self.site();
    }

    fn order(&mut self) {
        let (form, tree) = (self.form, self.tree);
        for (place, field) in form.fields.iter().enumerate() {
            let Some(order) = field.order.as_ref().filter(|_order| self.is_shown(place)) else {
                continue;
            };
            let excused = order.unless.as_ref().is_some_and(|unless| unless.holds(tree, None));
            let (later, earlier) = (tree.slot(place).value(), tree.slot(order.other).value());
            let (Some(later), Some(earlier)) = (later, earlier) else { continue };
            if !excused && (later < earlier || (order.strictly && later == earlier)) {
                self.out_of_order(field, order);
            }
        }
    }

    fn out_of_order(&mut self, field: &Field, order: &Order) {
        let other = self.form.fields.get(order.other).map_or("", |other| other.id.as_str());
        let other = self.called(other);
        let what = if order.strictly {
            message::later(self.language, other)
        } else {
            message::not_earlier(self.language, other)
        };
        self.remark(Severity::Refusal, "order", Some(field.id.clone()), what);
    }

    fn ahead(&mut self) {
        let Some(now) = self.facts.now else { return };
        let expected = self.form.future_when.as_ref();
        if expected.is_some_and(|expected| expected.holds(self.tree, None)) {
            return;
        }
        let latest = now.utc_ms.saturating_add(AHEAD_MS_MAX);
        let today = now.date();
        self.each_value(|checking, _field, value, place: Place<'_>| {
            let ahead = matches!(value, Value::DateTime(time) if latest < time.utc_ms)
                || matches!(value, Value::Date(date) if today.is_some_and(|today| today < *date));
            if ahead {
                let what = message::future(checking.language);
                checking.remark(Severity::Warning, "future", Some(place.to_string()), what);
            }
        });
    }

    fn site(&mut self) {
        let (Some(validity), Some(day)) = (self.facts.site_valid, self.own_date) else { return };
        if !validity.holds(day) {
            let field = self.form.own_date.and_then(|place| self.form.fields.get(place));
            let field = field.map(|field| field.id.clone());
            let what = message::site_not_valid(self.language);
            self.remark(Severity::Warning, "site_not_valid", field, what);
        }
    }
}
