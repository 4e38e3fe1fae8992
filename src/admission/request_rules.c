/*
 * Request rules: reading them from knowledge/. See request_rules.h.
 *
 * Not here: what follows from them (waitlist.c, request_clock.c). Immutable after loading.
 */
#include "admission/request_rules.h"

#include <stdio.h>
#include <string.h>

static const int64_t SECOND = 1000000, DAY_SECONDS = 86400;

/* The code lists first, in the order of enum request_list; then what is read into structs. */
enum { ORDER_FILE = REQUEST_LISTS, CLOCKS_FILE, HOLIDAYS_FILE, SCRIPTS_FILE, FILES };
static const struct {
  const char *name, *columns[11];
} files[FILES] = {
    [REQUEST_SOURCES] = {"request-sources", {"code", "referral", NULL}},
    [REQUEST_STATES] = {"request-states",
                        {"code", "next", "is_answered", "is_waiting", "is_end", NULL}},
    [REQUEST_URGENCIES] = {"request-urgencies", {"code", "rank", "minutes", "business_days", NULL}},
    [REQUEST_DECLINE_REASONS] = {"decline-reasons", {"code", "elsewhere", NULL}},
    [REQUEST_CONSENTS] = {"request-consents", {"code", NULL}},
    [REQUEST_JOIN_REASONS] = {"request-join-reasons", {"code", NULL}},
    [WAITLIST_OUTCOMES] = {"waitlist-outcomes", {"code", "state", "attempts", NULL}},
    [WAITLIST_SKIP_REASONS] = {"skip-reasons", {"code", NULL}},
    [WAITLIST_INTERIM_SERVICES] = {"interim-services",
                                   {"code", "who", "required", "effective", "expires", NULL}},
    [CONTACT_WAYS] = {"contact-ways", {"code", NULL}},
    [CONTACT_RESULTS] = {"contact-results", {"code", "is_reached", NULL}},
    [CALL_KINDS] = {"call-kinds", {"code", "script", "is_attempt", NULL}},
    [SLOT_KINDS] = {"slot-kinds", {"code", NULL}},
    [ORDER_FILE] = {"waitlist-order",
                    {"tier", "pregnant", "injecting", "effective", "expires", NULL}},
    [CLOCKS_FILE] = {"waitlist-clocks",
                     {"code", "amount", "unit", "who", "effective", "expires", NULL}},
    [HOLIDAYS_FILE] = {"business-holidays",
                       {"code", "kind", "month", "day", "weekday", "effective", "expires", NULL}},
    [SCRIPTS_FILE] = {"call-scripts", {"script", "step", NULL}},
};
static const char *const grades[] = {"V", "V2", "GK", "P", "I", NULL};
static const char *const clock_codes[] = {
    [WAITLIST_INTERIM] = "interim",
    [WAITLIST_ADMIT] = "admit",
    [WAITLIST_ADMIT_MOST] = "admit-most",
    [WAITLIST_CAPACITY_SHARE] = "capacity-share",
    [WAITLIST_CAPACITY_NOTICE] = "capacity-notice",
    [WAITLIST_CONTACT] = "contact",
    NULL,
};

struct request_rules {
  struct arena *arena;
  struct table tables[FILES];
  struct waitlist_tier tiers[2][2]; /* by pregnant, injecting */
  struct waitlist_clock clocks[WAITLIST_CLOCKS];
  struct urgency *urgencies;
  struct interim_service *services;
  struct holiday *holidays;
  struct call_step *steps;
};

/* --- Cells --------------------------------------------------------------------------------- */

struct reading {
  struct request_rules *rules;
  struct error *error;
  int file;
  size_t row;
};

static bool refuse(const struct reading *at, const char *what)
{
  const struct table *table = &at->rules->tables[at->file];
  return error_set(at->error, ERROR_REFUSED, "error.knowledge.invalid",
                   "Mend the file in knowledge/.", "%s.csv:%lld: %s", files[at->file].name,
                   (long long)table->lines[at->row], what);
}

static struct text cell_of(const struct table *table, size_t row, const char *name)
{
  size_t column = 0;
  return table_column(table, name, &column, NULL) ? text_trim(table_cell(table, row, column))
                                                  : TEXT("");
}

static struct text cell(const struct reading *at, const char *name)
{
  return cell_of(&at->rules->tables[at->file], at->row, name);
}

static bool read_number(const struct reading *at, const char *name, int64_t least, int64_t most,
                        int64_t *out)
{
  return (text_read_integer(cell(at, name), out) && *out >= least && *out <= most) ||
         refuse(at, "a number is missing or out of its range");
}

/* Which of `names` (ending with NULL) a cell is. */
static bool read_choice(const struct reading *at, const char *name, const char *const *names,
                        size_t *out)
{
  for (size_t i = 0; names[i]; i++)
    if (text_equal(cell(at, name), text_from(names[i]))) {
      *out = i;
      return true;
    }
  return refuse(at, "a word that is none of those it may be");
}

static bool read_yes(const struct reading *at, const char *name, bool *out)
{
  static const char *const words[] = {"no", "yes", NULL};
  size_t index = 0;
  bool is_read = read_choice(at, name, words, &index);
  *out = index == 1;
  return is_read;
}

static bool read_who(const struct reading *at, unsigned *out)
{
  struct text rest = cell(at, "who"), word;
  bool is_all = text_equal(rest, TEXT("all"));
  *out = 0;
  while (!is_all && text_word_next(&rest, &word)) {
    if (text_equal(word, TEXT("pregnant"))) *out |= WAITLIST_PREGNANT;
    else if (text_equal(word, TEXT("injecting"))) *out |= WAITLIST_INJECTING;
    else return refuse(at, "for whom? all, pregnant, injecting");
  }
  return is_all || *out != 0 || refuse(at, "for whom? all, pregnant, injecting");
}

static bool read_day(const struct reading *at, const char *name, int64_t *out)
{
  struct text date = cell(at, name);
  int year, month, day;
  *out = 0;
  if (date.length == 0) return true;
  if (!time_read_date(date, &year, &month, &day)) return refuse(at, "no date YYYY-MM-DD");
  *out = time_days_from_date(year, month, day) * DAY_SECONDS * SECOND;
  return true;
}

static bool read_term(const struct reading *at, struct request_term *out)
{
  struct request_term term = {.source = cell(at, "source"), .grade = cell(at, "grade")};
  if (!read_day(at, "effective", &term.from) || !read_day(at, "expires", &term.until)) return false;
  if (term.until && term.until <= term.from) return refuse(at, "it expires before it begins");
  *out = term;
  return true;
}

enum request_term_state request_term_says(const struct request_term *term, int64_t now)
{
  if (term->from && now < term->from) return REQUEST_TERM_EARLY;
  return term->until && now >= term->until ? REQUEST_TERM_OVER : REQUEST_TERM_HOLDS;
}

/* --- Files --------------------------------------------------------------------------------- */

static bool check_row(const struct reading *at, const struct catalog *catalog)
{
  const struct table *table = &at->rules->tables[at->file];
  struct text code = table_cell(table, at->row, 0);
  size_t grade;
  if (code.length == 0) return refuse(at, "no code");
  if (cell(at, "source").length == 0) return refuse(at, "no source");
  if (!read_choice(at, "grade", grades, &grade)) return false;
  if (at->file == SCRIPTS_FILE)
    code = text_format(at->rules->arena, "%.*s.%.*s", TEXT_PRINT(code),
                       TEXT_PRINT(table_cell(table, at->row, 1)));
  else
    for (size_t i = 0; i < at->row; i++)
      if (text_equal(code, table_cell(table, i, 0))) return refuse(at, "the code stands twice");
  struct text key =
      text_format(at->rules->arena, "%s.%.*s", files[at->file].name, TEXT_PRINT(code));
  return !catalog || catalog_find(catalog, 0, key).at ||
         refuse(at, "no words in locale/en/requests.csv");
}

static bool load_file(struct request_rules *rules, int file, const char *folder,
                      const struct catalog *catalog, struct error *error)
{
  struct text document;
  struct table *table = &rules->tables[file];
  const char *name = text_c(rules->arena, text_format(rules->arena, "%s.csv", files[file].name));
  size_t ignored;
  if (!file_read(rules->arena, file_join(rules->arena, folder, name), LIMIT_KNOWLEDGE_FILE,
                 &document, error) ||
      !table_read_csv(rules->arena, document, table, error) ||
      !table_column(table, "source", &ignored, error) ||
      !table_column(table, "grade", &ignored, error))
    return error_add_context(error, "%s", name);
  for (size_t i = 0; files[file].columns[i]; i++)
    if (!table_column(table, files[file].columns[i], &ignored, error))
      return error_add_context(error, "%s", name);
  if (table->row_count == 0)
    return error_set(error, ERROR_REFUSED, "error.knowledge.invalid", "Add what it is for.",
                     "%s: no row below the header", name);
  struct reading at = {rules, error, file, 0};
  for (; at.row < table->row_count; at.row++)
    if (!check_row(&at, catalog)) return false;
  return true;
}

/* --- What is read into structs ------------------------------------------------------------- */

static bool load_order(struct request_rules *rules, struct error *error)
{
  struct reading at = {rules, error, ORDER_FILE, 0};
  bool pregnant, injecting;
  for (; at.row < rules->tables[ORDER_FILE].row_count; at.row++) {
    struct waitlist_tier tier;
    if (!read_number(&at, "tier", 1, 100, &tier.tier) || !read_yes(&at, "pregnant", &pregnant) ||
        !read_yes(&at, "injecting", &injecting) || !read_term(&at, &tier.term))
      return false;
    if (rules->tiers[pregnant][injecting].tier) return refuse(&at, "the same people twice");
    rules->tiers[pregnant][injecting] = tier;
  }
  at.row = rules->tables[ORDER_FILE].row_count - 1;
  return at.row == 3 || refuse(&at, "some people have no place in the order");
}

static bool load_clocks(struct request_rules *rules, struct error *error)
{
  static const char *const units[] = {"percent", "hours", "days", NULL};
  struct reading at = {rules, error, CLOCKS_FILE, 0};
  for (; at.row < rules->tables[CLOCKS_FILE].row_count; at.row++) {
    struct waitlist_clock clock;
    size_t kind, unit;
    if (!read_choice(&at, "code", clock_codes, &kind) ||
        !read_number(&at, "amount", 1, 1000, &clock.amount) ||
        !read_choice(&at, "unit", units, &unit) || !read_who(&at, &clock.who) ||
        !read_term(&at, &clock.term))
      return false;
    if ((unit == 0) != (kind == WAITLIST_CAPACITY_SHARE))
      return refuse(&at, "the share is in percent, everything else a time");
    if (unit) clock.amount *= (unit == 1 ? 3600 : DAY_SECONDS) * SECOND;
    rules->clocks[kind] = clock;
  }
  at.row = rules->tables[CLOCKS_FILE].row_count - 1;
  return at.row + 1 == WAITLIST_CLOCKS || refuse(&at, "a clock is missing");
}

static bool load_urgencies(struct request_rules *rules, struct error *error)
{
  struct reading at = {rules, error, REQUEST_URGENCIES, 0};
  size_t count = rules->tables[REQUEST_URGENCIES].row_count;
  rules->urgencies = arena_allocate_array(rules->arena, count, sizeof *rules->urgencies);
  for (; at.row < count; at.row++) {
    struct urgency *urgency = &rules->urgencies[at.row];
    urgency->code = cell(&at, "code");
    if (!read_number(&at, "rank", 1, 100, &urgency->rank) ||
        !read_number(&at, "minutes", 0, 100000, &urgency->minutes) ||
        !read_number(&at, "business_days", 0, 30, &urgency->business_days))
      return false;
    if ((urgency->minutes == 0) == (urgency->business_days == 0))
      return refuse(&at, "either minutes or business days");
  }
  return true;
}

static bool load_services(struct request_rules *rules, struct error *error)
{
  struct reading at = {rules, error, WAITLIST_INTERIM_SERVICES, 0};
  size_t count = rules->tables[WAITLIST_INTERIM_SERVICES].row_count;
  rules->services = arena_allocate_array(rules->arena, count, sizeof *rules->services);
  for (; at.row < count; at.row++) {
    struct interim_service *service = &rules->services[at.row];
    service->code = cell(&at, "code");
    if (!read_who(&at, &service->who) || !read_yes(&at, "required", &service->is_required) ||
        !read_term(&at, &service->term))
      return false;
  }
  return true;
}

static bool load_holidays(struct request_rules *rules, struct error *error)
{
  static const char *const kinds[] = {"fixed", "nth", "last", NULL};
  struct reading at = {rules, error, HOLIDAYS_FILE, 0};
  size_t count = rules->tables[HOLIDAYS_FILE].row_count;
  rules->holidays = arena_allocate_array(rules->arena, count, sizeof *rules->holidays);
  for (; at.row < count; at.row++) {
    struct holiday *holiday = &rules->holidays[at.row];
    int64_t month, day, weekday;
    size_t kind;
    if (!read_choice(&at, "kind", kinds, &kind) || !read_number(&at, "month", 1, 12, &month) ||
        !read_number(&at, "day", 1, kind == HOLIDAY_NTH ? 4 : 31, &day) ||
        !read_number(&at, "weekday", 0, 6, &weekday) || !read_term(&at, &holiday->term))
      return false;
    holiday->code = cell(&at, "code");
    holiday->kind = kind == 0 ? HOLIDAY_FIXED : kind == 1 ? HOLIDAY_NTH : HOLIDAY_LAST;
    holiday->month = (int)month;
    holiday->day = (int)day;
    holiday->weekday = (int)weekday;
  }
  return true;
}

/* Words that lead from one list into another. */
static bool check_links(struct request_rules *rules, struct error *error)
{
  struct reading at = {rules, error, REQUEST_STATES, 0};
  for (; at.row < rules->tables[REQUEST_STATES].row_count; at.row++) {
    struct text rest = cell(&at, "next"), word;
    while (text_word_next(&rest, &word))
      if (!request_code_is(rules, REQUEST_STATES, word)) return refuse(&at, "no such next state");
  }
  at = (struct reading){rules, error, WAITLIST_OUTCOMES, 0};
  for (; at.row < rules->tables[WAITLIST_OUTCOMES].row_count; at.row++) {
    int64_t attempts;
    if (!request_code_says(rules, REQUEST_STATES, cell(&at, "state"), "is_end", "yes"))
      return refuse(&at, "an outcome leads to a state that ends");
    if (!read_number(&at, "attempts", 0, 100, &attempts)) return false;
  }
  at = (struct reading){rules, error, CALL_KINDS, 0};
  for (; at.row < rules->tables[CALL_KINDS].row_count; at.row++) {
    bool found = false, is_attempt;
    if (!read_yes(&at, "is_attempt", &is_attempt)) return false;
    for (size_t i = 0; i < call_step_count(rules); i++)
      found = found || text_equal(rules->steps[i].script, cell(&at, "script"));
    if (!found) return refuse(&at, "no such script");
  }
  return true;
}

static void load_steps(struct request_rules *rules)
{
  const struct table *table = &rules->tables[SCRIPTS_FILE];
  rules->steps = arena_allocate_array(rules->arena, table->row_count, sizeof *rules->steps);
  for (size_t row = 0; row < table->row_count; row++)
    rules->steps[row] =
        (struct call_step){cell_of(table, row, "script"), cell_of(table, row, "step")};
}

bool request_rules_load(struct request_rules **out, const char *knowledge_folder,
                        const struct catalog *catalog, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct request_rules *rules = arena_allocate(arena, sizeof *rules);
  rules->arena = arena;
  bool is_read = true;
  for (int file = 0; is_read && file < FILES; file++)
    is_read = load_file(rules, file, knowledge_folder, catalog, error);
  if (is_read) load_steps(rules);
  if (!is_read || !load_order(rules, error) || !load_clocks(rules, error) ||
      !load_urgencies(rules, error) || !load_services(rules, error) ||
      !load_holidays(rules, error) || !check_links(rules, error)) {
    arena_free(arena);
    return false;
  }
  *out = rules;
  return true;
}

void request_rules_free(struct request_rules *rules)
{
  if (rules) arena_free(rules->arena);
}

/* --- Looking up ---------------------------------------------------------------------------- */

const char *request_list_name(enum request_list list)
{
  return files[list].name;
}

size_t request_code_count(const struct request_rules *rules, enum request_list list)
{
  return rules->tables[list].row_count;
}

struct text request_code(const struct request_rules *rules, enum request_list list, size_t index)
{
  return table_cell(&rules->tables[list], index, 0);
}

struct text request_code_cell(const struct request_rules *rules, enum request_list list,
                              struct text code, const char *column)
{
  const struct table *table = &rules->tables[list];
  for (size_t row = 0; row < table->row_count; row++)
    if (text_equal(table_cell(table, row, 0), code)) return cell_of(table, row, column);
  return TEXT("");
}

bool request_code_is(const struct request_rules *rules, enum request_list list, struct text code)
{
  return code.length && request_code_cell(rules, list, code, files[list].columns[0]).length;
}

bool request_code_says(const struct request_rules *rules, enum request_list list, struct text code,
                       const char *column, const char *word)
{
  struct text rest = request_code_cell(rules, list, code, column), part;
  while (text_word_next(&rest, &part))
    if (text_equal(part, text_from(word))) return true;
  return false;
}

int64_t request_code_number(const struct request_rules *rules, enum request_list list,
                            struct text code, const char *column)
{
  int64_t number = 0;
  (void)text_read_integer(request_code_cell(rules, list, code, column), &number);
  return number;
}

const struct waitlist_tier *waitlist_tier_get(const struct request_rules *rules, bool is_pregnant,
                                              bool is_injecting)
{
  return &rules->tiers[is_pregnant][is_injecting];
}

const struct waitlist_clock *waitlist_clock_get(const struct request_rules *rules,
                                                enum waitlist_clock_kind kind)
{
  return &rules->clocks[kind];
}

const struct urgency *urgency_find(const struct request_rules *rules, struct text code)
{
  for (size_t i = 0; i < rules->tables[REQUEST_URGENCIES].row_count; i++)
    if (text_equal(rules->urgencies[i].code, code)) return &rules->urgencies[i];
  return NULL;
}

size_t interim_service_count(const struct request_rules *rules)
{
  return rules->tables[WAITLIST_INTERIM_SERVICES].row_count;
}

const struct interim_service *interim_service_get(const struct request_rules *rules, size_t index)
{
  return &rules->services[index];
}

size_t holiday_count(const struct request_rules *rules)
{
  return rules->tables[HOLIDAYS_FILE].row_count;
}

const struct holiday *holiday_get(const struct request_rules *rules, size_t index)
{
  return &rules->holidays[index];
}

size_t call_step_count(const struct request_rules *rules)
{
  return rules->tables[SCRIPTS_FILE].row_count;
}

const struct call_step *call_step_get(const struct request_rules *rules, size_t index)
{
  return &rules->steps[index];
}

size_t request_rules_rows(const struct request_rules *rules)
{
  size_t count = 0;
  for (int file = 0; file < FILES; file++) count += rules->tables[file].row_count;
  return count;
}

/* --- Showing ------------------------------------------------------------------------------- */

static struct text words_of(const struct catalog *catalog, struct arena *arena, int file,
                            const struct table *table, size_t row, size_t language)
{
  struct text code = table_cell(table, row, 0);
  if (file == SCRIPTS_FILE)
    code = text_format(arena, "%.*s.%.*s", TEXT_PRINT(code), TEXT_PRINT(table_cell(table, row, 1)));
  return catalog_find(catalog, language,
                      text_format(arena, "%s.%.*s", files[file].name, TEXT_PRINT(code)));
}

static struct value *row_value(const struct request_rules *rules, const struct catalog *catalog,
                               struct arena *arena, int file, size_t row, int64_t now)
{
  static const char *const states[] = {[REQUEST_TERM_HOLDS] = "holds",
                                       [REQUEST_TERM_EARLY] = "does not hold yet",
                                       [REQUEST_TERM_OVER] = "ended: check the law"};
  const struct table *table = &rules->tables[file];
  struct value *out = value_object(arena), *words = value_object(arena);
  struct request_term term;
  value_set(out, "list", value_text(arena, text_from(files[file].name)));
  for (size_t i = 0; i < table->column_count; i++)
    if (table_cell(table, row, i).length)
      value_set_text_key(out, text_copy(arena, table->columns[i]),
                         value_text(arena, text_copy(arena, table_cell(table, row, i))));
  for (size_t i = 0; i < catalog_language_count(catalog); i++)
    value_set_text_key(words, catalog_language(catalog, i),
                       value_text(arena, words_of(catalog, arena, file, table, row, i)));
  value_set(out, "words", words);
  struct reading at = {(struct request_rules *)(uintptr_t)rules, NULL, file, row};
  if (cell(&at, "effective").length && read_term(&at, &term))
    value_set(out, "today", value_text(arena, text_from(states[request_term_says(&term, now)])));
  return out;
}

void request_rules_find(const struct request_rules *rules, const struct catalog *catalog,
                        struct arena *arena, struct text name, int64_t now, struct value *found)
{
  struct text list, code = name;
  if (!text_split_next(&code, '.', &list)) return;
  for (int file = 0; file < FILES; file++) {
    const struct table *table = &rules->tables[file];
    for (size_t row = 0; row < table->row_count; row++)
      if (text_equal(list, text_from(files[file].name)) &&
          (code.length == 0 || text_equal(code, table_cell(table, row, 0))))
        value_add(found, row_value(rules, catalog, arena, file, row, now));
  }
}
