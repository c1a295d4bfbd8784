//! Lives through many worlds: `cargo run --release -p tests --bin world -- --seeds 0..1000000`.
//!
//! Without `--climate` every climate has its share. Prints how fast it went and which faults fired;
//! at the first broken law it prints the story and ends with 1. With `--survey` it goes on and
//! counts the broken laws instead.

#![expect(clippy::print_stdout, reason = "the report is what it is for")]

use std::collections::BTreeMap;
use std::ops::Range;
use std::process::ExitCode;
use std::time::Instant;

use world::{Broken, Census, Climate, Tally, all};

fn main() -> ExitCode {
    match asked().map_err(|usage| (usage, 2)).and_then(|asked| live(&asked)) {
        Ok(()) => ExitCode::SUCCESS,
        Err((words, code)) => {
            println!("{words}");
            ExitCode::from(code)
        }
    }
}

/// What the command line asks for.
struct Asked {
    seeds: Range<u64>,
    climates: Vec<(&'static str, Climate)>,
    survey: bool,
}

fn asked() -> Result<Asked, String> {
    let mut asked = Asked { seeds: 0..100, climates: Climate::ALL.to_vec(), survey: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seeds" => {
                let seeds = words.next().unwrap_or_default();
                let ends = seeds.split_once("..").ok_or("--seeds wants A..B")?;
                let end = |text: &str| {
                    text.parse().map_err(|error| format!("{text} is no number: {error}"))
                };
                asked.seeds = end(ends.0)?..end(ends.1)?;
            }
            "--climate" => {
                let name = words.next().unwrap_or_default();
                asked.climates.retain(|(known, _)| *known == name);
                if asked.climates.is_empty() {
                    return Err(format!("there is no climate {name:?}"));
                }
            }
            "--survey" => asked.survey = true,
            other => return Err(format!("{other} is not understood")),
        }
    }
    Ok(asked)
}

/// Returns a law without the names and numbers in it.
fn kind(law: &str) -> String {
    let words = law.split(' ').filter(|word| !word.chars().any(|c| c.is_ascii_digit()));
    words.take(12).collect::<Vec<_>>().join(" ")
}

fn live(asked: &Asked) -> Result<(), (String, u8)> {
    for (name, climate) in &asked.climates {
        let began = Instant::now();
        let worlds = all(asked.seeds.clone(), *climate, None);
        let count = worlds.len();
        let mut sum = Tally::default();
        let mut census = Census::default();
        let mut broken: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for (seed, lived) in worlds {
            match lived {
                Ok(tally) => {
                    census.add(&tally.census);
                    sum.add(&tally);
                }
                Err(Broken { census: of_world, law, .. }) if asked.survey => {
                    census.add(&of_world);
                    broken.entry(kind(&law)).or_insert((seed, 0)).1 += 1;
                }
                Err(broken) => return Err((format!("{name}, seed {seed}:\n{broken}"), 1)),
            }
        }
        let seconds = began.elapsed().as_secs_f64().max(0.001);
        let speed = f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / seconds;
        println!("{name}: {count} worlds, {speed:.1} a second; {census}");
        let Tally { events, steps, resent, rounds, rests, forks, faults, .. } = sum;
        println!(
            "  {events} events, {steps} steps, {resent} entries resent, {rests} rests after at most \
             {rounds} rounds, {forks} forked logs"
        );
        println!("  faults: {faults:?}");
        for (law, (seed, times)) in broken {
            println!("  broken in {times} worlds, as in seed {seed}: {law}");
        }
    }
    Ok(())
}
