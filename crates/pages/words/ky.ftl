# Барактардын сөздөрү. Бир түшүнүккө бир сөз; сөздүк бардык файлда бирдей.
# «unsure» белгиси бар саптарды чыгаруудан мурун эне тилдүү адам карап чыгат.

skip = Мазмунуна өтүү
language = Тил
nav-label = Барактар
nav-sites = Мекемелер
nav-records = Жазуулар
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
# unsure
sites-silent = { $n ->
    [0] баары байланышка чыккан
   *[other] { $number } мекеме байланышка чыга элек
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
device-revoked = кайтарып алынган
# unsure
device-forked = экиге бөлүнгөн
# unsure
clock-off = { $n ->
   *[other] саат { $number } мүнөткө айырмаланат
}

records-title = Жазуулар
records-count = { $n ->
   *[other] { $number } жазуу
}
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
record-form = Түрү
record-site = Мекеме
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
history-fields = { $n ->
   *[other] { $number } талаа
}
history-cleared = тазаланды
history-settled = чечилди
# unsure
trusted = Анык: аралыгында
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
