# The words of the command line. One word for one thing, everywhere; the glossary is the same in all files.

not-known = not known
none-yet = none yet
entries = { $n ->
    [one] { $number } entry
   *[other] { $number } entries
}
entry-number = entry { $what }
records-count = { $n ->
    [one] { $number } record
   *[other] { $number } records
}

head-ref = Reference
head-form = Sort
head-when = When
head-custody = Custody
head-review = Review
head-marks = Marks
head-title = Title
list-empty = No record fits.
mark-urgent = urgent
mark-conflict = conflict

custody-saved = saved here
custody-sent = on its way
custody-held = held by the centre
custody-reviewed = reviewed

record-form = Sort
record-site = Institution
record-when = When
record-custody = Custody
record-review = Review
record-decided = Decided
record-decided-twice = Decided twice
record-delivered = Arrived here
record-due = Due
record-overdue = overdue
record-void = Void
record-id = Id
remarks-title = Remarks
conflicts-title = Conflicts
conflicts-do = Two people changed the same field without seeing each other. The centre decides; `amend` with the right value settles it too.
findings-title = Remarks of the rules

step-created = recorded
step-amended = changed
step-resolved = conflict settled
step-voided = declared void
step-accept = accepted
step-return = returned for correction
step-hold = put on hold
step-duplicate = called a duplicate of { $what }
step-not-reportable = called not reportable
step-reopen = taken up again
step-comment = comment
step-resubmit = handed in again
step-ask-recall = asked to have it back
step-grant-recall = given back
step-seen = read
history-trusted = certain: { $what }
history-suspect = clock in doubt
history-empty = empty
due-days = { $n ->
    [one] within { $number } day of arrival
   *[other] within { $number } days of arrival
}

saved = { $what }: saved
saved-unchanged = { $what }: nothing to change
resubmitted = { $what }: saved; it is handed in again
recall-asked = { $what }: saved; the centre is asked to give it back
commented = { $what }: the comment is saved

tasks-none = Nothing waits for you.
tasks-count = { $n ->
    [one] { $number } task
   *[other] { $number } tasks
}
task-returned = Returned by the centre
task-complete = First notice to complete
task-conflict = Conflict to look at
task-lost = Your value was not kept
task-recalled = Given back by the centre
task-todo = To do
task-certificate = Certificate expires
task-overdue = OVERDUE
task-due = due { $what }
task-yours = yours: { $what }
task-kept = kept: { $what }
task-resubmit = correct it with `amend`, then `resubmit { $what } --comment …`

status-device = Device
status-records = Records
status-returned = Returned for correction
status-urgent = Waiting, urgent
status-routine = Waiting, the rest
status-receipt = Last receipt
status-contact = Last contact
status-link = Link
status-next = Next attempt
status-clock = Clock
status-store = Store
status-disk = Free on the disk
link-up = up
link-waiting = waiting to try again
link-down = down
clock-ahead = { $n ->
    [0] right
    [one] { $number } second ahead of the centre
   *[other] { $number } seconds ahead of the centre
}
clock-behind = { $n ->
    [0] right
    [one] { $number } second behind the centre
   *[other] { $number } seconds behind the centre
}
store-ok = in order
store-rebuilding = the views are being made again; records wait for that
store-degraded = damaged; run `ashuu-agent verify`.

sync-up = Up
sync-down = Down
sync-settled = Everything here is held by the centre.
sync-healed = This computer did not have everything it once wrote: its disk was set back or copied. It went on in its next epoch, and nothing is lost by that. See that no copy of it runs beside it.
sync-moved = This computer now belongs to { $what }. What was written before stays with the old site.
verify-checked = { $n ->
    [one] { $number } entry checked
   *[other] { $number } entries checked
}
verify-faults = { $n ->
    [0] no fault found
    [one] { $number } fault
   *[other] { $number } faults
}

refused-now = the record is: { $what }. That does not allow this; `comment` says something about it at any time
refused-reason = the centre had accepted this record: say with --comment why it changes
refused-nothing-new = correct the record with `amend` first, or say something with --comment
refused-site = only { $what } may say this: the record is theirs

form-unread = form { $what }: this version of the program can not use it, the one before goes on; update the program
