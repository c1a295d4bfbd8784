//! A device that belonged elsewhere before: what it wrote there still arrives.

use journal::EpochStart;

use super::*;

fn post(site: &str, predecessors: &[&str]) -> Post {
    let predecessors = predecessors.iter().map(|code| code.parse().unwrap()).collect();
    Post { site: site.parse().unwrap(), predecessors }
}

fn moved() -> Member {
    let posts = vec![post("B", &["B-OLD"]), post("A", &["A-OLD"])];
    Member { posts, ..Member::default() }
}

fn start(site: &str, predecessors: &[&str]) -> EpochStart {
    let Post { site, predecessors } = post(site, predecessors);
    EpochStart { site, predecessors, opened_at_ms: 0, count: 1, previous: None, abandoned: None }
}

fn lane(site: &str) -> Lane {
    Lane::Site(site.parse().unwrap())
}

#[test]
fn a_log_begins_as_any_post_of_its_device_allows() {
    let device = moved().author();
    for (site, merged) in
        [("B", &["B-OLD"][..]), ("B", &[]), ("A", &["A-OLD"]), ("A-OLD", &[]), ("B-OLD", &[])]
    {
        assert_eq!(device.contradiction(&lane(site), Some(&start(site, merged))), None);
        assert!(device.may_write(&lane(site)));
    }
    for (site, merged) in [("B", &["A-OLD"][..]), ("C", &[]), ("A", &["B-OLD"])] {
        let words = device.contradiction(&lane(site), Some(&start(site, merged))).unwrap();
        assert!(words.contains("enrolled for B"), "{words}");
    }
    assert!(device.contradiction(&lane("A"), None).is_some());
    assert!(device.contradiction(&lane("A"), Some(&start("B", &[]))).is_some());
    assert!(!device.may_write(&lane("C")) && !device.may_write(&Lane::Everyone));
}

#[test]
fn a_device_has_moved_once_it_began_a_log_at_its_post_in_this_epoch() {
    let epoch = Epoch([1; 8]);
    let mut device = moved();
    assert!(device.has_yet_to_move(epoch));
    let log = |site| LogName { device: secret(b'a').public(), epoch, lane: lane(site) };
    device.own = vec![Held::nothing(log("A"))];
    assert!(device.has_yet_to_move(epoch));
    device.own.push(Held::nothing(log("B")));
    assert!(!device.has_yet_to_move(epoch));
    assert!(device.has_yet_to_move(Epoch([2; 8])));
    device.posts.truncate(1);
    assert!(!device.has_yet_to_move(Epoch([2; 8])));
}
