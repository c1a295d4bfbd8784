//! What a configuration file may say.

use super::*;

fn parse(text: &str) -> Result<Config, String> {
    Config::parse("agent.toml", text, None).map_err(|error| error.to_string())
}

#[test]
fn a_missing_key_takes_the_shipped_value() {
    let config = parse("data = \"/d\"\n[sync]\npoll_seconds = 7\n").unwrap();
    assert_eq!(config.data, Path::new("/d"));
    assert_eq!(config.web.listen.port(), 7710);
    assert_eq!(config.sync.poll, Duration::from_secs(7));
    assert_eq!(config.sync.max_backoff, Duration::from_secs(900));
    assert_eq!((config.sync.hub, config.sync.max_bytes_per_day), (None, None));
}

#[test]
fn an_unknown_key_is_refused_with_its_name_file_and_line() {
    let error = parse("data = \"/d\"\n[sync]\npol_seconds = 7\n").unwrap_err();
    assert!(error.starts_with("agent.toml, line 3: unknown field `pol_seconds`"), "{error}");
}

#[test]
fn the_command_line_wins_over_the_file() {
    let config = Config::parse("x", "data = \"/d\"", Some(Path::new("/flag"))).unwrap();
    assert_eq!(config.data, Path::new("/flag"));
}

#[test]
fn an_address_beyond_this_machine_is_refused() {
    let error = parse("data = \"/d\"\n[web]\nlisten = \"0.0.0.0:80\"").unwrap_err();
    assert!(error.contains("loopback"), "{error}");
}

#[test]
fn malformed_hours_are_refused() {
    let error = parse("data = \"/d\"\n[sync]\nhours = \"night\"").unwrap_err();
    assert_eq!(error, "[sync] hours in agent.toml: hours are written as 20:00-06:00");
}

#[test]
fn waits_of_nothing_and_waits_without_end_are_refused_by_name() {
    for (line, key) in [
        ("poll_seconds = 0", "poll_seconds"),
        ("poll_seconds = 18446744073709551615", "poll_seconds"),
        ("min_backoff_ms = 0", "min_backoff_ms"),
        ("min_backoff_ms = 1000000", "min_backoff_ms"),
        ("max_backoff_seconds = 0", "max_backoff_seconds"),
        ("max_backoff_seconds = 1000000", "max_backoff_seconds"),
    ] {
        let error = parse(&format!("data = \"/d\"\n[sync]\n{line}\n")).unwrap_err();
        assert!(error.starts_with(&format!("[sync] {key} in agent.toml: ")), "{line}: {error}");
    }
    let error = parse("data = \"/d\"\n[sync]\nhours = \"00:00-00:00\"").unwrap_err();
    assert!(error.contains("never open"), "{error}");
}
