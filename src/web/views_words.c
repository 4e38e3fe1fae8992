/*
 * Words: numbers, dates, phones and messages as people read them. See views.h.
 */
#include <math.h>
#include <string.h>

#include "web/views_words.h"

struct text view_text(const struct web_request *request, const char *key)
{
  return catalog_text(request->application->catalog, request->language, key);
}

struct text view_format(const struct web_request *request, const char *key,
                        const struct view_name *names)
{
  struct value *values = value_object(request->arena);
  for (; names->name; names++)
    value_set(values, names->name, value_text(request->arena, names->text));
  return catalog_format(request->arena, request->application->catalog, request->language, key,
                        values);
}

void view_set_text(const struct web_request *request, struct value *object, const char *key,
                   struct text t)
{
  value_set(object, key, value_text(request->arena, t));
}

void view_set_flag(const struct web_request *request, struct value *object, const char *key,
                   bool yes)
{
  value_set(object, key, value_boolean(request->arena, yes));
}

struct text view_count(struct arena *arena, int64_t count)
{
  struct text digits = text_format(arena, "%lld", (long long)count);
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_ERROR_TEXT);
  for (size_t i = 0; i < digits.length; i++) {
    if (i && (digits.length - i) % 3 == 0 && digits.at[i - 1] != '-')
      text_buffer_add_character(&out, ',');
    text_buffer_add_character(&out, digits.at[i]);
  }
  struct text copy = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return copy;
}

struct text view_miles(struct arena *arena, double miles)
{
  if (miles < 9.95) return text_format(arena, "%.1f", miles);
  return view_count(arena, llround(miles));
}

struct text view_date(const struct web_request *request, struct text date)
{
  int year, month, day;
  if (!time_read_date(date, &year, &month, &day)) return date;
  struct arena *arena = request->arena;
  struct text year_text = text_format(arena, "%d", year);
  if (month == 1 && day == 1) return year_text;
  const char *key = text_c(arena, text_format(arena, "date.%d", month));
  return VIEW_FORMAT(request, "date.form", {"year", year_text}, {"month", view_text(request, key)},
                     {"day", text_format(arena, "%d", day)});
}

struct text view_source(const struct web_request *request, struct text source)
{
  struct text key = text_format(request->arena, "source.name.%.*s", TEXT_PRINT(source));
  struct text name = catalog_find(request->application->catalog, request->language, key);
  return name.at ? name : source;
}

enum { PHONE_DIGITS = 15 }; /* at most, of any number (ITU-T E.164) */

/* Take the digits of the first number, up to its extension's "x" or where another number begins. */
static size_t first_number(struct text phone, char digits[PHONE_DIGITS], size_t *end)
{
  bool is_abroad = text_starts_with(phone, TEXT("+")) && !text_starts_with(phone, TEXT("+1"));
  size_t count = 0, at = 0;
  for (; at < phone.length && phone.at[at] != 'x'; at++) {
    char c = phone.at[at];
    size_t longest = is_abroad ? PHONE_DIGITS : count && digits[0] == '1' ? 11 : 10;
    if (c < '0' || c > '9') continue;
    if (count == longest) break;
    digits[count++] = c;
  }
  *end = at;
  return count;
}

struct text view_phone_link(struct arena *arena, struct text phone)
{
  char digits[PHONE_DIGITS];
  size_t end, count = first_number(phone, digits, &end);
  if (!count) return TEXT("");
  bool is_whole = count == 10 || (count == 11 && digits[0] == '1');
  const char *country = is_whole && count == 10 && phone.at[0] != '+'    ? "+1"
                        : is_whole || text_starts_with(phone, TEXT("+")) ? "+"
                                                                         : "";
  struct text extension = text_trim(text_slice(phone, end + 1, phone.length));
  int64_t number;
  if (end == phone.length || phone.at[end] != 'x' || !text_read_integer(extension, &number))
    return text_format(arena, "tel:%s%.*s", country, (int)count, digits);
  return text_format(arena, "tel:%s%.*s;ext=%.*s", country, (int)count, digits,
                     TEXT_PRINT(extension));
}

struct value *view_phone(const struct web_request *request, struct text phone,
                         const char *label_key)
{
  struct text link = view_phone_link(request->arena, phone);
  if (text_is_empty(link)) return NULL;
  struct value *out = value_object(request->arena);
  view_set_text(request, out, "href", link);
  view_set_text(request, out, "number_text", text_copy(request->arena, phone));
  view_set_text(request, out, "label", view_text(request, label_key));
  return out;
}

struct text view_address(struct arena *arena, struct text street1, struct text street2,
                         struct text city, struct text state, struct text zip)
{
  return text_format(arena, "%.*s%s%.*s%s%.*s%s%.*s %.*s", TEXT_PRINT(street1),
                     street1.length && street2.length ? ", " : "", TEXT_PRINT(street2),
                     street1.length || street2.length ? ", " : "", TEXT_PRINT(city),
                     city.length ? ", " : "", TEXT_PRINT(state), TEXT_PRINT(zip));
}

struct text view_listed(const struct web_request *request, struct text source, struct text as_of,
                        bool invented)
{
  if (invented) return view_text(request, "card.invented");
  return VIEW_FORMAT(request, "card.listed", {"year", text_slice(as_of, 0, 4)},
                     {"source", view_source(request, source)});
}

struct text view_base(const struct web_request *request, size_t language)
{
  if (language == 0) return TEXT("");
  struct text code = catalog_language(request->application->catalog, language);
  return text_format(request->arena, "/%.*s", TEXT_PRINT(code));
}

bool view_say_refusal(struct error *error)
{
  struct text_buffer hint;
  if (error->kind != ERROR_REFUSED && error->kind != ERROR_TOO_LARGE) return false;
  struct text log = text_from(error->log);
  text_buffer_init(&hint, 2 * LIMIT_ERROR_TEXT);
  text_buffer_add_format(&hint, "%s%s %s", error->log, text_ends_with(log, TEXT(".")) ? "" : ".",
                         error->hint);
  struct text said = text_slice(text_buffer_get(&hint), 0, LIMIT_ERROR_TEXT - 1);
  size_t whole = text_utf8_prefix(said);
  memcpy(error->hint, said.at, whole);
  error->hint[whole] = 0;
  text_buffer_fini(&hint);
  return false;
}

void view_encode(struct text t, struct text_buffer *out)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  for (size_t i = 0; i < t.length; i++) {
    if (memchr(plain, t.at[i], sizeof plain - 1)) text_buffer_add_character(out, t.at[i]);
    else text_buffer_add_format(out, "%%%02X", (unsigned)(unsigned char)t.at[i]);
  }
}
