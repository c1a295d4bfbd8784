//! The order in which tasks are told.

use record::RecordId;

use super::*;

fn task(kind: TaskKind, due: Option<&str>, overdue: bool) -> Task {
    Task {
        key: RecordKey { site: "INST-027".parse().unwrap(), id: RecordId([1; 16]) },
        kind,
        id: String::new(),
        reference: None,
        form: String::new(),
        site: String::new(),
        title: String::new(),
        due: due.map(str::to_owned),
        overdue,
        by: None,
        at: None,
        what: None,
        fields: Vec::new(),
        lost: None,
    }
}

#[test]
fn the_overdue_stand_first_and_what_only_a_form_asks_for_last() {
    let mut tasks = [
        task(TaskKind::ToDo, Some("2025-01-01"), true),
        task(TaskKind::Conflict, None, false),
        task(TaskKind::Returned, Some("2026-12-01"), false),
        task(TaskKind::ToComplete, Some("2026-11-20"), true),
    ];
    tasks.sort_by(|one, two| one.order().cmp(&two.order()));
    let kinds: Vec<TaskKind> = tasks.iter().map(|task| task.kind).collect();
    let told = [TaskKind::ToComplete, TaskKind::Returned, TaskKind::Conflict, TaskKind::ToDo];
    assert_eq!(kinds, told);
}
