/*
 * x12_270: writing the question. See x12.h.
 */
#include "coverage/x12.h"

enum { MINUTES_A_DAY = 1440, CONTROL_MOST = 999999999, ID_LENGTH = 15, NAME_LENGTH = 60 };

struct writing {
  struct arena *arena;
  struct text_buffer *out;
  size_t segments; /* since ST */
  bool failed;
  struct error *error;
};

static bool is_basic(char c)
{
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '-' || c == '.' ||
         c == '\'' || c == '/' || c == ',' || c == '&';
}

/* In capitals, without accents. Answers false for what no field of this length holds. */
static bool fold(struct arena *arena, struct text t, size_t longest, struct text *out)
{
  struct text upper = text_upper_ascii(arena, text_trim(t));
  bool is_fine = upper.length > 0;
  for (size_t i = 0; i < upper.length; i++)
    if ((unsigned char)upper.at[i] >= 0x80) {
      upper = text_upper_ascii(arena, text_fold(arena, t));
      is_fine = upper.length > 0;
      break;
    }
  for (size_t i = 0; i < upper.length; i++) is_fine = is_fine && is_basic(upper.at[i]);
  *out = upper;
  return is_fine && upper.length <= longest;
}

bool x12_text_fits(struct text t, size_t longest)
{
  struct arena *arena = arena_new(4 * t.length + 1024);
  struct text folded;
  bool fits = fold(arena, t, longest, &folded);
  arena_free(arena);
  return fits;
}

/* Empty after a refusal. */
static struct text plain(struct writing *writing, const char *name, struct text t, size_t longest)
{
  struct text upper;
  if (fold(writing->arena, t, longest, &upper)) return upper;
  if (!writing->failed)
    error_set(writing->error, ERROR_REFUSED, "error.coverage.x12_field",
              "Use letters, digits and spaces.", "the field %s", name);
  writing->failed = true;
  return TEXT("");
}

static void segment(struct writing *writing, struct text content)
{
  text_buffer_add(writing->out, content);
  text_buffer_add(writing->out, TEXT("~\n"));
  writing->segments++;
}

/* "20261122". */
static struct text date(struct writing *writing, int64_t day)
{
  struct text iso = coverage_day_write(writing->arena, day);
  return text_format(writing->arena, "%.4s%.2s%.2s", iso.at, iso.at + 5, iso.at + 8);
}

static void write_envelope(struct writing *writing, const struct x12_inquiry *inquiry)
{
  struct text sender = plain(writing, "sender", inquiry->sender, ID_LENGTH);
  struct text receiver = plain(writing, "receiver", inquiry->receiver, ID_LENGTH);
  struct text day = date(writing, inquiry->minute / MINUTES_A_DAY);
  int minute = (int)(inquiry->minute % MINUTES_A_DAY);
  segment(writing,
          text_format(writing->arena,
                      "ISA*00*          *00*          *ZZ*%-15.*s*ZZ*%-15.*s*%.6s*%02d%02d*"
                      "^*00501*%09lld*0*%c*:",
                      TEXT_PRINT(sender), TEXT_PRINT(receiver), day.at + 2, minute / 60,
                      minute % 60, (long long)inquiry->control, inquiry->is_test ? 'T' : 'P'));
  segment(writing, text_format(writing->arena, "GS*HS*%.*s*%.*s*%.*s*%02d%02d*%lld*X*005010X279A1",
                               TEXT_PRINT(sender), TEXT_PRINT(receiver), TEXT_PRINT(day),
                               minute / 60, minute % 60, (long long)inquiry->control));
}

static void write_transaction(struct writing *writing, const struct x12_inquiry *inquiry)
{
  struct arena *arena = writing->arena;
  struct text day = date(writing, inquiry->minute / MINUTES_A_DAY);
  int minute = (int)(inquiry->minute % MINUTES_A_DAY);
  struct text trace = plain(writing, "trace", inquiry->trace, 50);
  writing->segments = 0;
  segment(writing, TEXT("ST*270*0001*005010X279A1"));
  segment(writing, text_format(arena, "BHT*0022*13*%.*s*%.*s*%02d%02d", TEXT_PRINT(trace),
                               TEXT_PRINT(day), minute / 60, minute % 60));
  segment(writing, TEXT("HL*1**20*1"));
  segment(writing,
          text_format(arena, "NM1*PR*2*%.*s*****PI*%.*s",
                      TEXT_PRINT(plain(writing, "payer_name", inquiry->payer_name, NAME_LENGTH)),
                      TEXT_PRINT(plain(writing, "payer_id", inquiry->payer_id, 80))));
  segment(writing, TEXT("HL*2*1*21*1"));
  segment(
      writing,
      text_format(arena, "NM1*1P*2*%.*s*****XX*%.*s",
                  TEXT_PRINT(plain(writing, "provider_name", inquiry->provider_name, NAME_LENGTH)),
                  TEXT_PRINT(plain(writing, "provider_npi", inquiry->provider_npi, 10))));
  segment(writing, TEXT("HL*3*2*22*0"));
  segment(writing, text_format(arena, "TRN*1*%.*s*9%.*s", TEXT_PRINT(trace),
                               TEXT_PRINT(plain(writing, "payer_id", inquiry->payer_id, 9))));
  segment(writing,
          text_format(arena, "NM1*IL*1*%.*s*%.*s****MI*%.*s",
                      TEXT_PRINT(plain(writing, "member_last", inquiry->member_last, NAME_LENGTH)),
                      TEXT_PRINT(plain(writing, "member_first", inquiry->member_first, 35)),
                      TEXT_PRINT(plain(writing, "member_id", inquiry->member_id, 80))));
  segment(writing, text_format(arena, "DMG*D8*%.*s*%c", TEXT_PRINT(date(writing, inquiry->born_on)),
                               inquiry->sex));
  segment(writing,
          text_format(arena, "DTP*291*D8*%.*s", TEXT_PRINT(date(writing, inquiry->service_on))));
  segment(writing,
          text_format(arena, "EQ*%.*s",
                      TEXT_PRINT(plain(writing, "service_type", inquiry->service_type, 2))));
  segment(writing, text_format(arena, "SE*%zu*0001", writing->segments + 1));
}

bool x12_270_write(const struct x12_inquiry *inquiry, struct text_buffer *out, struct error *error)
{
  enum { PLENTY = 64 * 1024 };
  struct text_buffer written;
  if (inquiry->control < 1 || inquiry->control > CONTROL_MOST || inquiry->minute < 0 ||
      (inquiry->sex != 'F' && inquiry->sex != 'M' && inquiry->sex != 'U'))
    return error_set(error, ERROR_REFUSED, "error.coverage.x12_field", "",
                     "the field control, minute or sex");
  text_buffer_init(&written, PLENTY);
  struct writing writing = {arena_new(PLENTY), &written, 0, false, error};
  write_envelope(&writing, inquiry);
  write_transaction(&writing, inquiry);
  segment(&writing, text_format(writing.arena, "GE*1*%lld", (long long)inquiry->control));
  segment(&writing, text_format(writing.arena, "IEA*1*%09lld", (long long)inquiry->control));
  if (!writing.failed) text_buffer_add(out, text_buffer_get(&written));
  text_buffer_fini(&written);
  arena_free(writing.arena);
  return !writing.failed;
}
