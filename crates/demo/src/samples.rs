//! A year of sample records of three colonies, and the courses they teach.

/// A form, and the sample records of it.
pub(crate) type Sample = (&'static str, &'static str);

macro_rules! sample {
    ($site:literal, $form:literal) => {
        ($form, include_str!(concat!("../../../tests/data/", $site, ".", $form, ".jsonl")))
    };
}

macro_rules! samples {
    ($site:literal) => {
        (
            $site,
            [
                sample!($site, "staff_member"),
                sample!($site, "incident"),
                sample!($site, "search"),
                sample!($site, "training_session"),
                sample!($site, "prevention_activity"),
                sample!($site, "nil_report"),
                sample!($site, "medicine_check"),
            ],
        )
    };
}

/// The colonies, and what each wrote: its staff first, since other records name them.
pub(crate) const COLONIES: [(&str, [Sample; 7]); 3] =
    [samples!("INST-016"), samples!("INST-021"), samples!("INST-027")];

/// The courses, which are made at the centre and go to everyone.
pub(crate) const COURSES: &str = include_str!("../../../tests/data/course.jsonl");

/// The institutions.
pub(crate) const INSTITUTIONS: &str = include_str!("../../../config/vocabularies/institutions.csv");
