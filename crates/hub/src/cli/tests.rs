//! Every command's help shows how it is called, and it can be called so.

use clap::{Command as Described, CommandFactory as _};

use super::*;

/// Returns every command that has no others below it, by its name with those above.
fn leaves(command: &Described, above: &str) -> Vec<(String, Described)> {
    let name = format!("{above}{}", command.get_name());
    if command.get_subcommands().next().is_none() {
        return vec![(name, command.clone())];
    }
    let below = format!("{name} ");
    command.get_subcommands().flat_map(|inner| leaves(inner, &below)).collect()
}

/// Splits a line as a shell does, as far as examples need it.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == ' ' => {
                words.extend(Some(std::mem::take(&mut word)).filter(|w| !w.is_empty()))
            }
            Some(_) | None => word.push(c),
        }
    }
    words.push(word);
    words
}

#[test]
fn every_command_has_an_example_that_it_takes() {
    for (name, command) in leaves(&Cli::command(), "") {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let examples = help.lines().filter_map(|line| line.split_once("ashuu-hub "));
        // What is piped in, or where the output goes, is the shell's.
        let examples: Vec<&str> =
            examples.map(|(_, rest)| rest.split(" > ").next().unwrap_or(rest)).collect();
        assert!(!examples.is_empty(), "{name} has no example");
        for example in examples {
            let line = format!("ashuu-hub {example}");
            let parsed = Cli::try_parse_from(words(&line));
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
            assert!(line.starts_with(&name), "{line} is in the help of {name}");
        }
    }
}
