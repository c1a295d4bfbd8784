//! The words of one language, from `words/<lang>.ftl`.
//!
//! A key that is missing shows itself; a test sees to it that none is.

use std::borrow::Borrow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

use crate::lang::Lang;
use crate::written;

static KY: LazyLock<Dictionary> =
    LazyLock::new(|| Dictionary::read(Lang::Ky, include_str!("../words/ky.ftl")));
static RU: LazyLock<Dictionary> =
    LazyLock::new(|| Dictionary::read(Lang::Ru, include_str!("../words/ru.ftl")));
static EN: LazyLock<Dictionary> =
    LazyLock::new(|| Dictionary::read(Lang::En, include_str!("../words/en.ftl")));

/// The words of one language.
pub struct Dictionary {
    /// The language.
    pub lang: Lang,
    bundle: FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dictionary({})", self.lang.code())
    }
}

impl Dictionary {
    /// Returns the words of `lang`.
    #[must_use]
    pub fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::Ky => &KY,
            Lang::Ru => &RU,
            Lang::En => &EN,
        }
    }

    /// Returns the words under `key`.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// Returns the words under `key` about `count` things.
    #[must_use]
    pub fn n(&self, key: &str, count: impl Borrow<u64>) -> String {
        let mut args = FluentArgs::new();
        let count = count.borrow();
        args.set("n", *count);
        args.set("number", self.number(count));
        self.format(key, Some(&args))
    }

    /// Returns the words under `key` about `what`.
    #[must_use]
    pub fn with(&self, key: &str, what: &str) -> String {
        let mut args = FluentArgs::new();
        args.set("what", what);
        self.format(key, Some(&args))
    }

    /// Returns an instant as people of this language write it.
    #[must_use]
    pub fn time(&self, rfc3339: &str) -> String {
        written::time(rfc3339)
    }

    /// Returns a stretch of time as people of this language write it.
    #[must_use]
    pub fn span(&self, from: &str, to: &str) -> String {
        written::span(from, to)
    }

    /// Returns a number with its digits in groups.
    #[must_use]
    pub fn number(&self, number: &u64) -> String {
        let gap = match self.lang {
            Lang::Ky | Lang::Ru => '\u{a0}',
            Lang::En => ',',
        };
        written::number(*number, gap)
    }

    /// Returns a quantity with the mark this language has before its fraction.
    #[must_use]
    pub fn decimal(&self, quantity: &str) -> String {
        match self.lang {
            Lang::Ky | Lang::Ru => quantity.replace('.', ","),
            Lang::En => quantity.to_owned(),
        }
    }

    /// Returns an amount of bytes in the unit that suits it.
    #[must_use]
    pub fn bytes(&self, bytes: &u64) -> String {
        let (amount, key) = written::bytes(*bytes);
        self.with(key, &self.decimal(&amount))
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let mut unknown = Vec::new();
        self.bundle.format_pattern(pattern, args, &mut unknown).into_owned()
    }

    /// Reads the words of `lang` from a Fluent file.
    #[must_use]
    pub fn read(lang: Lang, source: &str) -> Self {
        // What can be read of a broken file is used; a test refuses it before it is shipped.
        let resource = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        let locale = lang.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Self { lang, bundle }
    }
}

#[cfg(test)]
mod tests;
