//! The real hub in a folder of its own, and what is asked of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use protocol::Invitation;
use serde_json::Value;
use tempfile::TempDir;

use super::device::Device;

/// How often the hub is asked how far it is: looking costs it what is measured.
const LOOK: Duration = Duration::from_millis(200);

/// How long it may take to list what it holds.
const PATIENCE: Duration = Duration::from_secs(300);

/// A running hub.
pub(crate) struct Hub {
    folder: TempDir,
    sites: Vec<String>,
    child: Child,
}

impl Hub {
    /// Founds a hub with so many sites and starts it.
    pub(crate) fn start(sites: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = "[web]\nlisten = \"127.0.0.1:0\"\n[sync]\nlisten = \"127.0.0.1:0\"\n\
                      [metrics]\nlisten = \"127.0.0.1:0\"\n";
        fs::write(folder.path().join("hub.toml"), config).unwrap();
        let sites: Vec<String> = (1..=sites).map(|number| format!("SITE-{number:03}")).collect();
        let mut table = "code,name_en\n".to_owned();
        sites.iter().for_each(|site| table += &format!("{site},Colony {site}\n"));
        let list = folder.path().join("sites.csv");
        fs::write(&list, table).unwrap();
        let mut init = command(&folder, &["init"]);
        if let Ok(database) = std::env::var("ASHUU_BENCH_DATABASE") {
            init.args(["--database", &database]);
        }
        assert!(init.stdout(Stdio::null()).status().unwrap().success());
        let import = ["site", "import", list.to_str().unwrap()];
        assert!(command(&folder, &import).stdout(Stdio::null()).status().unwrap().success());
        let child = command(&folder, &["run"]).stdout(Stdio::null()).spawn().unwrap();
        let noted = folder.path().join("hub/run.json");
        while !fs::read(&noted).is_ok_and(|it| serde_json::from_slice::<Value>(&it).is_ok()) {
            thread::sleep(LOOK);
        }
        Self { folder, sites, child }
    }

    /// Mints so many codes, for all sites in turn.
    pub(crate) fn invitations(&self, count: usize) -> Vec<Invitation> {
        let code = |site: &String| {
            let json = self.json(&["invite", site]);
            json.get("code").and_then(Value::as_str).unwrap().parse().unwrap()
        };
        self.sites.iter().cycle().take(count).map(code).collect()
    }

    /// Waits until it lists so many records, and says how long that took.
    pub(crate) fn listed(&self, records: usize) -> Duration {
        let began = Instant::now();
        while self.json(&["status"]).get("records").and_then(Value::as_u64) < Some(records as u64) {
            assert!(began.elapsed() < PATIENCE, "the hub never lists them all");
            thread::sleep(LOOK);
        }
        began.elapsed()
    }

    /// Fails unless the hub lists every record of every device once.
    pub(crate) fn assert_held_once(&self, devices: &[Device], records: usize) {
        let listed = self.json(&["record", "list"]);
        let mut times = BTreeMap::<(String, String), u32>::new();
        for row in listed.as_array().unwrap() {
            let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap().to_owned();
            *times.entry((text("site"), text("id"))).or_default() += 1;
        }
        assert_eq!(times.len(), devices.len() * records);
        for device in devices {
            for id in &device.records {
                let key = (device.site.to_string(), id.to_string());
                assert_eq!(times.get(&key), Some(&1), "{key:?}");
            }
        }
    }

    /// Resident memory now.
    pub(crate) fn memory_mib(&self) -> u64 {
        self.memory("VmRSS:")
    }

    /// The most resident memory so far.
    pub(crate) fn peak_memory_mib(&self) -> u64 {
        self.memory("VmHWM:")
    }

    fn memory(&self, key: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = command(&self.folder, arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn command(folder: &TempDir, arguments: &[&str]) -> Command {
    let program = std::env::current_exe().unwrap().with_file_name("ashuu-hub");
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let mut command = Command::new(program);
    command.arg("--config").arg(path("hub.toml")).arg("--data").arg(path("hub")).arg("--json");
    command.args(arguments).stderr(Stdio::null());
    command
}
