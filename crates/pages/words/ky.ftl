# Барактардын сөздөрү. Бир түшүнүккө бир сөз; сөздүк бардык файлда бирдей.
# «unsure» белгиси бар саптарды чыгаруудан мурун эне тилдүү адам карап чыгат.

skip = Мазмунуна өтүү
language = Тил
nav-label = Барактар
nav-sites = Мекемелер
nav-records = Жазуулар
nav-forms = Формалар
# unsure
banner-loopback = Азырынча каттоо эсептери жок, ошондуктан бул барактар ушул компьютерде гана ачылат.
not-known = белгисиз
value-yes = ооба
value-no = жок
unit-bytes = { $what } Б
unit-kib = { $what } КиБ
unit-mib = { $what } МиБ

sites-title = Мекемелер
sites-count = { $n ->
   *[other] { $number } мекеме
}
sites-empty = Азырынча бир да мекеме жок. Биринчисин буйрук сабында кошуңуз:
site-institution = Мекеме
site-last-contact = Акыркы байланыш
site-waiting = Жөнөтүүнү күтөт
site-devices = Түзмөктөр
site-records = Жазуулар
# unsure
site-conflicts = Дал келбестиктер
# unsure
site-remarks = { $n ->
   *[other] эскертүүсү бар { $number } киргизүү
}
# unsure
hub-set-back = Борбордун сервери өзү кол койгондун бир бөлүгүн жоготкон; бул { $what } байкалды. Түзмөктөрдө сакталганы кийинки байланышта өзү кайтып келет. Андан кийин акыркы камдык көчүрмөдөн бери кабыл алынган чечимдерди карап чыгыңыз.
# unsure
sites-none-silent = баарынан кабар бар
# unsure
sites-silent = { $n ->
   *[other] { $number } мекемеден кабар жок
}
# unsure
sites-unheard = { $n ->
   *[other] { $number } мекеме түзмөксүз
}
# unsure
sites-unheard-title = Түзмөгү жоктор
# unsure
sites-no-device-yet = Азырынча бир да мекемеде түзмөк жок. Биринчисине буйрук сабында код түзүңүз:
sites-gone-title = Жабылгандар
site-clock = Саат
site-never = эч качан
site-no-device = азырынча жок
waiting-urgent = { $n ->
   *[other] { $number } шашылыш
}
# unsure
waiting-entries = { $n ->
   *[other] { $number } киргизүү
}
waiting-nothing = эч нерсе
# unsure
waiting-nothing-then = акыркы байланышта эч нерсе
# unsure
waiting-then = акыркы байланыштагы маалымат
waiting-attachments = { $n ->
   *[other] { $number } тиркеме
}
# unsure
device-revoked = кайтарып алынган
# unsure
device-forked = журналы бутактанган

records-title = Жазуулар
records-count = { $n ->
   *[other] { $number } жазуу
}
records-more = { $number } жазуудан көп
records-empty = Азырынча бир да жазуу келе элек. Мекеме жөнөтөрү менен жазуулар ушул жерде көрүнөт.
records-none = Эч нерсе табылган жок. Шарттарды кеңейтиңиз же бардык жазууларды көрсөтүңүз.
filter-query = Текст
filter-query-hint = Сөздөр же номер
filter-form = Жазуунун түрү
filter-site = Мекеме
filter-region = Аймак
filter-from = Башталышы
filter-to = Аягы
# unsure
filter-conflict = Дал келбестиги бар гана
filter-any = баары
filter-do = Көрсөтүү
filter-clear = Баарын көрсөтүү
record-ref = Номери
record-when = Качан
record-title = Аталышы
record-marks = Белгилер
mark-urgent = Шашылыш
mark-conflict = Дал келбестик
# unsure
mark-void = Жараксыз
paging = Башка жазуулар
paging-first = Биринчи барак
paging-next = Кийинки барак

custody-saved = Ушул жерде сакталды
custody-sent = Жолдо
custody-held = Борбордо сакталды
custody-reviewed = Каралды

conflicts-title = Дал келбестиктер
# unsure
conflicts-what = Эки адам бир эле талааны бири-биринин маанисин көрбөй өзгөрткөн. Бул жерде экөөнүн бири же үчүнчүсү тандалмайынча экөө тең сакталат.
# unsure
conflict-keep = Ушунусун калтыруу
conflict-other = Башка маани
conflict-remark = Эскертүү
# unsure
conflict-settle = Чечүү
section-unexplained = Башка талаалар
# unsure
field-void = Жараксыздыгы
# unsure
findings-title = Эрежелердин эскертүүлөрү
findings-none = Эскертүү жок.
history-title = Тарыхы
history-created = Жазылды
history-amended = Өзгөртүлдү
# unsure
history-resolved = Дал келбестик чечилди
# unsure
history-voided = Жараксыз деп жарыяланды
history-accepted = Эскертүүсүз кабыл алынды
history-returned = Оңдоого кайтарылды
# unsure
history-on-hold = Кийинкиге калтырылды
# unsure
history-duplicate = Кайталанган деп табылды
# unsure
history-not-reportable = Эсепке алынбайт деп табылды
# unsure
history-reopened = Кароо кайра башталды
history-commented = Комментарий
# unsure
history-resubmitted = Кайра тапшырылды
# unsure
history-recall-asked = Мекеме жазууну кайтарып берүүнү суранды
# unsure
history-recalled = Жазуу мекемеге кайтарылды
# unsure
history-seen = Чечим мекемеде окулду
history-fields = { $n ->
   *[other] { $number } талаа
}
history-cleared = тазаланды
history-settled = чечилди
# unsure
trusted = Далилденген:
# unsure
clock-suspect = саат шектүү
# unsure
evidence-title = Далилдер
evidence-site = Мекеме
evidence-form = Жазуунун түрү
evidence-version = { $what }-версия
evidence-entries = Киргизүүлөр
evidence-id = Идентификатор
# unsure
evidence-hash = Абалдын хеши

problem-not-found = Мындай жок
problem-not-found-do = Мындай барак же жазуу жок. Мекемеде жаңы сакталган жазуу жөнөтүлгөндөн кийин көрүнөт. Эч нерсе жоголгон жок.
problem-ambiguous = Кайсынысы?
# unsure
problem-ambiguous-do = Бул аталышка бир нече жазуу туура келет. Бирин тандаңыз:
problem-refused = Сактоого болбоду
problem-refused-do = Эч нерсе өзгөргөн жок. Төмөндө аталганды оңдоп, кайра жөнөтүңүз.
# unsure
problem-foreign = Бул барактардан жөнөтүлгөн эмес
problem-foreign-do = Эч нерсе өзгөргөн жок. Жазууну ушул жерден ачып, өз барагынан жөнөтүңүз.
# unsure
problem-ours = Борбордун түйүнү жооп бере алган жок
problem-ours-do = Эч нерсе жоголгон жок. Кайра аракет кылыңыз; болбосо, себеби түйүндүн журналында жазылган.
to-records = Жазууларга
to-record = Жазууга кайтуу

forms-title = Формалар жана тизмелер
# unsure
forms-what = Ар бир версия түбөлүк окула берет; жаңысы мекемеге кийинки байланышта барат:
forms-forms = Формалар
forms-form = Форма
forms-version = Версия
forms-questions = Суроолор
forms-lists = Тизмелер
forms-list-count = Ичиндеги тизмелер
forms-codes = Коддор
# unsure
forms-in-review = Текшерүүнү күткөн жазуулар
# unsure
version-shipped = программа менен келген
version-published = жарыяланган
# unsure
reach-site = борборго жөнөтүлөт жана өз мекемесинде сакталат
reach-everyone = бардык мекемелерге жөнөтүлөт
class-open = ачык
class-restricted = чектелген
class-medical = медициналык
class-complaint = арыз
question-id = Код
question-type = Түрү
question-who = Ким көрө алат
question-required = жөнөтүү үчүн милдеттүү
label-missing = жок
# unsure
label-in-review = текшерилсин
code-validity = Жарактуу
codes-count = { $n ->
   *[other] { $number } код
}
# unsure
changes-title = { $number }-версиядан кийин эмне өзгөрдү
changes-none = Эч нерсе.
changes-whole = форманын өзү
change-added = Кошулду
change-removed = Алынды
change-changed = Өзгөрдү

review-title = Кароо
review-draft = Долбоор
# unsure
review-submitted = Кароого берилди
# unsure
review-resubmitted = Кароого кайра берилди
# unsure
review-changed = Кабыл алынгандан кийин өзгөртүлдү
# unsure
review-on-hold = Кийинкиге калтырылды
review-returned = Оңдоого кайтарылды
review-accepted = Эскертүүсүз кабыл алынды
# unsure
review-duplicate = Кайталанган жазуу
# unsure
review-not-reportable = Эсепке алынбайт
# unsure
review-recalled = Мекеменин өтүнүчү боюнча кайтарылды
# unsure
review-changed-since = чечимден кийин өзгөртүлдү
# unsure
review-decided-twice = эки жолу чечилген: экөөнү тең көрүп, кайра чечиңиз
review-due = Мөөнөт
# unsure
review-due-days = { $n ->
   *[other] жеткенден кийин { $number } күн
}
# unsure
review-of = Калган жазуу
review-delivered = Жетти
# unsure
review-queued = кезекте: мекеме ошондон бери байланышка чыга элек
# unsure
review-seen = Мекемеде окулду
review-not-yet = азырынча жок
review-decision = Чечим
review-choose = тандаңыз
# unsure
review-remark = Мекемеге эскертүү
review-fields = Талааларга эскертүүлөр
review-field = Талаа
review-field-remark = Эскертүү
# unsure
review-due-day = Мөөнөт (кайтарууда гана; бош болсо: жеткенден кийинки кадимки мөөнөт)
# unsure
review-original = Калган жазуу (кайталанганда гана)
# unsure
review-send = Кол коюп жөнөтүү
verdict-accept = Эскертүүсүз кабыл алуу
verdict-return = Оңдоого кайтаруу
# unsure
verdict-hold = Кийинкиге калтыруу
# unsure
verdict-duplicate = Бул кайталанган жазуу
# unsure
verdict-not-reportable = Эсепке алынбайт
# unsure
verdict-reopen = Кайра ачуу
# unsure
verdict-comment = Комментарий гана
filter-state = Кароо
record-review = Кароо

site-closed = жабылган
# unsure
site-silent = { $n ->
   *[other] { $number } күндөн бери кабар жок
}
# unsure
site-gaps = { $n ->
   *[other] { $number } киргизүү жетишпейт
}
# unsure
site-quarantined = { $n ->
   *[other] { $number } киргизүү четке коюлган
}
# unsure
site-successor-of = улантат
# unsure
site-no-device-do = Азырынча түзмөк жок. Биринчисине буйрук сабында код түзүңүз:
device-name = Түзмөк
device-software = Версия

# unsure
site-forks = { $n ->
   *[other] { $number } журнал бутактанган
}
# unsure
device-hub = борбордун түйүнү
# unsure
finding-refusal = Эреже бузулган
# unsure
finding-task = Толуктоо керек
# unsure
finding-warning = Текшерүү керек
# unsure
void-do = Жараксыз деп жарыялоо
# unsure
void-what = Эч нерсе өчүрүлбөйт: жазуу окула берет, бирок эсепке алынбайт.
void-reason = Себеби
# unsure
void-send = Кол коюп, жараксыз деп жарыялоо
problem-stale = Жазуу өзгөрдү
# unsure
problem-stale-do = Сиз ачкандан кийин аны бирөө өзгөрттү. Эч нерсе жазылган жок. Кайра карап, анан чечиңиз.
problem-address = Көрсөтүүгө болбоду
# unsure
problem-address-do = Дарек же андагы шарт жок нерсени сурайт. Эч нерсе жоголгон да, өзгөргөн да жок. Тизмени ачып, кайра тандаңыз; күндөр мындай жазылат: 2026-11-20.
# unsure
filter-custody = Кайда турат
# unsure
filter-late = Кеч кол коюлгандар гана
# unsure
mark-late = Кеч кол коюлган
# unsure
mark-arrived-late = Кеч келген
site-overview = Маалымат
# unsure
site-valid = Иштейт
# unsure
device-active = кирүүгө уруксат бар
# unsure
device-fingerprint = Ачкыч сөз менен
device-revoked-why = Себеби
# unsure
device-refused = Четке кагылды
# unsure
refused-wrong-site = ал башка мекеменин киргизүүлөрүн жөнөттү
# unsure
refused-wrong-log = ал башка түзмөктүн киргизүүлөрүн жөнөттү
# unsure
refused-frame = жөнөткөнү бузулган же ал кол койгон эмес
# unsure
refused-prove = ал борбордо жок дүмүрчөктү атайт, бирок аны көрсөтпөйт
# unsure
quarantine-title = Четке коюлгандар
# unsure
quarantine-what = Бул киргизүүлөрдү кайтарып алынган түзмөк алып келген. Алар эсепке алынбайт, бирок жоголгон жок; бирөө карап чыгып, кабыл алат же калтырат. Буйрук сабында:
quarantine-number = Номери
# unsure
quarantine-arrived = Келген убагы
quarantine-state = Абалы
# unsure
quarantine-held = четке коюлган
# unsure
quarantine-released = кабыл алынган
# unsure
clock-ahead = саат { $what } алдыда
# unsure
clock-behind = саат { $what } артта
# unsure
clock-right = борбордун сааты менен дал келет
span-minutes = { $n ->
   *[other] { $number } мүнөт
}
span-hours = { $n ->
   *[other] { $number } саат
}
span-days = { $n ->
   *[other] { $number } күн
}
# unsure
valid-from = башталышы { $what }
# unsure
valid-to = аягы { $what }
# unsure
claimed = Түзмөктүн сааты боюнча:
# unsure
entries-title = Киргизүүлөргө эскертүүлөр
# unsure
entries-none = Бардык киргизүүлөр кандай болсо, ошондой эсепке алынды.
# unsure
entry-number = { $what }-киргизүү
entry-payload-missing = Бул киргизүүнүн мазмуну бул жерде жок, ошондуктан ал эч нерсени өзгөртпөйт.
# unsure
entry-unreadable = Бул киргизүүнүн мазмуну окулбайт. Ал ошол бойдон сакталат жана эч нерсени өзгөртпөйт.
# unsure
entry-forged = Эки киргизүүнүн аты бирдей: кимдир бирөө бул компьютердин ачкычы менен жасалма жазууларды жасап жатат. Экөө тең сакталат, бирок эсепке алынбайт.
entry-not-its-word = Муну борбор гана айта алат. Киргизүү сакталат, бирок эч нерсени өзгөртпөйт.
# unsure
entry-unknown-kind = Бул киргизүүнү жаңыраак программа жазган. Ал сакталат жана борбордо ошондой программа болгондо эсепке алынат.
# unsure
entry-does-not-count = Мында башка мекеменин жазуусу тууралуу айтылат. Киргизүү сакталат, бирок эсепке алынбайт: муну ошол мекеменин өзү айтышы керек.
# unsure
review-next = Кийинки каралуучу
# unsure
records-waiting = Күтүүдө
filter-more = Дагы шарттар
history-entry = Киргизүү
# unsure
problem-written = Сиз жазган текст (көчүрүп алсаңыз болот)
# unsure
problem-too-large-do = Эч нерсе өзгөргөн жок. Жөнөтүлгөн текст бир жолу кабыл алынганынан чоң. Кыскартып, кайра жөнөтүңүз.
# unsure
forms-list = Сөздүк
# unsure
forms-legend = * жөнөтүү үчүн милдеттүү.
question-many = бир нече жооп
type-text = { $n ->
   *[other] текст, { $number } белгиге чейин
}
type-int = бүтүн сан, { $what }
type-bool = ооба же жок
type-decimal = сан
type-date = күн
type-datetime = күн жана убакыт
# unsure
type-choice = тизмеден
type-reference = жазуу:
# unsure
type-group = саптар
# unsure
type-computed = эсептелет
versions-title = Версиялар
# unsure
version-unread = бул түйүндүн программасы колдоно албайт
# unsure
vocabulary-agencies = Ведомстволор
# unsure
vocabulary-choices = Формалардагы жооптор
vocabulary-incident-types = Окуялардын түрлөрү
vocabulary-institutions = Мекемелер
vocabulary-regions = Аймактар
vocabulary-substances = Заттар
