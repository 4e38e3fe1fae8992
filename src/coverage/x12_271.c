/*
 * x12_271: reading the answer. See x12.h. Segment by segment: each has a reader in a table; the
 * envelope's counts and control numbers must agree.
 */
#include <assert.h>

#include "coverage/x12.h"

enum { ISA_LENGTH = 106, ELEMENTS = 24 };

struct reading {
  struct arena *arena;
  struct text rest;
  char element, end;
  struct text elements[ELEMENTS]; /* of the segment; [0] is its name */
  size_t count, number;           /* elements, and which segment of the file this is, from 1 */
  size_t since_st;                /* segments from ST on, ST included */
  struct text group_control, set_control;
  bool has_group, has_set, set_ended, group_ended, ended, is_member;
  struct x12_response out;
  size_t *wrong_segment, *wrong_element; /* of what is handed out */
  struct error *error;
};

/* Say what is wrong where; answers false. */
static bool refuse(const struct reading *reading, size_t element, const char *what)
{
  *reading->wrong_segment = reading->number;
  *reading->wrong_element = element;
  struct text name = reading->count ? reading->elements[0] : TEXT("?");
  return error_set(reading->error, ERROR_REFUSED, "error.coverage.x12_file",
                   "Ask the payer for the file again.", "segment %zu (%.*s), element %zu: %s",
                   reading->number, name.length > 3 ? 3 : (int)name.length, name.at, element, what);
}

/* An element; "" when it was not sent. */
static struct text get(const struct reading *reading, size_t element)
{
  return element < reading->count ? reading->elements[element] : TEXT("");
}

static bool is(const struct reading *reading, size_t element, const char *value)
{
  return text_equal(get(reading, element), text_from(value));
}

/* --- Segments from bytes --------------------------------------------------------------------- */

static bool is_mark(char c)
{
  return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
         !(c >= 'a' && c <= 'z') && c != '-' && c != '.';
}

/* The marks stand at fixed places of the first segment. */
static bool read_marks(struct reading *reading, struct text bytes)
{
  static const size_t bars[] = {3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103};
  const char *at = bytes.at;
  reading->number = 1;
  if (bytes.length < ISA_LENGTH || !text_starts_with(bytes, TEXT("ISA")))
    return refuse(reading, 0, "no ISA segment of 106 bytes");
  reading->element = at[3];
  reading->end = at[105];
  reading->out.repetition = at[82];
  for (size_t i = 0; i < sizeof bars / sizeof *bars; i++)
    if (at[bars[i]] != reading->element) return refuse(reading, i, "an element of another length");
  if (!is_mark(reading->element) || !is_mark(reading->out.repetition) || !is_mark(at[104]) ||
      !is_mark(reading->end) || reading->element == reading->out.repetition ||
      reading->element == at[104] || reading->element == reading->end ||
      reading->end == reading->out.repetition || reading->end == at[104])
    return refuse(reading, 16, "marks that do not part");
  reading->rest = bytes;
  return true;
}

/* Take the next segment; answers false at the end, or after a refusal (error set). */
static bool next_segment(struct reading *reading, bool *failed)
{
  while (reading->rest.length && (reading->rest.at[0] == '\n' || reading->rest.at[0] == '\r'))
    reading->rest = text_slice(reading->rest, 1, reading->rest.length);
  if (!reading->rest.length) return false;
  reading->count = 0;
  reading->number++;
  *failed = true;
  size_t length = 0;
  while (length < reading->rest.length && reading->rest.at[length] != reading->end) length++;
  if (length == reading->rest.length) return refuse(reading, 0, "the file ends within a segment");
  if (reading->number > LIMIT_X12_SEGMENTS) return refuse(reading, 0, "too many segments");
  struct text body = text_slice(reading->rest, 0, length);
  for (size_t start = 0, i = 0; i <= length; i++) {
    if (i < length && body.at[i] != reading->element) {
      if ((unsigned char)body.at[i] < ' ' || body.at[i] == 0x7f)
        return refuse(reading, reading->count, "a control character");
      continue;
    }
    if (reading->count == ELEMENTS) return refuse(reading, ELEMENTS, "too many elements");
    if (i - start > LIMIT_X12_ELEMENT) return refuse(reading, reading->count, "too long");
    reading->elements[reading->count++] = text_slice(body, start, i);
    start = i + 1;
  }
  if (!text_is_utf8(body)) return refuse(reading, 0, "bytes that are not UTF-8");
  reading->rest = text_slice(reading->rest, length + 1, reading->rest.length);
  *failed = false;
  return true;
}

/* --- Numbers --------------------------------------------------------------------------------- */

/* A decimal with at most `digits` behind the point, as a whole number of the last of them. */
static bool read_decimal(struct text t, size_t digits, int64_t *out)
{
  enum { LONGEST = 13 };
  size_t point = text_find(t, TEXT(".")), behind = 0;
  int64_t number = 0;
  if (t.length == 0 || t.length > LONGEST || (point == 0 && t.length == 1)) return false;
  for (size_t i = 0; i < t.length; i++) {
    if (i == point) continue;
    if (t.at[i] < '0' || t.at[i] > '9') return false;
    if (i > point && ++behind > digits) {
      if (t.at[i] != '0') return false;
      continue;
    }
    number = 10 * number + (t.at[i] - '0');
  }
  for (; behind < digits; behind++) number *= 10;
  *out = number;
  return true;
}

/* Read an element when it was sent; answers false after a refusal. */
static bool take_number(const struct reading *reading, size_t element, size_t digits, int64_t most,
                        bool *has, int64_t *out)
{
  int64_t number;
  if (text_is_empty(get(reading, element))) return true;
  if (!read_decimal(get(reading, element), digits, &number))
    return refuse(reading, element, "no number");
  if (number > most) return refuse(reading, element, "too large");
  *has = true;
  *out = number;
  return true;
}

/* --- Envelope -------------------------------------------------------------------------------- */

static bool read_isa(struct reading *reading)
{
  if (reading->number != 1) return refuse(reading, 0, "a second interchange");
  if (!is(reading, 12, "00501")) return refuse(reading, 12, "another version than 00501");
  reading->out.control = get(reading, 13);
  return true;
}

static bool read_gs(struct reading *reading)
{
  if (reading->has_group) return refuse(reading, 0, "a second group");
  if (!is(reading, 1, "HB")) return refuse(reading, 1, "no group of answers (HB)");
  reading->has_group = true;
  reading->group_control = get(reading, 6);
  return true;
}

static bool read_st(struct reading *reading)
{
  if (!reading->has_group || reading->has_set) return refuse(reading, 0, "out of place");
  if (!is(reading, 1, "271")) return refuse(reading, 1, "no 271");
  reading->has_set = true;
  reading->set_control = get(reading, 2);
  reading->since_st = 1;
  return true;
}

static bool read_se(struct reading *reading)
{
  int64_t count;
  if (!reading->has_set || reading->set_ended) return refuse(reading, 0, "out of place");
  if (!text_read_integer(get(reading, 1), &count) || count != (int64_t)reading->since_st)
    return refuse(reading, 1, "another number of segments");
  if (!text_equal(get(reading, 2), reading->set_control))
    return refuse(reading, 2, "another control number than ST");
  reading->set_ended = true;
  return true;
}

static bool read_ge(struct reading *reading)
{
  if (!reading->set_ended || reading->group_ended) return refuse(reading, 0, "out of place");
  if (!is(reading, 1, "1")) return refuse(reading, 1, "another number of sets");
  if (!text_equal(get(reading, 2), reading->group_control))
    return refuse(reading, 2, "another control number than GS");
  reading->group_ended = true;
  return true;
}

static bool read_iea(struct reading *reading)
{
  if (!reading->group_ended || reading->ended) return refuse(reading, 0, "out of place");
  if (!is(reading, 1, "1")) return refuse(reading, 1, "another number of groups");
  if (!text_equal(get(reading, 2), reading->out.control))
    return refuse(reading, 2, "another control number than ISA");
  reading->ended = true;
  return true;
}

/* --- What the answer says -------------------------------------------------------------------- */

static bool read_hl(struct reading *reading)
{
  if (is(reading, 3, "23")) return refuse(reading, 3, "a dependent, who is not read");
  if (is(reading, 3, "22") && reading->is_member) return refuse(reading, 3, "a second subscriber");
  reading->is_member = is(reading, 3, "22");
  return true;
}

static bool read_nm1(struct reading *reading)
{
  if (is(reading, 1, "PR") && text_is_empty(reading->out.payer_name))
    reading->out.payer_name = get(reading, 3);
  if (!is(reading, 1, "IL")) return true;
  reading->out.member_last = get(reading, 3);
  reading->out.member_first = get(reading, 4);
  reading->out.member_id = get(reading, 9);
  return true;
}

static bool read_trn(struct reading *reading)
{
  if (is(reading, 1, "2")) reading->out.trace = get(reading, 2);
  return true;
}

static bool read_aaa(struct reading *reading)
{
  if (reading->out.rejection_count == LIMIT_X12_REJECTIONS)
    return refuse(reading, 0, "too many rejections");
  reading->out.rejections[reading->out.rejection_count++] = get(reading, 3);
  return true;
}

static bool read_eb(struct reading *reading)
{
  struct x12_benefit benefit = {.code = get(reading, 1),
                                .level = get(reading, 2),
                                .services = get(reading, 3),
                                .insurance = get(reading, 4),
                                .plan = get(reading, 5),
                                .period = get(reading, 6),
                                .quantity_kind = get(reading, 9),
                                .authorization = get(reading, 11),
                                .network = get(reading, 12)};
  if (!reading->is_member) return refuse(reading, 0, "a benefit of nobody");
  if (text_is_empty(benefit.code)) return refuse(reading, 1, "empty");
  if (reading->out.benefit_count == LIMIT_X12_BENEFITS)
    return refuse(reading, 0, "too many benefits");
  if (!take_number(reading, 7, 2, LIMIT_COVERAGE_INCOME, &benefit.has_amount, &benefit.amount) ||
      !take_number(reading, 8, 4, 10000, &benefit.has_percent, &benefit.percent) ||
      !take_number(reading, 10, 0, LIMIT_COVERAGE_INCOME, &benefit.has_quantity, &benefit.quantity))
    return false;
  reading->out.benefits[reading->out.benefit_count++] = benefit;
  return true;
}

/* The benefit that a following segment belongs to; NULL when there is none. */
static struct x12_benefit *last_benefit(struct reading *reading)
{
  return reading->out.benefit_count ? &reading->out.benefits[reading->out.benefit_count - 1] : NULL;
}

static bool read_hsd(struct reading *reading)
{
  struct x12_benefit *benefit = last_benefit(reading);
  if (!benefit || benefit->has_quantity) return true;
  benefit->quantity_kind = get(reading, 1);
  return take_number(reading, 2, 0, LIMIT_COVERAGE_INCOME, &benefit->has_quantity,
                     &benefit->quantity);
}

static bool read_iii(struct reading *reading)
{
  struct x12_benefit *benefit = last_benefit(reading);
  if (benefit && is(reading, 1, "ZZ")) benefit->place = get(reading, 2);
  return true;
}

static bool read_msg(struct reading *reading)
{
  struct x12_benefit *benefit = last_benefit(reading);
  if (benefit && text_is_empty(benefit->message)) benefit->message = get(reading, 1);
  return true;
}

static const struct {
  const char *name;
  bool (*read)(struct reading *reading);
} readers[] = {{"ISA", read_isa}, {"GS", read_gs},   {"ST", read_st}, {"SE", read_se},
               {"GE", read_ge},   {"IEA", read_iea}, {"HL", read_hl}, {"NM1", read_nm1},
               {"TRN", read_trn}, {"AAA", read_aaa}, {"EB", read_eb}, {"HSD", read_hsd},
               {"III", read_iii}, {"MSG", read_msg}};

/* A segment that we do not read is passed over within the set, and refused outside it. */
static bool read_segment(struct reading *reading)
{
  bool is_inside = reading->has_set && !reading->set_ended;
  if (is_inside) reading->since_st++;
  if (reading->ended) return refuse(reading, 0, "behind the end");
  for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
    if (!is(reading, 0, readers[i].name)) continue;
    if (i > 5 && !is_inside) return refuse(reading, 0, "out of place");
    return readers[i].read(reading);
  }
  return is_inside || refuse(reading, 0, "out of place");
}

bool x12_271_read(struct arena *arena, struct text bytes, struct x12_response *out,
                  struct error *error)
{
  out->wrong_segment = out->wrong_element = 0;
  struct reading reading = {.arena = arena,
                            .wrong_segment = &out->wrong_segment,
                            .wrong_element = &out->wrong_element,
                            .error = error};
  bool failed = false;
  if (bytes.length > LIMIT_X12_FILE)
    return error_set(error, ERROR_TOO_LARGE, "error.coverage.x12_file", "", "more than %d bytes",
                     LIMIT_X12_FILE);
  if (!read_marks(&reading, bytes)) return false;
  reading.number = 0;
  reading.out.benefits =
      arena_allocate_array(arena, LIMIT_X12_BENEFITS, sizeof *reading.out.benefits);
  reading.out.rejections =
      arena_allocate_array(arena, LIMIT_X12_REJECTIONS, sizeof *reading.out.rejections);
  while (next_segment(&reading, &failed))
    if (!read_segment(&reading)) return false;
  if (failed) return false;
  if (!reading.ended) return refuse(&reading, 0, "the file ends before IEA");
  *out = reading.out;
  return true;
}
