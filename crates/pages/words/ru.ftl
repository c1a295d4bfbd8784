# Слова страниц. Одно слово для одного понятия; словарь един во всех файлах.

skip = К содержанию
language = Язык
nav-label = Страницы
nav-sites = Учреждения
nav-records = Записи
nav-forms = Формы
banner-loopback = Учётных записей ещё нет, поэтому эти страницы открываются только на этом компьютере.
not-known = неизвестно
value-yes = да
value-no = нет
unit-bytes = { $what } Б
unit-kib = { $what } КиБ
unit-mib = { $what } МиБ

sites-title = Учреждения
sites-count = { $n ->
    [one] { $number } учреждение
    [few] { $number } учреждения
   *[other] { $number } учреждений
}
sites-empty = Пока нет ни одного учреждения. Добавьте первое в командной строке:
site-institution = Учреждение
site-last-contact = Последняя связь
site-waiting = Ждёт отправки
site-devices = Устройства
site-records = Записи
site-conflicts = Разночтения
site-remarks = { $n ->
    [one] { $number } внесение с замечанием
    [few] { $number } внесения с замечанием
   *[other] { $number } внесений с замечанием
}
hub-set-back = Сервер центра утратил часть того, что подписал; это замечено { $what }. То, что хранят устройства, вернётся само при их следующей связи. После этого просмотрите решения, принятые после последней резервной копии.
sites-none-silent = никто не молчит
sites-silent = { $n ->
    [one] { $number } молчит
   *[other] { $number } молчат
}
sites-unheard = { $n ->
    [one] { $number } без устройства
   *[other] { $number } без устройства
}
sites-unheard-title = Без устройства
sites-no-device-yet = Ни у одного учреждения ещё нет устройства. Создайте код для первого в командной строке:
sites-gone-title = Закрытые
site-clock = Часы
site-never = никогда
site-no-device = пока нет
waiting-urgent = { $n ->
    [one] { $number } срочная
    [few] { $number } срочные
   *[other] { $number } срочных
}
waiting-entries = { $n ->
    [one] { $number } внесение
    [few] { $number } внесения
   *[other] { $number } внесений
}
waiting-nothing = ничего
waiting-nothing-then = ничего при последней связи
waiting-then = по данным последней связи
waiting-attachments = { $n ->
    [one] { $number } вложение
    [few] { $number } вложения
   *[other] { $number } вложений
}
device-revoked = отозвано
device-forked = журнал разветвился

records-title = Записи
records-count = { $n ->
    [one] { $number } запись
    [few] { $number } записи
   *[other] { $number } записей
}
records-more = больше { $number } записей
records-empty = Ни одной записи ещё не поступило. Записи появляются здесь, как только учреждение их отправит.
records-none = Ничего не найдено. Расширьте условия или покажите все записи.
filter-query = Текст
filter-query-hint = Слова или номер
filter-form = Вид записи
filter-site = Учреждение
filter-region = Регион
filter-from = С
filter-to = По
filter-conflict = Только с разночтением
filter-any = все
filter-do = Показать
filter-clear = Показать все
record-ref = Номер
record-when = Когда
record-title = Заголовок
record-marks = Отметки
mark-urgent = Срочно
mark-conflict = Разночтение
mark-void = Недействительна
paging = Другие записи
paging-first = Первая страница
paging-next = Следующая страница

custody-saved = Сохранено здесь
custody-sent = В пути
custody-held = Получено центром
custody-reviewed = Рассмотрено

conflicts-title = Разночтения
conflicts-what = Двое изменили одно и то же поле, не видя значений друг друга. Оба значения хранятся, пока здесь не выбрано одно из них или третье.
conflict-keep = Оставить это
conflict-other = Другое значение
conflict-remark = Замечание
conflict-settle = Решить
section-unexplained = Прочие поля
field-void = Недействительность
findings-title = Замечания правил
findings-none = Замечаний нет.
history-title = История
history-created = Запись создана
history-amended = Изменено
history-resolved = Разночтение решено
history-voided = Объявлено недействительным
history-accepted = Принято без замечаний
history-returned = Возвращено на исправление
history-on-hold = Отложено
history-duplicate = Признано дубликатом
history-not-reportable = Признано не подлежащим учёту
history-reopened = Рассмотрение возобновлено
history-commented = Комментарий
history-resubmitted = Представлено повторно
history-recall-asked = Учреждение просит вернуть запись
history-recalled = Возвращено учреждению по его просьбе
history-seen = Решение прочитано в учреждении
history-fields = { $n ->
    [one] { $number } поле
    [few] { $number } поля
   *[other] { $number } полей
}
history-cleared = очищено
history-settled = решено
trusted = Доказано:
clock-suspect = часы под сомнением
evidence-title = Свидетельства
evidence-site = Учреждение
evidence-form = Вид записи
evidence-version = версия { $what }
evidence-entries = Внесений
evidence-id = Идентификатор
evidence-hash = Хеш состояния

problem-not-found = Здесь такого нет
problem-not-found-do = Такой страницы или записи нет. Запись, только что сохранённая в учреждении, появится, когда её отправят. Ничего не потеряно.
problem-ambiguous = Какая из них?
problem-ambiguous-do = Этому имени соответствует несколько записей. Выберите одну:
problem-refused = Сохранить не удалось
problem-refused-do = Ничего не изменено. Исправьте названное ниже и отправьте снова.
problem-foreign = Отправлено не с этих страниц
problem-foreign-do = Ничего не изменено. Откройте запись здесь и отправьте с её страницы.
problem-ours = Узел центра не смог ответить
problem-ours-do = Ничего не потеряно. Повторите попытку; если не поможет, причина названа в журнале узла.
to-records = К записям
to-record = Назад к записи

forms-title = Формы и списки
forms-what = Каждая версия остаётся читаемой навсегда; новая приходит в учреждение при следующей связи:
forms-forms = Формы
forms-form = Форма
forms-version = Версия
forms-questions = Вопросов
forms-lists = Списки
forms-list-count = Списков в нём
forms-codes = Кодов
forms-in-review = Надписей на проверку
version-shipped = из поставки
version-published = опубликована
reach-site = передаётся центру и хранится в своём учреждении
reach-everyone = передаётся всем учреждениям
class-open = открытое
class-restricted = ограниченное
class-medical = медицинское
class-complaint = жалоба
question-id = Код
question-type = Тип
question-who = Кому видно
question-required = обязательно для отправки
label-missing = нет
label-in-review = на проверку
code-validity = Действует
codes-count = { $n ->
    [one] { $number } код
    [few] { $number } кода
   *[other] { $number } кодов
}
changes-title = Что изменилось после версии { $number }
changes-none = Ничего.
changes-whole = сама форма
change-added = Добавлено
change-removed = Убрано
change-changed = Изменено

review-title = Рассмотрение
review-draft = Черновик
review-submitted = Подано на рассмотрение
review-resubmitted = Подано повторно
review-changed = Изменено после принятия
review-on-hold = Отложено
review-returned = Возвращено на исправление
review-accepted = Принято без замечаний
review-duplicate = Дубликат
review-not-reportable = Не подлежит учёту
review-recalled = Возвращено учреждению по его просьбе
review-changed-since = изменено после решения
review-decided-twice = решено дважды: примите решение ещё раз, увидев оба
review-due = Срок
review-due-days = { $n ->
    [one] { $number } день после доставки
    [few] { $number } дня после доставки
   *[other] { $number } дней после доставки
}
review-of = Остаётся запись
review-delivered = Доставлено
review-queued = в очереди: учреждение с тех пор не выходило на связь
review-seen = Прочитано в учреждении
review-not-yet = ещё нет
review-decision = Решение
review-choose = выберите
review-remark = Замечание для учреждения
review-fields = Замечания к полям
review-field = Поле
review-field-remark = Замечание
review-due-day = Срок (только при возврате; пусто: обычный срок после доставки)
review-original = Запись, которая остаётся (только для дубликата)
review-send = Подписать и отправить
verdict-accept = Принять без замечаний
verdict-return = Вернуть на исправление
verdict-hold = Отложить
verdict-duplicate = Это дубликат
verdict-not-reportable = Не подлежит учёту
verdict-reopen = Открыть снова
verdict-comment = Только комментарий
filter-state = Рассмотрение
record-review = Рассмотрение

site-closed = закрыто
site-silent = { $n ->
    [one] молчит { $number } день
    [few] молчит { $number } дня
   *[other] молчит { $number } дней
}
site-gaps = { $n ->
    [one] не хватает { $number } внесения
   *[other] не хватает { $number } внесений
}
site-quarantined = { $n ->
    [one] отложено { $number } внесение
    [few] отложено { $number } внесения
   *[other] отложено { $number } внесений
}
site-successor-of = продолжает
site-no-device-do = Устройств ещё нет. Создайте код для первого в командной строке:
device-name = Устройство
device-software = Версия

site-forks = { $n ->
    [one] { $number } журнал разветвился
    [few] { $number } журнала разветвились
   *[other] { $number } журналов разветвились
}
device-hub = узел центра
finding-refusal = Нарушено правило
finding-task = Дополнить
finding-warning = Проверить
void-do = Объявить недействительной
void-what = Ничего не удаляется: запись остаётся читаемой, но больше не учитывается.
void-reason = Причина
void-send = Подписать и объявить недействительной
problem-stale = Запись изменилась
problem-stale-do = Её изменили после того, как вы её открыли. Ничего не записано. Посмотрите её ещё раз и тогда решите.
problem-address = Показать не удалось
problem-address-do = Адрес или условие в нём указывает на то, чего нет. Ничего не потеряно и не изменено. Откройте список и выберите снова; дни пишутся так: 2026-11-20.
filter-custody = Где находится
filter-late = Только подписанные поздно
mark-late = Подписано поздно
mark-arrived-late = Поступило поздно
site-overview = Сведения
site-valid = Действует
device-active = допущено
device-fingerprint = Ключ словами
device-revoked-why = Почему
device-refused = Отклонено
refused-wrong-site = оно прислало внесения чужого учреждения
refused-wrong-log = оно прислало внесения другого устройства
refused-frame = присланное повреждено или не подписано им
refused-prove = оно называет квитанцию, которой у центра нет, и не предъявляет её
quarantine-title = Отложенное
quarantine-what = Эти внесения прислало уже отозванное устройство. Они не учитываются, но и не потеряны; их просматривают и принимают или оставляют. В командной строке:
quarantine-number = Номер
quarantine-arrived = Поступило
quarantine-state = Состояние
quarantine-held = отложено
quarantine-released = принято
clock-ahead = часы спешат на { $what }
clock-behind = часы отстают на { $what }
clock-right = сходятся с часами центра
span-minutes = { $n ->
    [one] { $number } минуту
    [few] { $number } минуты
   *[other] { $number } минут
}
span-hours = { $n ->
    [one] { $number } час
    [few] { $number } часа
   *[other] { $number } часов
}
span-days = { $n ->
    [one] { $number } день
    [few] { $number } дня
   *[other] { $number } дней
}
valid-from = с { $what }
valid-to = до { $what }
claimed = По часам устройства:
entries-title = Замечания к внесениям
entries-none = Все внесения учтены как есть.
entry-number = внесение { $what }
entry-payload-missing = Содержимого этого внесения здесь нет, поэтому оно ничего не меняет.
entry-unreadable = Содержимое этого внесения не читается. Оно хранится как есть и ничего не меняет.
entry-forged = Два внесения носят одно имя: кто-то подделывает записи с ключом этого компьютера. Оба хранятся, ни одно не учитывается.
entry-not-its-word = Это вправе сообщать только центр. Внесение хранится и ничего не меняет.
entry-unknown-kind = Это внесение сделано более новой программой. Оно хранится и будет учтено, когда такая программа появится в центре.
entry-does-not-count = Здесь говорится о записи другого учреждения. Внесение хранится, но не учитывается: сообщить это должно само учреждение.
review-next = Следующая на рассмотрение
records-waiting = Ждут
filter-more = Ещё условия
history-entry = Внесение
problem-written = Что вы написали (можно скопировать)
problem-too-large-do = Ничего не изменено. Отправленное больше, чем принимается за один раз. Сократите и отправьте снова.
forms-list = Словарь
forms-legend = * обязательно для отправки.
question-many = несколько ответов
type-text = { $n ->
    [one] текст, до { $number } знака
   *[other] текст, до { $number } знаков
}
type-int = целое число, { $what }
type-bool = да или нет
type-decimal = число
type-date = день
type-datetime = день и время
type-choice = из списка
type-reference = запись:
type-group = строки
type-computed = вычисляется
versions-title = Версии
version-unread = программа этого узла не может её использовать
vocabulary-agencies = Ведомства
vocabulary-choices = Варианты ответов в формах
vocabulary-incident-types = Виды происшествий
vocabulary-institutions = Учреждения
vocabulary-regions = Регионы
vocabulary-substances = Вещества
