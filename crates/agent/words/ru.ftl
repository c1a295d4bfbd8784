# Слова командной строки. Одно слово для одного понятия; словарь един во всех файлах.

not-known = неизвестно
none-yet = пока нет
entries = { $n ->
    [one] { $number } внесение
    [few] { $number } внесения
   *[other] { $number } внесений
}
entry-number = внесение { $what }
records-count = { $n ->
    [one] { $number } запись
    [few] { $number } записи
   *[other] { $number } записей
}

head-ref = Номер
head-form = Вид
head-when = Когда
head-custody = Где находится
head-review = Рассмотрение
head-marks = Отметки
head-title = Заголовок
list-empty = Таких записей нет.
mark-urgent = срочно
mark-conflict = разночтение

custody-saved = сохранено здесь
custody-sent = в пути
custody-held = получено центром
custody-reviewed = рассмотрено

record-form = Вид
record-site = Учреждение
record-when = Когда
record-custody = Где находится
record-review = Рассмотрение
record-decided = Решение
record-decided-twice = Решено дважды
record-delivered = Поступило сюда
record-due = Срок
record-overdue = просрочено
record-void = Недействительна
record-id = Идентификатор
remarks-title = Замечания
conflicts-title = Разночтения
conflicts-do = Двое изменили одно поле, не видя значений друг друга. Решает центр; исправить можно и командой `amend` с верным значением.
findings-title = Замечания правил

step-created = запись создана
step-amended = изменено
step-resolved = разночтение решено
step-voided = объявлено недействительным
step-accept = принято без замечаний
step-return = возвращено на исправление
step-hold = отложено
step-duplicate = признано повтором записи { $what }
step-not-reportable = признано не подлежащим учёту
step-reopen = рассмотрение возобновлено
step-comment = комментарий
step-resubmit = подано повторно
step-ask-recall = запрошен отзыв
step-grant-recall = отзыв разрешён
step-seen = прочитано
history-trusted = достоверно: { $what }
history-suspect = часы под сомнением
history-empty = пусто
due-days = { $n ->
    [one] в течение { $number } дня после поступления
   *[other] в течение { $number } дней после поступления
}

saved = { $what }: сохранено
saved-unchanged = { $what }: менять нечего
resubmitted = { $what }: сохранено; запись подана повторно
recall-asked = { $what }: сохранено; у центра запрошен отзыв
commented = { $what }: комментарий сохранён

tasks-none = Задач нет.
tasks-count = { $n ->
    [one] { $number } задача
    [few] { $number } задачи
   *[other] { $number } задач
}
task-returned = Возвращено центром
task-complete = Дополнить первое сообщение
task-conflict = Разночтение
task-lost = Ваше значение не принято
task-recalled = Возвращено по вашей просьбе
task-todo = Сделать
task-certificate = Истекает удостоверение
task-overdue = ПРОСРОЧЕНО
task-due = срок { $what }
task-yours = ваше: { $what }
task-kept = оставлено: { $what }
task-resubmit = исправьте командой `amend`, затем `resubmit { $what } --comment …`

status-device = Устройство
status-records = Записей
status-returned = Возвращено на исправление
status-urgent = Ждёт отправки, срочные
status-routine = Ждёт отправки, остальные
status-receipt = Последняя квитанция
status-contact = Последняя связь
status-link = Связь
status-next = Следующая попытка
status-clock = Часы
status-store = Хранилище
status-disk = Свободно на диске
link-up = есть
link-waiting = ждёт следующей попытки
link-down = нет
clock-ahead = { $n ->
    [0] верны
    [one] спешат на { $number } секунду относительно центра
    [few] спешат на { $number } секунды относительно центра
   *[other] спешат на { $number } секунд относительно центра
}
clock-behind = { $n ->
    [0] верны
    [one] отстают от центра на { $number } секунду
    [few] отстают от центра на { $number } секунды
   *[other] отстают от центра на { $number } секунд
}
store-ok = в порядке
store-rebuilding = представления строятся заново; записи ждут этого
store-degraded = повреждено; выполните `ashuu-agent verify`.

sync-up = Отправлено
sync-down = Получено
sync-settled = Всё, что есть здесь, получено центром.
sync-healed = На этом компьютере нет всего, что на нём было записано: диск вернули к старой копии или скопировали. Он продолжает в новой эпохе, от этого ничего не теряется. Проверьте, что рядом не работает его копия.
sync-moved = Этот компьютер теперь относится к { $what }. Записанное раньше остаётся за прежним учреждением.
verify-checked = { $n ->
    [one] проверено { $number } внесение
    [few] проверено { $number } внесения
   *[other] проверено { $number } внесений
}
verify-faults = { $n ->
    [0] нарушений нет
    [one] { $number } нарушение
    [few] { $number } нарушения
   *[other] { $number } нарушений
}

refused-now = состояние записи: { $what }. Сейчас это невозможно; сказать о ней что-либо можно всегда командой `comment`
refused-reason = центр уже принял эту запись: укажите причину изменения в --comment
refused-nothing-new = сначала исправьте запись командой `amend` или напишите что-либо в --comment
refused-site = это может сказать только { $what }: запись принадлежит этому учреждению

form-unread = форма { $what }: эта версия программы не может её использовать, действует предыдущая; обновите программу
