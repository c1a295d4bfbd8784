//! A table as numbered lines, some at a time: each a record with its rows, or what is wrong.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use record::table::{Entry, Table, TableFault, group_beside};
use record::{FieldError, Form};
use serde_json::Value as Json;

use crate::failure::Failure;
use crate::limits::ADD_LINES;
use crate::write::Line;

/// The records of a table.
pub(super) struct Lines {
    table: Table<Box<dyn io::Read + Send>, File>,
    name: String,
}

impl Lines {
    /// Begins to read a table, and the files of its groups beside it.
    pub(super) fn open(file: Option<&Path>, form: &Form) -> Result<Self, Failure> {
        let name = file.map_or_else(|| "the input".to_owned(), name);
        let unusable = |(group, fault): (Option<String>, TableFault)| {
            let group = group.map(|group| format!(" ({group})")).unwrap_or_default();
            Failure::Refused(format!("{name}{group}: {fault}"))
        };
        let (input, groups): (Box<dyn io::Read + Send>, _) = match file {
            None => (Box::new(io::stdin()), Vec::new()),
            Some(file) => (Box::new(open(file)?), groups(file)?),
        };
        let table = Table::open(input, groups).map_err(unusable)?;
        table.headers().check(form).map_err(|errors| Failure::Refused(sentence(&errors)))?;
        Ok(Self { table, name })
    }

    /// Returns the next lines; none at the end.
    pub(super) fn chunk(&mut self, form: &Form) -> Result<Vec<Line>, Failure> {
        let entries = self.table.by_ref().take(ADD_LINES);
        let line = |entry: Result<Entry, TableFault>| match entry {
            Ok(Entry::Record { line, cells }) => {
                Ok(Line { number: line, text: Ok(Json::Object(cells.object(form)).to_string()) })
            }
            Ok(Entry::Wrong { group, line, error }) => {
                let file =
                    group.map(|group| format!("in the file of {group}: ")).unwrap_or_default();
                Ok(Line { number: line, text: Err(format!("{file}{error}")) })
            }
            Err(fault) => Err(Failure::Refused(format!("{}: {fault}", self.name))),
        };
        entries.map(line).collect()
    }
}

fn groups(file: &Path) -> Result<Vec<(String, File)>, Failure> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)?.flatten() {
        let group = group_beside(&name(file), &entry.file_name().to_string_lossy());
        found.extend(group.map(|group| (group, entry.path())));
    }
    found.sort();
    found.into_iter().map(|(group, path)| Ok((group, open(&path)?))).collect()
}

fn open(file: &Path) -> Result<File, Failure> {
    File::open(file)
        .map_err(|error| Failure::Usage(format!("cannot read {}: {error}", file.display())))
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}

fn sentence(errors: &[FieldError]) -> String {
    let errors: Vec<String> = errors.iter().map(FieldError::to_string).collect();
    errors.join("; ")
}
