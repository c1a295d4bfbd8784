# The words of the pages. One word for one thing, everywhere; the glossary is the same in all files.

skip = To the content
language = Language
nav-label = Pages
nav-sites = Institutions
nav-records = Records
nav-forms = Forms
banner-loopback = There are no accounts yet, so these pages answer on this computer only.
not-known = not known
value-yes = yes
value-no = no
unit-bytes = { $what } B
unit-kib = { $what } KiB
unit-mib = { $what } MiB

sites-title = Institutions
sites-count = { $n ->
    [one] { $number } institution
   *[other] { $number } institutions
}
sites-empty = No institution is known yet. Add the first one on the command line:
site-institution = Institution
site-last-contact = Last contact
site-waiting = Waits there
site-devices = Devices
site-records = Records
site-conflicts = Conflicts
site-remarks = { $n ->
    [one] { $number } entry with a remark
   *[other] { $number } entries with a remark
}
hub-set-back = This hub had lost part of what it signed; that was noticed on { $what }. What machines still hold comes back by itself at their next contact. Then look through what was decided since the last backup.
sites-none-silent = none silent
sites-silent = { $n ->
    [one] { $number } silent
   *[other] { $number } silent
}
sites-unheard = { $n ->
    [one] { $number } without a device
   *[other] { $number } without a device
}
sites-unheard-title = Without a device
sites-no-device-yet = No institution has a device yet. Make a code for the first one on the command line:
sites-gone-title = Closed
site-clock = Clock
site-never = never
site-no-device = none yet
waiting-urgent = { $n ->
    [one] { $number } urgent entry
   *[other] { $number } urgent entries
}
waiting-entries = { $n ->
    [one] { $number } entry
   *[other] { $number } entries
}
waiting-nothing = nothing
waiting-nothing-then = nothing at the last contact
waiting-then = as of the last contact
waiting-attachments = { $n ->
    [one] { $number } attachment
   *[other] { $number } attachments
}
device-revoked = revoked
device-forked = has several branches

records-title = Records
records-count = { $n ->
    [one] { $number } record
   *[other] { $number } records
}
records-more = more than { $number } records
records-empty = No record has arrived yet. Records appear here as soon as an institution has sent them.
records-none = No record fits. Widen the search, or show all records.
filter-query = Text
filter-query-hint = Words or a reference
filter-form = Kind of record
filter-site = Institution
filter-region = Region
filter-from = From
filter-to = To
filter-conflict = Only with a conflict
filter-any = all
filter-do = Show
filter-clear = Show all
record-ref = Reference
record-when = When
record-title = Title
record-marks = Marks
mark-urgent = Urgent
mark-conflict = Conflict
mark-void = Void
paging = Further records
paging-first = First page
paging-next = Next page

custody-saved = Saved here
custody-sent = On its way
custody-held = Held by the centre
custody-reviewed = Reviewed

conflicts-title = Conflicts
conflicts-what = Two people changed the same field and neither had seen the other's value. Both are kept until one of them, or a third, is chosen here.
conflict-keep = Keep this one
conflict-other = Another value
conflict-remark = Remark
conflict-settle = Settle
section-unexplained = Further fields
field-void = Void
findings-title = Remarks of the rules
findings-none = Nothing to remark.
history-title = History
history-created = Recorded
history-amended = Changed
history-resolved = Conflict settled
history-voided = Declared void
history-accepted = Accepted
history-returned = Returned for correction
history-on-hold = Put on hold
history-duplicate = Called a duplicate
history-not-reportable = Called not reportable
history-reopened = Reopened
history-commented = Comment
history-resubmitted = Submitted again
history-recall-asked = Asked to have it back
history-recalled = Given back to the institution
history-seen = Decision read at the institution
history-fields = { $n ->
    [one] { $number } field
   *[other] { $number } fields
}
history-cleared = emptied
history-settled = settled
trusted = Proven:
clock-suspect = clock in doubt
evidence-title = Evidence
evidence-site = Institution
evidence-form = Kind of record
evidence-version = version { $what }
evidence-entries = Entries
evidence-id = Id
evidence-hash = Hash of the state

problem-not-found = Not here
problem-not-found-do = There is no such page or record. A record that was just saved at an institution appears once it was sent. Nothing is lost.
problem-ambiguous = Which one?
problem-ambiguous-do = Several records go by this name. Choose one:
problem-refused = This could not be saved
problem-refused-do = Nothing was changed. Correct what is named here and send it again.
problem-foreign = This was not sent from these pages
problem-foreign-do = Nothing was changed. Open the record here and send it from its own page.
problem-ours = The hub could not answer
problem-ours-do = Nothing is lost. Try again; if it stays so, the log of the hub says why.
to-records = To the records
to-record = Back to the record

forms-title = Forms and lists
forms-what = Every version stays readable for ever; a new one reaches each institution with its next contact:
forms-forms = Forms
forms-form = Form
forms-version = Version
forms-questions = Questions
forms-lists = Lists
forms-list-count = Lists in it
forms-codes = Codes
forms-in-review = Labels to be checked
version-shipped = came with the program
version-published = published
reach-site = sent to the centre and kept at its institution
reach-everyone = sent to every institution
class-open = open
class-restricted = restricted
class-medical = medical
class-complaint = complaint
question-id = Code
question-type = Type
question-who = Who may see it
question-required = required to submit
label-missing = missing
label-in-review = to be checked
code-validity = Valid
codes-count = { $n ->
    [one] { $number } code
   *[other] { $number } codes
}
changes-title = What changed since version { $number }
changes-none = Nothing.
changes-whole = the form itself
change-added = Added
change-removed = Removed
change-changed = Changed

review-title = Review
review-draft = Draft
review-submitted = Submitted
review-resubmitted = Submitted again
review-changed = Changed after acceptance
review-on-hold = On hold
review-returned = Returned for correction
review-accepted = Accepted
review-duplicate = Duplicate
review-not-reportable = Not reportable
review-recalled = Given back to the institution
review-changed-since = changed since the decision
review-decided-twice = decided twice: decide again, having seen both
review-due = Due
review-due-days = { $n ->
    [one] { $number } day after delivery
   *[other] { $number } days after delivery
}
review-of = Stays instead
review-delivered = Delivered
review-queued = queued: the institution has not been in contact since
review-seen = Read at the institution
review-not-yet = not yet
review-decision = Decision
review-choose = choose
review-remark = Remark for the institution
review-fields = Remarks on fields
review-field = Field
review-field-remark = Remark
review-due-day = Due on (only when returning; empty: the usual time after delivery)
review-original = The record that stays (only for a duplicate)
review-send = Sign and send
verdict-accept = Accept
verdict-return = Return for correction
verdict-hold = Put on hold
verdict-duplicate = Is a duplicate
verdict-not-reportable = Is not reportable
verdict-reopen = Reopen
verdict-comment = Only comment
filter-state = Review
record-review = Review

site-closed = closed
site-silent = { $n ->
    [one] silent for { $number } day
   *[other] silent for { $number } days
}
site-gaps = { $n ->
    [one] { $number } entry is missing
   *[other] { $number } entries are missing
}
site-quarantined = { $n ->
    [one] { $number } entry set aside
   *[other] { $number } entries set aside
}
site-successor-of = carries on
site-no-device-do = No device yet. Make a code for one on the command line:
device-name = Device
device-software = Version

site-forks = { $n ->
    [one] { $number } log has several branches
   *[other] { $number } logs have several branches
}
device-hub = the centre
finding-refusal = Broken rule
finding-task = To complete
finding-warning = To check
void-do = Declare void
void-what = Nothing is deleted: the record stays readable and no longer counts.
void-reason = Reason
void-send = Sign and declare void
problem-stale = The record has changed
problem-stale-do = Somebody changed it after you opened it. Nothing was written. Look at it again and decide then.
problem-address = This can't be shown
problem-address-do = The address, or a filter in it, asks for something that does not exist. Nothing is lost or changed. Open the list and choose again; days are written as 2026-11-20.
filter-custody = Custody
filter-late = Only signed late
mark-late = Signed late
mark-arrived-late = Arrived late
site-overview = Overview
site-valid = Exists
device-active = let in
device-fingerprint = Key in words
device-revoked-why = Why
device-refused = Refused
refused-wrong-site = it sent entries of another institution
refused-wrong-log = it sent entries of another device
refused-frame = what it sent is damaged or not signed by it
refused-prove = it names a receipt that this hub does not hold, and does not show it
quarantine-title = Set aside
quarantine-what = A revoked device still brought these entries. They count for nothing and are not lost; somebody looks at them and lets them in, or leaves them. On the command line:
quarantine-number = Number
quarantine-arrived = Arrived
quarantine-state = State
quarantine-held = set aside
quarantine-released = let in
clock-ahead = clock { $what } ahead
clock-behind = clock { $what } behind
clock-right = agrees with the centre's
span-minutes = { $n ->
    [one] { $number } minute
   *[other] { $number } minutes
}
span-hours = { $n ->
    [one] { $number } hour
   *[other] { $number } hours
}
span-days = { $n ->
    [one] { $number } day
   *[other] { $number } days
}
valid-from = since { $what }
valid-to = until { $what }
claimed = By its own clock:
entries-title = Remarks on its entries
entries-none = Every entry could be taken as it is.
entry-number = entry { $what }
entry-payload-missing = The content of this entry is not held, so it changes nothing.
entry-unreadable = The content of this entry can't be read. It is kept as it is and changes nothing.
entry-forged = Two entries have one name: somebody forges with the key of this computer. Both are kept, neither counts.
entry-not-its-word = Only the centre may say this. It is kept and changes nothing.
entry-unknown-kind = Newer software wrote this entry. It is kept and counts once the centre has that software.
entry-does-not-count = This speaks about another institution's record. It is kept and left out: that institution must say it itself.
review-next = Next to review
records-waiting = Waiting
filter-more = More conditions
history-entry = Entry
problem-written = What you wrote, to take over
problem-too-large-do = Nothing was changed. What was sent is larger than is taken at once. Shorten it and send it again.
forms-list = Vocabulary
forms-legend = * is required to submit.
question-many = several answers
type-text = { $n ->
    [one] text, { $number } character
   *[other] text, up to { $number } characters
}
type-int = whole number, { $what }
type-bool = yes or no
type-decimal = number
type-date = day
type-datetime = day and time
type-choice = one of
type-reference = a record:
type-group = rows
type-computed = computed
versions-title = Versions
version-unread = can't be used by this hub's software
vocabulary-agencies = Agencies
vocabulary-choices = Choices of the forms
vocabulary-incident-types = Kinds of incidents
vocabulary-institutions = Institutions
vocabulary-regions = Regions
vocabulary-substances = Substances
