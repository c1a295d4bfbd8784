# Слова страниц. Одно слово для одного понятия; словарь един во всех файлах.

skip = К содержанию
language = Язык
nav-label = Страницы
nav-sites = Учреждения
nav-records = Записи
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
sites-silent = { $n ->
    [0] все выходили на связь
    [one] { $number } ни разу не выходило на связь
   *[other] { $number } ни разу не выходили на связь
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
device-revoked = отозвано
device-forked = раздвоилось
clock-off = { $n ->
    [one] часы расходятся на { $number } минуту
    [few] часы расходятся на { $number } минуты
   *[other] часы расходятся на { $number } минут
}

records-title = Записи
records-count = { $n ->
    [one] { $number } запись
    [few] { $number } записи
   *[other] { $number } записей
}
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
record-form = Вид
record-site = Учреждение
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
history-fields = { $n ->
    [one] { $number } поле
    [few] { $number } поля
   *[other] { $number } полей
}
history-cleared = очищено
history-settled = решено
trusted = Достоверно: между
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
