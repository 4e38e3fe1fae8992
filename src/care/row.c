/*
 * Row: what every file of this room does with an access, a row, a form's field. See care_private.h.
 */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "care/care_private.h"

/* --- Access ------------------------------------------------------------------------------ */

static bool refuse_access(const char *object, const char *act, struct error *error)
{
  return error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                   "care: the access was not opened for %s, %s and this person", object, act);
}

bool care_may(const struct access *access, const char *object, const char *act,
              struct text person_id, struct error *error)
{
  bool is_meant = access->object && access->act && strcmp(access->object, object) == 0 &&
                  strcmp(access->act, act) == 0;
  if (is_meant && (person_id.length == 0 || text_equal(person_id, access->person_id))) return true;
  return refuse_access(object, act, error);
}

bool care_may_row(struct store_transaction *transaction, const struct access *access,
                  const char *object, const char *act, struct text person_id, struct error *error)
{
  if (!care_may(access, object, act, TEXT(""), error)) return false;
  if (text_equal(person_id, access->person_id)) return true;
  struct arena *arena = arena_new(4096);
  struct text standing;
  bool is_done =
      person_standing(transaction, arena, access->program_id, person_id, &standing, error);
  bool is_same = is_done && text_equal(standing, access->person_id);
  arena_free(arena);
  return is_same || (is_done && access_refuse(access, person_id, "error.403.text", error));
}

struct care_reach care_reach_of(const struct access *access)
{
  const struct actor *actor = access->actor;
  struct care_reach reach = {.site_id = TEXT(""), .staff_id = TEXT(""), .own_person_id = TEXT("")};
  reach.is_all =
      access->scope == SCOPE_PROGRAM || (access->scope == SCOPE_SITE && actor->site_id.length == 0);
  if (access->scope == SCOPE_SITE) reach.site_id = actor->site_id;
  if (access->scope >= SCOPE_CASELOAD) reach.staff_id = actor->staff_id;
  if (access->scope >= SCOPE_OWN) reach.own_person_id = actor->person_id;
  return reach;
}

bool care_reaches(struct store_transaction *transaction, const struct access *access,
                  struct text person_id, struct error *error)
{
  struct role_subject subject;
  return care_subject_load(transaction, access->program_id, person_id, access->actor, access->now,
                           &subject, error) &&
         (role_scope_reaches(access->scope, &subject) ||
          access_refuse(access, person_id, "error.403.text", error));
}

/* --- Rows ---------------------------------------------------------------------------------- */

struct text care_new_id(struct arena *arena, int64_t now)
{
  char id[UUID_TEXT + 1];
  uuid_new(now, id);
  return text_copy(arena, text_from(id));
}

struct text care_column(struct arena *arena, const struct store_cursor *cursor, int column)
{
  return text_copy(arena, store_column_text(cursor, column));
}

struct text care_account(const struct access *access)
{
  return access->actor->account_id;
}

bool care_saved(int64_t changed, struct error *error)
{
  if (changed == 1) return true;
  return error_set(error, ERROR_CONFLICT, "error.care.stale", "Load it again.",
                   "care: the row's version is another");
}

bool care_any(bool is_asked, struct store_cursor **cursor, bool *out, struct error *error)
{
  bool more = false;
  bool is_read = is_asked && store_next(*cursor, &more, error);
  if (is_asked) store_cursor_close(*cursor);
  *cursor = NULL;
  if (is_read) *out = more;
  return is_read;
}

bool care_refuse(const struct field_problems *problems, struct error *error)
{
  if (problems->count == 0) return true;
  return error_set(error, ERROR_REFUSED, problems->items[0].message, "", "care: the field %s",
                   problems->items[0].field);
}

struct vault_subject care_subject(const struct access *access, struct text person_id)
{
  return (struct vault_subject){access->program_id, person_id};
}

bool care_seal(const struct access *access, struct arena *arena, struct text person_id,
               const char *purpose, struct text plain, struct text *out, struct error *error)
{
  if (plain.length == 0) {
    *out = TEXT("");
    return true;
  }
  return vault_seal(access->privacy->vault, arena, care_subject(access, person_id), purpose, plain,
                    out, error);
}

bool care_unseal(const struct access *access, struct arena *arena, struct text person_id,
                 const char *purpose, struct text sealed, struct text *out, struct error *error)
{
  struct text plain = TEXT("");
  if (sealed.length && !vault_unseal(access->privacy->vault, arena, care_subject(access, person_id),
                                     purpose, sealed, &plain, error)) {
    if (error->kind != ERROR_NOT_FOUND) return false;
    error_clear(error);
    plain = TEXT("");
  }
  *out = plain;
  return true;
}

bool care_code_says(const struct care *care, enum care_list list, struct text code,
                    const char *column, const char *word)
{
  size_t index;
  struct text part;
  if (!care_code_find(care, list, code, &index)) return false;
  struct text rest = care_code_cell(care, list, index, column);
  while (text_word_next(&rest, &part))
    if (text_equal(part, text_from(word))) return true;
  return false;
}

bool care_check_place(struct store_transaction *transaction, const struct access *access,
                      struct text site_id, struct text unit_id, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool has_site = true, has_unit = true;
  if (site_id.length &&
      !care_any(store_query(transaction, &cursor,
                            "SELECT 1 FROM site WHERE program_id = $1 AND id = $2",
                            STORE_BIND(STORE_T(access->program_id), STORE_T(site_id)), error),
                &cursor, &has_site, error))
    return false;
  if (unit_id.length &&
      !care_any(
          store_query(transaction, &cursor,
                      "SELECT 1 FROM unit WHERE program_id = $1 AND id = $2 AND site_id = $3",
                      STORE_BIND(STORE_T(access->program_id), STORE_T(unit_id), STORE_T(site_id)),
                      error),
          &cursor, &has_unit, error))
    return false;
  if (!has_site)
    return error_set(error, ERROR_REFUSED, "error.care.site", "", "care: no such site");
  return has_unit || error_set(error, ERROR_REFUSED, "error.care.unit", "", "care: no such unit");
}

bool care_check_staff(struct store_transaction *transaction, const struct access *access,
                      struct text staff_id, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool has_staff = true;
  if (staff_id.length &&
      !care_any(store_query(transaction, &cursor,
                            "SELECT 1 FROM staff WHERE program_id = $1 AND id = $2",
                            STORE_BIND(STORE_T(access->program_id), STORE_T(staff_id)), error),
                &cursor, &has_staff, error))
    return false;
  return has_staff ||
         error_set(error, ERROR_REFUSED, "error.care.staff", "", "care: no such staff member");
}

/* --- Fields -------------------------------------------------------------------------------- */

static bool has_control(struct text t)
{
  for (size_t i = 0; i < t.length; i++) {
    unsigned char c = (unsigned char)t.at[i];
    if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f) return true;
  }
  return false;
}

void care_check_text(struct field_problems *problems, const char *field, struct text t,
                     size_t ceiling, bool required)
{
  if (t.length == 0) {
    if (required) field_problem_add(problems, field, "error.care.required");
  } else if (text_characters(t) > ceiling || t.length > ceiling * LIMIT_CHARACTER) {
    field_problem_add(problems, field, "error.care.long");
  } else if (!text_is_utf8(t) || has_control(t)) {
    field_problem_add(problems, field, "error.care.text");
  }
}

void care_check_code(const struct care *care, struct field_problems *problems, const char *field,
                     enum care_list list, struct text code, bool required)
{
  if (code.length == 0) {
    if (required) field_problem_add(problems, field, "error.care.required");
  } else if (!care_code_is(care, list, code)) {
    field_problem_add(problems, field, "error.care.code");
  }
}

static bool is_digits(struct text t, size_t from, size_t to)
{
  for (size_t i = from; i < to; i++)
    if (t.at[i] < '0' || t.at[i] > '9') return false;
  return true;
}

void care_check_phone(struct field_problems *problems, const char *field, struct text phone)
{
  if (phone.length && (phone.length != 10 || !is_digits(phone, 0, 10)))
    field_problem_add(problems, field, "error.care.phone");
}

void care_check_zip(struct field_problems *problems, const char *field, struct text zip)
{
  bool is_short = zip.length == 5 && is_digits(zip, 0, 5);
  bool is_long =
      zip.length == 10 && is_digits(zip, 0, 5) && zip.at[5] == '-' && is_digits(zip, 6, 10);
  if (zip.length && !is_short && !is_long) field_problem_add(problems, field, "error.care.zip");
}

void care_check_date(struct field_problems *problems, const char *field, struct text date)
{
  int year, month, day;
  if (date.length && !time_read_date(date, &year, &month, &day))
    field_problem_add(problems, field, "error.care.date");
}

void care_check_range(struct field_problems *problems, const char *field, int64_t number,
                      int64_t low, int64_t high)
{
  if (number < low || number > high) field_problem_add(problems, field, "error.care.number");
}

struct text care_tidy_phone(struct arena *arena, struct text phone)
{
  char digits[16];
  size_t count = 0;
  for (size_t i = 0; i < phone.length; i++) {
    char c = phone.at[i];
    if (c >= '0' && c <= '9') {
      if (count == 11) return phone;
      digits[count++] = c;
    } else if (!strchr(" .-()+/", c) || c == '\0') {
      return phone;
    }
  }
  size_t from = count == 11 && digits[0] == '1' ? 1 : 0;
  if (count - from != 10) return phone;
  return text_copy(arena, (struct text){digits + from, 10});
}

/* What nobody sees and what turns the writing of what follows: no part of a name or a line. */
static bool is_unseen(utf8proc_int32_t c)
{
  return c == 0x061c || c == 0x200b || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
         c == 0x2060 || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static bool is_space(utf8proc_int32_t c)
{
  return (c >= '\t' && c <= '\r') || utf8proc_category(c) == UTF8PROC_CATEGORY_ZS ||
         utf8proc_category(c) == UTF8PROC_CATEGORY_ZL ||
         utf8proc_category(c) == UTF8PROC_CATEGORY_ZP;
}

struct text care_tidy_text(struct arena *arena, struct text t)
{
  char *out = arena_allocate(arena, t.length + 1);
  size_t length = 0, size;
  bool has_gap = false;
  if (!text_is_utf8(t)) return text_trim(t); /* care_check_text() refuses it */
  for (size_t at = 0; at < t.length; at += size) {
    utf8proc_int32_t c;
    size = (size_t)utf8proc_iterate((const utf8proc_uint8_t *)t.at + at,
                                    (utf8proc_ssize_t)(t.length - at), &c);
    if (is_unseen(c)) continue;
    if (is_space(c)) {
      has_gap = length > 0;
      continue;
    }
    if (has_gap) out[length++] = ' '; /* never longer than the space that stood there */
    has_gap = false;
    memcpy(out + length, t.at + at, size);
    length += size;
  }
  return (struct text){out, length};
}
