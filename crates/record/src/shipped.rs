//! The forms and vocabularies this program brings along. The centre may publish later versions.

use crate::catalogue::{Catalogue, CatalogueError};

macro_rules! shipped {
    ($folder:literal: $($file:literal),* $(,)?) => {
        &[$(($file, include_str!(concat!("../../../config/", $folder, "/", $file)))),*]
    };
}

const FORMS: &[(&str, &str)] = shipped!["forms":
    "course.toml",
    "incident.toml",
    "medicine_check.toml",
    "nil_report.toml",
    "prevention_activity.toml",
    "search.toml",
    "staff_member.toml",
    "training_session.toml",
];

const VOCABULARIES: &[(&str, &str)] = shipped!["vocabularies":
    "agencies.csv",
    "choices.csv",
    "incident_types.csv",
    "institutions.csv",
    "regions.csv",
    "substances.csv",
];

impl Catalogue {
    /// Reads what this program brings along.
    ///
    /// # Errors
    ///
    /// A mistake in one of the files, which a test would have found.
    pub fn shipped() -> Result<Self, CatalogueError> {
        Self::from_sources(FORMS, VOCABULARIES)
    }
}
