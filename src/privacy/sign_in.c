/*
 * sign_in: reading knowledge/sign-in.csv, locking, and the brake. See sign_in.h.
 */
#include "privacy/sign_in.h"

#include "privacy/account.h"
#include "privacy/rows.h"

enum { MICROSECONDS = 1000000, MINUTE = 60 * MICROSECONDS };

/* --- The file -------------------------------------------------------------------------------- */

/* A number's name, unit and bounds; of seconds, microseconds are kept. */
static const struct number {
  const char *name, *unit;
  int64_t least, most;
  size_t offset;
} numbers[] = {
#define AT(member) offsetof(struct sign_in_settings, member)
    {"password-shortest", "characters", 8, 64, AT(password_shortest)},
    {"password-longest", "characters", 64, 1024, AT(password_longest)},
    {"password-memory", "mebibytes", 7, 1024, AT(password_cost.memory)},
    {"password-passes", "passes", 1, 20, AT(password_cost.passes)},
    {"pin-shortest", "digits", 4, 12, AT(pin_shortest)},
    {"pin-longest", "digits", 4, 32, AT(pin_longest)},
    {"pin-memory", "mebibytes", 7, 1024, AT(pin_cost.memory)},
    {"pin-passes", "passes", 1, 20, AT(pin_cost.passes)},
    {"pin-failures", "times", 3, 100, AT(pin_failures)},
    {"lock-after", "times", 3, 100, AT(lock_after)},
    {"lock-first", "seconds", 1, 3600, AT(lock_first)},
    {"lock-most", "seconds", 1, 86400, AT(lock_most)},
    {"lock-forget", "seconds", 60, 604800, AT(lock_forget)},
    {"device-lasts", "seconds", 3600, 34560000, AT(device_lasts)},
    {"brake", "a minute", 1, 100000, AT(brake)},
    {"code-step", "seconds", 15, 120, AT(code_step)},
    {"code-window", "steps", 0, 4, AT(code_window)},
    {"recovery-codes", "codes", 1, 50, AT(recovery_codes)},
    {"first-code", "seconds", 60, 604800, AT(first_code)},
    {"half-way", "seconds", 60, 3600, AT(half_way)},
    {"prove-window", "seconds", 30, 3600, AT(prove_window)},
    {"desk-idle", "seconds", 60, 86400, AT(desk_idle)},
    {"desk-absolute", "seconds", 60, 604800, AT(desk_absolute)},
    {"station-idle", "seconds", 30, 86400, AT(station_idle)},
    {"station-absolute", "seconds", 60, 604800, AT(station_absolute)},
    {"person-idle", "seconds", 60, 86400, AT(person_idle)},
    {"person-absolute", "seconds", 60, 604800, AT(person_absolute)},
    {"shift", "seconds", 3600, 86400, AT(shift)},
    {"seen-every", "seconds", 1, 600, AT(seen_every)},
};
static const struct words {
  const char *name, *unit;
  size_t offset;
} word_lists[] = {
    {"password-common", "words", AT(password_common)},
    {"second-factor-roles", "roles", AT(second_factor_roles)},
    {"whole-program-roles", "roles", AT(whole_program_roles)},
#undef AT
};
enum { NUMBERS = sizeof numbers / sizeof *numbers, LISTS = sizeof word_lists / sizeof *word_lists };

enum column { COLUMN_NAME, COLUMN_VALUE, COLUMN_UNIT, COLUMN_SOURCE };
static const char *const columns[] = {"name", "value", "unit", "source", NULL};

struct reading {
  struct sign_in_settings *settings;
  const struct rows *rows;
  bool is_read[NUMBERS + LISTS];
};

static bool check_row(const struct reading *reading, size_t row, size_t index, const char *unit,
                      struct error *error)
{
  if (reading->is_read[index])
    return rows_refuse(reading->rows, row, "Keep one of them.", error, "it stands twice");
  if (!text_equal(rows_cell(reading->rows, row, COLUMN_UNIT), text_from(unit)))
    return rows_refuse(reading->rows, row, "Give it in its unit.", error, "the unit is \"%s\"",
                       unit);
  if (text_is_empty(rows_cell(reading->rows, row, COLUMN_SOURCE)))
    return rows_refuse(reading->rows, row, "Say by whose word.", error, "source is empty");
  return true;
}

static bool read_number(struct reading *reading, size_t row, size_t index, struct error *error)
{
  const struct number *number = &numbers[index];
  int64_t value;
  if (!check_row(reading, row, index, number->unit, error)) return false;
  if (!text_read_integer(rows_cell(reading->rows, row, COLUMN_VALUE), &value) ||
      value < number->least || value > number->most)
    return rows_refuse(reading->rows, row, "Choose a value between.", error,
                       "a whole number from %lld to %lld", (long long)number->least,
                       (long long)number->most);
  if (text_equal(text_from(number->unit), TEXT("seconds"))) value *= MICROSECONDS;
  *(int64_t *)(void *)((char *)reading->settings + number->offset) = value;
  reading->is_read[index] = true;
  return true;
}

static bool read_words(struct reading *reading, size_t row, size_t list, struct error *error)
{
  if (!check_row(reading, row, NUMBERS + list, word_lists[list].unit, error)) return false;
  *(struct text *)(void *)((char *)reading->settings + word_lists[list].offset) =
      rows_cell(reading->rows, row, COLUMN_VALUE);
  reading->is_read[NUMBERS + list] = true;
  return true;
}

static bool read_row(struct reading *reading, size_t row, struct error *error)
{
  struct text name = rows_cell(reading->rows, row, COLUMN_NAME);
  for (size_t i = 0; i < NUMBERS; i++)
    if (text_equal(name, text_from(numbers[i].name))) return read_number(reading, row, i, error);
  for (size_t i = 0; i < LISTS; i++)
    if (text_equal(name, text_from(word_lists[i].name))) return read_words(reading, row, i, error);
  return rows_refuse(reading->rows, row, "See docs/accounts.md.", error,
                     "there is no setting \"%.*s\"", TEXT_PRINT(name));
}

/* What OWASP's Password Storage page holds the least: 46 x 1, 19 x 2, 12 x 3, 9 x 4, 7 x 5. */
static bool is_safe(const struct secret_cost *cost)
{
  enum { LEAST = 35 };
  return cost->memory * cost->passes >= LEAST;
}

static bool check_whole(const struct reading *reading, struct error *error)
{
  const struct sign_in_settings *settings = reading->settings;
  for (size_t i = 0; i < NUMBERS + LISTS; i++)
    if (!reading->is_read[i])
      return error_set(error, ERROR_REFUSED, "error.knowledge.invalid", "Add its row.",
                       "sign-in.csv: %s is missing",
                       i < NUMBERS ? numbers[i].name : word_lists[i - NUMBERS].name);
  if (!is_safe(&settings->password_cost) || !is_safe(&settings->pin_cost))
    return error_set(error, ERROR_REFUSED, "error.knowledge.invalid",
                     "Memory times passes is at least 35 mebibytes.",
                     "sign-in.csv: hashes would be too cheap");
  if (settings->pin_longest < settings->pin_shortest || settings->lock_most < settings->lock_first)
    return error_set(error, ERROR_REFUSED, "error.knowledge.invalid", "Put them in order.",
                     "sign-in.csv: the most is less than the least");
  return true;
}

bool sign_in_load(struct sign_in_settings **out, struct arena *arena, const char *knowledge_folder,
                  struct error *error)
{
  struct sign_in_settings *settings = arena_allocate(arena, sizeof *settings);
  struct rows rows;
  struct reading reading = {.settings = settings, .rows = &rows};
  if (sodium_init() < 0) return error_set(error, ERROR_SYSTEM, "error.system", "", "libsodium");
  if (!rows_open(&rows, arena, knowledge_folder, "sign-in.csv", columns, error)) return false;
  for (size_t row = 0; row < rows.table.row_count; row++)
    if (!read_row(&reading, row, error)) return false;
  if (!check_whole(&reading, error) ||
      !secret_hash(&settings->password_cost, secret_token(arena), settings->unknown, error))
    return false;
  pthread_mutex_init(&settings->brake_lock, NULL);
  pthread_mutex_init(&settings->one_at_a_time, NULL);
  *out = settings;
  return true;
}

bool sign_in_check_file(const char *knowledge_folder, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct sign_in_settings *settings = NULL;
  bool is_sound = sign_in_load(&settings, arena, knowledge_folder, error);
  sign_in_fini(settings);
  arena_free(arena);
  return is_sound;
}

void sign_in_fini(struct sign_in_settings *settings)
{
  if (!settings) return;
  pthread_mutex_destroy(&settings->brake_lock);
  pthread_mutex_destroy(&settings->one_at_a_time);
}

bool sign_in_has_word(struct text words, struct text word)
{
  struct text one;
  while (text_word_next(&words, &one))
    if (text_equal(one, word)) return true;
  return false;
}

/* --- Locks and the brake --------------------------------------------------------------------- */

int64_t sign_in_locked_until(const struct sign_in_settings *settings, int64_t failures, int64_t now)
{
  if (failures < settings->lock_after) return 0;
  int64_t wait = settings->lock_first;
  for (int64_t i = settings->lock_after; i < failures && wait < settings->lock_most; i++) wait *= 2;
  return now + (wait < settings->lock_most ? wait : settings->lock_most);
}

/* Did so many fail within this minute that one hash at a time must do? */
static bool is_braked(struct sign_in_settings *settings, int64_t now)
{
  pthread_mutex_lock(&settings->brake_lock);
  bool braked = settings->brake_minute == now / MINUTE && settings->brake_count >= settings->brake;
  pthread_mutex_unlock(&settings->brake_lock);
  return braked;
}

static void count_failure(struct sign_in_settings *settings, int64_t now)
{
  pthread_mutex_lock(&settings->brake_lock);
  if (settings->brake_minute != now / MINUTE) settings->brake_count = 0;
  settings->brake_minute = now / MINUTE;
  settings->brake_count++;
  pthread_mutex_unlock(&settings->brake_lock);
}

bool sign_in_check(struct sign_in_settings *settings, struct text hash, struct text secret,
                   int64_t now, bool *fits, struct error *error)
{
  bool braked = is_braked(settings, now);
  bool is_known = !text_is_empty(hash);
  if (braked && pthread_mutex_trylock(&settings->one_at_a_time) != 0)
    return error_set(error, ERROR_BUSY, "error.sign_in.busy", "Try again in a minute.",
                     "too many failed sign-ins at once");
  bool is_right = secret_fits(is_known ? hash : text_from(settings->unknown), secret) && is_known;
  if (braked) pthread_mutex_unlock(&settings->one_at_a_time);
  if (!is_right) count_failure(settings, now);
  *fits = is_right;
  return true;
}
