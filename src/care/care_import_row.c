/*
 * Import, a row: from columns and cells to a person or a staff member, and what is wrong with them.
 * Pure: no store, no clock. See care_import.h.
 *
 * Invariants: what a problem says never holds what a cell says; a row with a problem is refused.
 * Threads: a reader belongs to one.
 */
#include <math.h>
#include <string.h>

#include "care/care_import_private.h"

static const char *const field_names[IMPORT_FIELDS] = {
    [IMPORT_EXTERNAL_ID] = "external_id",
    [IMPORT_GIVEN] = "given",
    [IMPORT_MIDDLE] = "middle",
    [IMPORT_FAMILY] = "family",
    [IMPORT_CHOSEN] = "chosen",
    [IMPORT_FORMER] = "former",
    [IMPORT_BIRTH_DATE] = "birth_date",
    [IMPORT_SEX] = "sex",
    [IMPORT_GENDER_IDENTITY] = "gender_identity",
    [IMPORT_PRONOUNS] = "pronouns",
    [IMPORT_PHONE] = "phone",
    [IMPORT_HOME_PHONE] = "home_phone",
    [IMPORT_EMAIL] = "email",
    [IMPORT_STREET] = "street",
    [IMPORT_CITY] = "city",
    [IMPORT_STATE] = "state",
    [IMPORT_ZIP] = "zip",
    [IMPORT_LANGUAGE] = "language",
    [IMPORT_CONTACT_NAME] = "contact_name",
    [IMPORT_CONTACT_RELATIONSHIP] = "contact_relationship",
    [IMPORT_CONTACT_PHONE] = "contact_phone",
    [IMPORT_MEDICAID] = "medicaid",
    [IMPORT_NAME] = "name",
    [IMPORT_PROFESSION] = "profession",
    [IMPORT_CREDENTIAL] = "credential",
    [IMPORT_LICENSE_NUMBER] = "license_number",
    [IMPORT_LICENSE_STATE] = "license_state",
    [IMPORT_LICENSE_EXPIRES_ON] = "license_expires_on",
    [IMPORT_WEEKLY_HOURS] = "weekly_hours",
};
/* How a record's checks call a field that a file calls otherwise. */
static const struct {
  const char *name;
  enum import_field field;
} other_names[] = {{"identifier", IMPORT_MEDICAID}, {"weekly_minutes", IMPORT_WEEKLY_HOURS}};

/* --- Problems -------------------------------------------------------------------------------- */

static const struct {
  const char *what, *mend;
} mends[] = {
    {"error.care.code", "import.mend.code"},
    {"error.care.date", "import.mend.date"},
    {"error.care.email", "import.mend.empty"},
    {"error.care.erased", "import.mend.here"},
    {"error.care.future", "import.mend.date"},
    {"error.care.import.column", "import.mend.column"},
    {"error.care.import.formula", "import.mend.formula"},
    {"error.care.import.id", "import.mend.id"},
    {"error.care.import.state", "import.mend.state"},
    {"error.care.import.twice", "import.mend.twice"},
    {"error.care.import.wide", "import.mend.wide"},
    {"error.care.long", "import.mend.long"},
    {"error.care.many", "import.mend.long"},
    {"error.care.merged", "import.mend.here"},
    {"error.care.name", "import.mend.required"},
    {"error.care.number", "import.mend.number"},
    {"error.care.past", "import.mend.date"},
    {"error.care.phone", "import.mend.phone"},
    {"error.care.required", "import.mend.required"},
    {"error.care.text", "import.mend.text"},
    {"error.care.value", "import.mend.number"},
    {"error.care.zip", "import.mend.zip"},
};

static void add_problem(struct import_reader *reader, int64_t line, struct text column,
                        const char *what)
{
  struct care_import_report *report = reader->report;
  const char *mend = "import.mend.empty";
  for (size_t i = 0; i < sizeof mends / sizeof *mends; i++)
    if (strcmp(mends[i].what, what) == 0) mend = mends[i].mend;
  if (report->problem_count < LIMIT_IMPORT_PROBLEMS)
    report->problems[report->problem_count++] =
        (struct care_import_problem){line, column, what, mend};
  report->problem_total++;
}

void import_reader_problem(struct import_reader *reader, int64_t line, enum import_field field,
                           const char *what)
{
  struct text column = reader->names[field];
  add_problem(reader, line, column.length ? column : text_from(field_names[field]), what);
}

static enum import_field field_of(const char *name)
{
  for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++)
    if (strcmp(other_names[i].name, name) == 0) return other_names[i].field;
  for (int i = 0; i < IMPORT_FIELDS; i++)
    if (strcmp(field_names[i], name) == 0) return (enum import_field)i;
  return IMPORT_EXTERNAL_ID;
}

/* --- The header ------------------------------------------------------------------------------ */

/* A column's name as it may be shown: cut, or its number when it is no text. */
static struct text shown(struct arena *arena, struct text name, size_t column)
{
  struct field_problems problems = {.count = 0};
  struct text tidy = care_tidy_text(arena, text_slice(name, 0, LIMIT_CARE_NAME * LIMIT_CHARACTER));
  care_check_text(&problems, "column", tidy, LIMIT_CARE_NAME, true);
  return problems.count ? text_format(arena, "#%zu", column + 1) : tidy;
}

static bool find_field(const struct import_reader *reader, struct text name, enum import_field *out)
{
  const struct care_file *file = &reader->care->import_columns;
  struct text what = reader->what == CARE_IMPORT_PEOPLE ? TEXT("people") : TEXT("staff");
  struct text folded = text_fold(reader->arena, name);
  if (folded.length == 0) return false;
  for (size_t row = 0; row < file->table.row_count; row++) {
    if (!text_equal(table_cell(&file->table, row, 0), what) ||
        !text_equal(text_fold(reader->arena, table_cell(&file->table, row, 2)), folded))
      continue;
    *out = field_of(text_c(reader->arena, table_cell(&file->table, row, 1)));
    return true;
  }
  return false;
}

static bool has(const struct import_reader *reader, enum import_field field)
{
  return reader->columns[field] != SIZE_MAX;
}

static void lacks(struct import_reader *reader, int64_t line, enum import_field field)
{
  import_reader_problem(reader, line, field, "error.care.import.column");
}

void import_reader_header(struct import_reader *reader, const struct table_row *row)
{
  struct care_import_report *report = reader->report;
  enum import_field field;
  for (size_t i = 0; i < IMPORT_FIELDS; i++) reader->columns[i] = SIZE_MAX;
  reader->width = row->count;
  report->unread = arena_allocate_array(reader->arena, row->count + 1, sizeof(struct text));
  for (size_t i = 0; i < row->count; i++) {
    struct text name = shown(reader->arena, row->fields[i], i);
    if (!find_field(reader, name, &field)) report->unread[report->unread_count++] = name;
    else if (has(reader, field)) add_problem(reader, row->line, name, "error.care.import.twice");
    else {
      reader->columns[field] = i;
      reader->names[field] = name;
    }
  }
  bool is_people = reader->what == CARE_IMPORT_PEOPLE;
  bool has_name = has(reader, IMPORT_GIVEN) || has(reader, IMPORT_FAMILY) ||
                  has(reader, is_people ? IMPORT_CHOSEN : IMPORT_NAME);
  if (!has(reader, IMPORT_EXTERNAL_ID)) lacks(reader, row->line, IMPORT_EXTERNAL_ID);
  if (!has_name) lacks(reader, row->line, is_people ? IMPORT_FAMILY : IMPORT_NAME);
  if (!is_people && !has(reader, IMPORT_PROFESSION)) lacks(reader, row->line, IMPORT_PROFESSION);
  report->is_refused = report->problem_total > 0;
}

/* --- Cells ----------------------------------------------------------------------------------- */

struct reading {
  struct import_reader *reader;
  struct arena *arena;
  struct import_row *row;
  bool is_wrong;
};

static void wrong(struct reading *reading, enum import_field field, const char *what)
{
  import_reader_problem(reading->reader, reading->row->line, field, what);
  reading->row->cells[field] = TEXT("");
  reading->is_wrong = true;
}

static bool is_phone(enum import_field field)
{
  return field == IMPORT_PHONE || field == IMPORT_HOME_PHONE || field == IMPORT_CONTACT_PHONE;
}

/* Would a spreadsheet run it? */
static bool is_formula(struct text cell)
{
  double number;
  struct text trimmed = text_trim(cell);
  if (cell.length && (cell.at[0] == '\t' || cell.at[0] == '\r')) return true;
  return trimmed.length && memchr("=+-@", trimmed.at[0], 4) && !text_read_decimal(trimmed, &number);
}

static void take_cell(struct reading *reading, enum import_field field, struct text cell)
{
  struct field_problems problems = {.count = 0};
  struct text tidy =
      care_tidy_text(reading->arena, text_slice(cell, 0, LIMIT_CARE_WORDS * LIMIT_CHARACTER));
  struct text phone = is_phone(field) ? care_tidy_phone(reading->arena, tidy) : TEXT("");
  care_check_text(&problems, "cell", cell, LIMIT_CARE_WORDS, false);
  if (problems.count) wrong(reading, field, problems.items[0].message);
  else if (is_formula(cell) && phone.length != 10)
    wrong(reading, field, "error.care.import.formula");
  else reading->row->cells[field] = phone.length == 10 ? phone : tidy;
}

/* Month, day and year with "/" between, as Americans write them. */
static bool read_american(struct text cell, int64_t parts[3])
{
  struct text part, rest = cell;
  for (size_t i = 0; i < 3; i++)
    if (!text_split_next(&rest, '/', &part) || part.length == 0 || part.length > (i < 2 ? 2 : 4) ||
        !text_read_integer(part, &parts[i]) || parts[i] < 1)
      return false;
  return part.length == 4 && rest.length == 0 && !text_ends_with(cell, TEXT("/"));
}

/* "2/29/1980", "19800229" as HL7 writes it, or as it is. */
static void take_date(struct reading *reading, enum import_field field)
{
  int64_t american[3], digits;
  int parts[3];
  struct text cell = reading->row->cells[field];
  if (cell.length == 0) return;
  if (cell.length == 8 && text_read_integer(cell, &digits))
    cell = text_format(reading->arena, "%.4s-%.2s-%.2s", cell.at, cell.at + 4, cell.at + 6);
  else if (read_american(cell, american))
    cell = text_format(reading->arena, "%04d-%02d-%02d", (int)american[2], (int)american[0],
                       (int)american[1]);
  if (time_read_date(cell, &parts[0], &parts[1], &parts[2])) reading->row->cells[field] = cell;
  else wrong(reading, field, "error.care.date");
}

static void take_phone(struct reading *reading, enum import_field field)
{
  struct field_problems problems = {.count = 0};
  care_check_phone(&problems, "phone", reading->row->cells[field]);
  if (problems.count) wrong(reading, field, problems.items[0].message);
}

static bool is_said(struct reading *reading, struct text folded, struct text words)
{
  return text_equal(folded, text_fold(reading->arena, words));
}

/* A code by itself, by its words in any language, or by what other systems call it. */
static void take_code(struct reading *reading, enum import_field field, enum care_list list)
{
  const struct care *care = reading->reader->care;
  const struct care_file *values = &care->import_values;
  struct text folded = text_fold(reading->arena, reading->row->cells[field]);
  if (reading->row->cells[field].length == 0) return;
  for (size_t i = 0; folded.length && i < care_code_count(care, list); i++) {
    struct text code = care_code(care, list, i);
    bool is_met = is_said(reading, folded, code);
    for (size_t language = 0; language < catalog_language_count(care->privacy->catalog); language++)
      is_met |= is_said(reading, folded, care_code_label(care, list, code, language));
    if (!is_met) continue;
    reading->row->cells[field] = code;
    return;
  }
  for (size_t i = 0; folded.length && i < values->table.row_count; i++) {
    if (!text_equal(table_cell(&values->table, i, 0), text_from(care_list_name(list))) ||
        !is_said(reading, folded, table_cell(&values->table, i, 1)))
      continue;
    reading->row->cells[field] = table_cell(&values->table, i, 2);
    return;
  }
  wrong(reading, field, "error.care.code");
}

static void take_state(struct reading *reading, enum import_field field)
{
  const struct care *care = reading->reader->care;
  struct text cell = reading->row->cells[field];
  if (cell.length == 0) return;
  for (size_t i = 0; i < care_code_count(care, CARE_STATES); i++) {
    struct text code = care_code(care, CARE_STATES, i);
    if (!text_equal_ignore_case(cell, code) &&
        !text_equal_ignore_case(cell, care_code_cell(care, CARE_STATES, i, "name_en")) &&
        !text_equal_ignore_case(cell, care_code_cell(care, CARE_STATES, i, "name_es")))
      continue;
    reading->row->cells[field] = code;
    return;
  }
  wrong(reading, field, "error.care.import.state");
}

/* --- A person -------------------------------------------------------------------------------- */

static void set(struct text *field, struct text cell)
{
  if (cell.length) *field = cell;
}

static void put_phone(struct arena *arena, struct person_identity *identity, struct text use,
                      struct text number)
{
  if (number.length == 0) return;
  size_t count = identity->phone_count, at = count;
  struct person_phone *phones = arena_allocate_array(arena, count + 1, sizeof *phones);
  for (size_t i = 0; i < count; i++) phones[i] = identity->phones[i];
  for (size_t i = 0; i < count && at == count; i++)
    if (text_equal(phones[i].use, use)) at = i;
  phones[at].number = number;
  phones[at].use = use;
  identity->phones = phones;
  identity->phone_count = at == count ? count + 1 : count;
}

static void put_contact(struct arena *arena, const struct import_row *row,
                        struct person_identity *identity)
{
  const struct text *cells = row->cells;
  if (!cells[IMPORT_CONTACT_NAME].length && !cells[IMPORT_CONTACT_PHONE].length) return;
  size_t count = identity->contact_count ? identity->contact_count : 1;
  struct person_contact *contacts = arena_allocate_array(arena, count, sizeof *contacts);
  for (size_t i = 0; i < identity->contact_count; i++) contacts[i] = identity->contacts[i];
  set(&contacts[0].name, cells[IMPORT_CONTACT_NAME]);
  set(&contacts[0].relationship, cells[IMPORT_CONTACT_RELATIONSHIP]);
  set(&contacts[0].phone, cells[IMPORT_CONTACT_PHONE]);
  identity->contacts = contacts;
  identity->contact_count = count;
}

static void put_medicaid(struct arena *arena, struct text value, struct person_identity *identity)
{
  if (value.length == 0) return;
  size_t count = identity->identifier_count, at = count;
  struct person_identifier *all = arena_allocate_array(arena, count + 1, sizeof *all);
  for (size_t i = 0; i < count; i++) all[i] = identity->identifiers[i];
  for (size_t i = 0; i < count && at == count; i++)
    if (text_equal(all[i].kind, TEXT("medicaid"))) at = i;
  all[at].kind = TEXT("medicaid");
  all[at].value = value;
  identity->identifiers = all;
  identity->identifier_count = at == count ? count + 1 : count;
}

static void put_former(struct arena *arena, struct text cell, struct person_identity *identity)
{
  struct text part, rest = cell;
  size_t count = 0;
  if (cell.length == 0) return;
  struct text *former = arena_allocate_array(arena, LIMIT_CARE_LIST + 1, sizeof *former);
  while (count <= LIMIT_CARE_LIST && text_split_next(&rest, ';', &part))
    if (text_trim(part).length) former[count++] = text_trim(part);
  identity->former = former;
  identity->former_count = count;
}

void import_person_over(struct arena *arena, const struct import_row *row, struct person *person)
{
  struct person_identity *identity = &person->identity;
  const struct text *cells = row->cells;
  set(&identity->given, cells[IMPORT_GIVEN]);
  set(&identity->middle, cells[IMPORT_MIDDLE]);
  set(&identity->family, cells[IMPORT_FAMILY]);
  set(&identity->chosen, cells[IMPORT_CHOSEN]);
  set(&identity->birth_date, cells[IMPORT_BIRTH_DATE]);
  set(&identity->sex, cells[IMPORT_SEX]);
  set(&identity->gender_identity, cells[IMPORT_GENDER_IDENTITY]);
  set(&identity->pronouns, cells[IMPORT_PRONOUNS]);
  set(&identity->email, cells[IMPORT_EMAIL]);
  set(&identity->street, cells[IMPORT_STREET]);
  set(&identity->city, cells[IMPORT_CITY]);
  set(&identity->state, cells[IMPORT_STATE]);
  set(&identity->zip, cells[IMPORT_ZIP]);
  set(&person->language, cells[IMPORT_LANGUAGE]);
  put_former(arena, cells[IMPORT_FORMER], identity);
  put_phone(arena, identity, TEXT("mobile"), cells[IMPORT_PHONE]);
  put_phone(arena, identity, TEXT("home"), cells[IMPORT_HOME_PHONE]);
  put_contact(arena, row, identity);
  put_medicaid(arena, cells[IMPORT_MEDICAID], identity);
}

static void check(struct reading *reading, const struct field_problems *problems)
{
  for (size_t i = 0; i < problems->count; i++)
    wrong(reading, field_of(problems->items[i].field), problems->items[i].message);
}

static void read_person(struct reading *reading)
{
  struct import_reader *reader = reading->reader;
  struct import_row *row = reading->row;
  struct field_problems problems = {.count = 0};
  struct text languages = reader->languages, first = TEXT("");
  take_date(reading, IMPORT_BIRTH_DATE);
  take_code(reading, IMPORT_SEX, CARE_SEXES);
  take_code(reading, IMPORT_GENDER_IDENTITY, CARE_GENDER_IDENTITIES);
  take_code(reading, IMPORT_PRONOUNS, CARE_PRONOUNS);
  take_code(reading, IMPORT_LANGUAGE, CARE_SPOKEN);
  take_code(reading, IMPORT_CONTACT_RELATIONSHIP, CARE_RELATIONSHIPS);
  take_state(reading, IMPORT_STATE);
  take_phone(reading, IMPORT_PHONE);
  take_phone(reading, IMPORT_HOME_PHONE);
  take_phone(reading, IMPORT_CONTACT_PHONE);
  (void)text_word_next(&languages, &first);
  row->person = (struct person){.identity = {.sex = TEXT("unknown")}, .language = first};
  import_person_over(reading->arena, row, &row->person);
  person_tidy(reading->arena, &row->person);
  person_check(reader->care, &row->person, reader->today, &problems);
  check(reading, &problems);
}

/* --- A staff member -------------------------------------------------------------------------- */

static void take_hours(struct reading *reading)
{
  double hours = 0;
  struct text *cell = &reading->row->cells[IMPORT_WEEKLY_HOURS];
  if (cell->length == 0) return;
  if (!text_read_decimal(*cell, &hours) || hours < 0 || hours > 7 * 24) {
    wrong(reading, IMPORT_WEEKLY_HOURS, "error.care.value");
    return;
  }
  reading->row->staff.weekly_minutes = (int64_t)llround(hours * 60);
}

void import_staff_over(const struct import_row *row, struct staff *staff)
{
  const struct text *cells = row->cells;
  staff->external_id = cells[IMPORT_EXTERNAL_ID];
  set(&staff->name, cells[IMPORT_NAME]);
  set(&staff->profession, cells[IMPORT_PROFESSION]);
  set(&staff->credential, cells[IMPORT_CREDENTIAL]);
  set(&staff->license_number, cells[IMPORT_LICENSE_NUMBER]);
  set(&staff->license_state, cells[IMPORT_LICENSE_STATE]);
  set(&staff->license_expires_on, cells[IMPORT_LICENSE_EXPIRES_ON]);
  if (cells[IMPORT_WEEKLY_HOURS].length) staff->weekly_minutes = row->staff.weekly_minutes;
}

static void read_staff(struct reading *reading)
{
  struct import_row *row = reading->row;
  struct field_problems problems = {.count = 0};
  bool was_wrong = reading->is_wrong;
  take_code(reading, IMPORT_PROFESSION, CARE_PROFESSIONS);
  take_state(reading, IMPORT_LICENSE_STATE);
  take_date(reading, IMPORT_LICENSE_EXPIRES_ON);
  take_hours(reading);
  if (row->cells[IMPORT_NAME].length == 0)
    row->cells[IMPORT_NAME] =
        care_tidy_text(reading->arena, text_format(reading->arena, "%.*s %.*s",
                                                   TEXT_PRINT(row->cells[IMPORT_GIVEN]),
                                                   TEXT_PRINT(row->cells[IMPORT_FAMILY])));
  import_staff_over(row, &row->staff);
  staff_check(reading->reader->care, &row->staff, &problems);
  /* What was refused above is not asked for once more. */
  if (!was_wrong && !reading->is_wrong) check(reading, &problems);
}

void import_reader_row(struct import_reader *reader, struct arena *arena,
                       const struct table_row *row, struct import_row *out)
{
  struct reading reading = {reader, arena, out, false};
  *out = (struct import_row){.line = row->line};
  if (row->count > reader->width) wrong(&reading, IMPORT_EXTERNAL_ID, "error.care.import.wide");
  for (int i = 0; i < IMPORT_FIELDS; i++) {
    size_t column = reader->columns[i];
    if (column < row->count) take_cell(&reading, (enum import_field)i, row->fields[column]);
  }
  struct text id = out->cells[IMPORT_EXTERNAL_ID];
  if (id.length > LIMIT_CARE_NAME) wrong(&reading, IMPORT_EXTERNAL_ID, "error.care.long");
  else if (id.length == 0 && !reading.is_wrong)
    wrong(&reading, IMPORT_EXTERNAL_ID, "error.care.required");
  if (reader->what == CARE_IMPORT_PEOPLE) read_person(&reading);
  else read_staff(&reading);
  out->outcome = reading.is_wrong ? IMPORT_REFUSED : IMPORT_FRESH;
}
