//! What the operating system saw: nothing is called saved before its bytes are on the disk.
//!
//! The real agent runs under `strace`. For every record that is acknowledged the trace must hold,
//! in this order: a write of the record's id into a segment of the journal, an `fdatasync` of that
//! file that returned 0, the acknowledgement. A call that strace itself answered does not count.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::data;
use crate::rig::{Colony, Hub, run};

/// Follow every thread, name files, show every byte.
const OPTIONS: [&str; 7] = [
    "-f",
    "-y",
    "-xx",
    "-s",
    "4194304",
    "-e",
    "trace=write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,fdatasync",
];

/// By which calls something can be said to somebody.
const SAYING: [&str; 4] = ["write(", "writev(", "sendto(", "sendmsg("];

/// Where a record's bytes are.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Stage {
    /// Written into this file, perhaps only in memory.
    Written(String),
    /// On the disk.
    Durable,
}

#[test]
fn nothing_is_called_saved_before_its_bytes_are_on_the_disk() {
    if !strace_works() {
        return;
    }
    let searches = data::searches(1, 1_200);
    let trace = traced_import(&[], &data::lines(&searches));
    assert_eq!(check(&trace, &ids(&searches)), Ok(searches.len()));
}

#[test]
fn a_running_agent_answers_created_only_when_the_record_is_on_the_disk() {
    if !strace_works() {
        return;
    }
    let hub = Hub::start(&["INST-027"]);
    let mut colony = Colony::enrol(&hub, "INST-027");
    colony.run();
    let trace = colony.data().with_file_name("trace");
    let mut strace = Command::new("strace");
    strace.args(OPTIONS).arg("-o").arg(&trace).args(["-p", &colony.pid().to_string()]);
    let mut strace = strace.stderr(Stdio::piped()).spawn().unwrap();
    // Held to the end: a strace that can't speak any more dies.
    let mut strace_says = BufReader::new(strace.stderr.take().unwrap());
    let mut attached = String::new();
    strace_says.read_line(&mut attached).unwrap();
    assert!(attached.contains("attached"), "{attached}");
    let searches = data::searches(3, 10);
    for search in &searches {
        let answer = colony.post("search", search);
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    colony.kill();
    strace.wait().unwrap();
    let trace = fs::read_to_string(trace).unwrap();
    assert_eq!(check(&trace, &ids(&searches)), Ok(searches.len()));
}

#[test]
fn the_check_fails_when_the_fdatasync_is_taken_out() {
    if !strace_works() {
        return;
    }
    let searches = data::searches(2, 20);
    let trace = traced_import(&["-e", "inject=fdatasync:retval=0"], &data::lines(&searches));
    let found = check(&trace, &ids(&searches)).unwrap_err();
    assert!(found.contains("before it was durable"), "{found}");
}

#[test]
fn a_failed_or_injected_fdatasync_is_none() {
    let id = "00010203-0405-0607-0809-0a0b0c0d0e0f";
    let (bytes, said) = (escaped(&data::id_bytes(id)), escaped(id.as_bytes()));
    let file = escaped(b"/d/journal/1.seg");
    let write = format!("7 pwrite64(5<{file}>, \"{bytes}\", 16, 0) = 16");
    let say = format!("7 write(1<out>, \"{said}\", 36) = 36");
    let sync = |end: &str| format!("8 fdatasync(5<{file}>) = {end}");
    let unfinished = format!("8 fdatasync(5<{file}> <unfinished ...>");
    let resumed = "8 <... fdatasync resumed>) = 0".to_owned();
    let judge = |lines: &[&String]| {
        let trace: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
        check(&trace.join("\n"), &[id])
    };
    assert_eq!(judge(&[&write, &sync("0"), &say]), Ok(1));
    assert_eq!(judge(&[&write, &unfinished, &resumed, &say]), Ok(1));
    judge(&[&write, &unfinished, &say, &resumed]).unwrap_err();
    judge(&[&unfinished, &write, &resumed, &say]).unwrap_err();
    judge(&[&write, &sync("0 (INJECTED)"), &say]).unwrap_err();
    judge(&[&write, &sync("-1 EIO (Input/output error)"), &say]).unwrap_err();
    judge(&[&sync("0"), &write, &say]).unwrap_err();
    judge(&[&say, &write, &sync("0")]).unwrap_err();
    judge(&[&write, &sync("0")]).unwrap_err();
    let (start, end) = said.split_at(40);
    let halves = [start, end].map(|half| format!("7 write(1<out>, \"{half}\", 18) = 18"));
    assert_eq!(judge(&[&write, &sync("0"), &halves[0], &halves[1]]), Ok(1));
    judge(&[&write, &halves[0], &halves[1], &sync("0")]).unwrap_err();
}

/// Follows each record through the trace; returns how many were acknowledged in order.
fn check(trace: &str, ids: &[&str]) -> Result<usize, String> {
    let binary: Vec<String> = ids.iter().map(|id| escaped(&data::id_bytes(id))).collect();
    let spoken: Vec<String> = ids.iter().map(|id| escaped(id.as_bytes())).collect();
    let mut stages: BTreeMap<usize, Stage> = BTreeMap::new();
    // A sync that is under way covers what was written before it began, and nothing after.
    let mut under_way: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    // A name may be cut in two by the buffer it leaves through.
    let mut said_before = String::new();
    let mut acknowledged = 0;
    for line in trace.lines() {
        let Some((thread, call)) = line.trim_start().split_once(' ') else { continue };
        let call = call.trim_start();
        if is_journal_write(call) {
            let file = path_of(call).to_owned();
            for (index, _) in binary.iter().enumerate().filter(|(_, id)| call.contains(*id)) {
                stages.insert(index, Stage::Written(file.clone()));
            }
        } else if call.starts_with("fdatasync(") {
            let file = Stage::Written(path_of(call).to_owned());
            let covered = stages.iter().filter(|(_, stage)| **stage == file);
            under_way.insert(thread, covered.map(|(index, _)| *index).collect());
        }
        if call.starts_with("fdatasync(") || call.starts_with("<... fdatasync resumed>") {
            if call.ends_with(" = 0") {
                for index in under_way.remove(thread).unwrap_or_default() {
                    stages.insert(index, Stage::Durable);
                }
            }
        } else if SAYING.iter().any(|name| call.starts_with(name)) && speaks(call) {
            let said = said_before + &call.split('"').skip(1).step_by(2).collect::<String>();
            for (index, _) in spoken.iter().enumerate().filter(|(_, id)| said.contains(*id)) {
                match stages.get(&index) {
                    Some(Stage::Durable) => acknowledged += 1,
                    stage => {
                        return Err(format!(
                            "{} was said before it was durable: {stage:?}",
                            ids[index]
                        ));
                    }
                }
            }
            let end = said.len().saturating_sub(escaped(&[0; 35]).len());
            said_before = said[end..].to_owned();
        }
    }
    if acknowledged == ids.len() {
        return Ok(acknowledged);
    }
    Err(format!("{acknowledged} of {} were acknowledged", ids.len()))
}

/// Whether it goes out of the program: to its stdout or over a socket.
fn speaks(call: &str) -> bool {
    let socket = [escaped(b"socket:"), escaped(b"TCP:")];
    call.starts_with("write(1<") || socket.iter().any(|socket| path_of(call).starts_with(socket))
}

fn is_journal_write(call: &str) -> bool {
    let writes = ["write(", "pwrite64(", "writev(", "pwritev(", "pwritev2("];
    writes.iter().any(|name| call.starts_with(name)) && path_of(call).ends_with(&escaped(b".seg"))
}

/// The file behind a call's descriptor, as `strace -y -xx` names it.
fn path_of(call: &str) -> &str {
    call.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(path, _)| path)
}

/// Bytes as `strace -xx` prints them.
fn escaped(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect()
}

fn ids(searches: &[Json]) -> Vec<&str> {
    searches.iter().map(|search| search["@id"].as_str().unwrap()).collect()
}

/// Imports `lines` under strace and returns what it saw.
fn traced_import(options: &[&str], lines: &str) -> String {
    let hub = Hub::start(&["INST-027"]);
    let colony = Colony::enrol(&hub, "INST-027");
    let options = OPTIONS.iter().chain(options).copied().collect::<Vec<_>>();
    run(&mut traced(&colony, &options), lines).done();
    fs::read_to_string(colony.data().with_file_name("trace")).unwrap()
}

/// Returns an import of searches under strace, which writes beside the data what it saw.
pub(crate) fn traced(colony: &Colony, options: &[&str]) -> Command {
    let agent = colony.prepare(&["add", "search"]);
    let mut traced = Command::new("strace");
    traced.args(options).arg("-o").arg(colony.data().with_file_name("trace"));
    traced.arg(agent.get_program()).args(agent.get_args());
    traced
}

/// Whether there is a strace that may trace; says so if there is none.
pub(crate) fn strace_works() -> bool {
    let works = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    let works = works.is_ok_and(|output| output.status.success());
    if !works {
        #[expect(clippy::print_stderr, reason = "a test that shows nothing must not look like one")]
        {
            eprintln!("skipped: strace is missing or may not trace; tests/run installs it");
        }
    }
    works
}
