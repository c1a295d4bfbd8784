# Буйрук сабынын сөздөрү. Бир түшүнүккө бир сөз; сөздүк бардык файлдарда бирдей.
# «?» коюлган саптарды эне тилинде сүйлөгөн адам текшерсин.

not-known = белгисиз
none-yet = азырынча жок
entries = { $n ->
    [one] { $number } жазылуу
   *[other] { $number } жазылуу
}
entry-number = { $what }-жазылуу
records-count = { $n ->
    [one] { $number } жазуу
   *[other] { $number } жазуу
}

head-ref = Номери
head-form = Түрү
head-when = Качан
head-custody = Кайда
head-review = Кароо
head-marks = Белгилер
head-title = Аталышы
list-empty = Мындай жазуу жок.
mark-urgent = шашылыш
mark-conflict = дал келбестик

custody-saved = ушул жерде сакталды
custody-sent = жолдо
custody-held = борбордо сакталды
custody-reviewed = каралды

record-form = Түрү
record-site = Мекеме
record-when = Качан
record-custody = Кайда
record-review = Кароо
record-decided = Чечим
# ?
record-decided-twice = Эки жолу чечилген
record-delivered = Бул жерге келди
record-due = Мөөнөт
record-overdue = мөөнөтү өттү
record-void = Жараксыз
record-id = Идентификатор
remarks-title = Эскертүүлөр
conflicts-title = Дал келбестиктер
conflicts-do = Эки адам бири-биринин маанисин көрбөй туруп бир талааны өзгөрттү. Борбор чечет; туура маани менен `amend` буйругу да оңдойт.
findings-title = Эрежелердин эскертүүлөрү

step-created = жазуу түзүлдү
step-amended = өзгөртүлдү
step-resolved = дал келбестик чечилди
step-voided = жараксыз деп жарыяланды
step-accept = эскертүүсүз кабыл алынды
step-return = оңдоого кайтарылды
# ?
step-hold = кийинкиге калтырылды
step-duplicate = { $what } жазуусунун кайталанышы деп табылды
step-not-reportable = эсепке алынбайт деп табылды
step-reopen = кароо кайра башталды
step-comment = комментарий
step-resubmit = кайра тапшырылды
# ?
step-ask-recall = кайра алуу суралды
# ?
step-grant-recall = кайра берилди
step-seen = окулду
history-trusted = анык: { $what }
history-suspect = саат шектүү
history-empty = бош
due-days = { $n ->
    [one] келгенден кийин { $number } күндүн ичинде
   *[other] келгенден кийин { $number } күндүн ичинде
}

saved = { $what }: сакталды
saved-unchanged = { $what }: өзгөртө турган эч нерсе жок
resubmitted = { $what }: сакталды; жазуу кайра тапшырылды
recall-asked = { $what }: сакталды; борбордон кайра алуу суралды
commented = { $what }: комментарий сакталды

tasks-none = Тапшырма жок.
tasks-count = { $n ->
    [one] { $number } тапшырма
   *[other] { $number } тапшырма
}
task-returned = Борбор кайтарды
# ?
task-complete = Алгачкы билдирүүнү толуктоо
task-conflict = Дал келбестик
task-lost = Сиздин маани калтырылган жок
# ?
task-recalled = Сурооңуз боюнча кайра берилди
task-todo = Аткаруу керек
task-certificate = Күбөлүктүн мөөнөтү бүтөт
task-overdue = МӨӨНӨТҮ ӨТТҮ
task-due = мөөнөтү { $what }
task-yours = сиздики: { $what }
task-kept = калганы: { $what }
task-resubmit = `amend` менен оңдоңуз, андан кийин `resubmit { $what } --comment …`

status-device = Түзмөк
status-records = Жазуулар
status-returned = Оңдоого кайтарылды
status-urgent = Жөнөтүүнү күтөт, шашылыш
status-routine = Жөнөтүүнү күтөт, калганы
status-receipt = Акыркы дүмүрчөк
status-contact = Акыркы байланыш
status-link = Байланыш
status-next = Кийинки аракет
status-clock = Саат
status-store = Сактагыч
status-disk = Дискте бош орун
link-up = бар
link-waiting = кийинки аракетти күтүүдө
link-down = жок
clock-ahead = { $n ->
    [0] туура
    [one] борбордон { $number } секунд алдыда
   *[other] борбордон { $number } секунд алдыда
}
clock-behind = { $n ->
    [0] туура
    [one] борбордон { $number } секунд артта
   *[other] борбордон { $number } секунд артта
}
store-ok = жайында
# ?
store-rebuilding = көрүнүштөр кайра түзүлүүдө; жазуулар аны күтөт
store-degraded = бузулган; `ashuu-agent verify` буйругун аткарыңыз.

sync-up = Жөнөтүлдү
sync-down = Алынды
sync-settled = Бул жердегинин баары борбордо сакталды.
# ?
sync-healed = Бул компьютерде мурда жазылгандын баары жок: диск эски көчүрмөгө кайтарылган же көчүрүлгөн. Ал кийинки эпохада улантты, мындан эч нерсе жоголбойт. Анын көчүрмөсү жанында иштебей турганын текшериңиз.
sync-moved = Бул компьютер эми { $what } мекемесине таандык. Мурда жазылгандар мурунку мекемеде калат.
verify-checked = { $n ->
    [one] { $number } жазылуу текшерилди
   *[other] { $number } жазылуу текшерилди
}
verify-faults = { $n ->
    [0] бузуу табылган жок
    [one] { $number } бузуу
   *[other] { $number } бузуу
}

refused-now = жазуунун абалы: { $what }. Азыр муну кылууга болбойт; `comment` буйругу менен ар дайым бир нерсе айтууга болот
refused-reason = борбор бул жазууну кабыл алган: эмне үчүн өзгөргөнүн --comment менен жазыңыз
refused-nothing-new = адегенде жазууну `amend` менен оңдоңуз же --comment менен бир нерсе жазыңыз
refused-site = муну { $what } гана айта алат: жазуу ошол мекеменики

form-unread = { $what } формасы: программанын бул версиясы аны колдоно албайт, мурдагысы иштейт; программаны жаңыртыңыз
