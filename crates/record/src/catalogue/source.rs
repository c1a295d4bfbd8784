//! What a source file is called by.

/// Returns the name a file gives what is in it: its own, without folders and ending.
pub(crate) fn name<'a>(file: &'a str, ending: &str) -> &'a str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.strip_suffix(ending).unwrap_or(name)
}
