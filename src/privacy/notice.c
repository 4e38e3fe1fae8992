/*
 * notice: reading the notices and finding the one in force. See notice.h; that a person got one is
 * kept in notice_given.c. Immutable after loading; any thread.
 */
#include "privacy/notice.h"

#include "privacy/knowledge_rows.h"
#include "privacy/privacy.h"

struct notice_version {
  enum notice_kind kind;
  struct text version, source, signed_by, grade[CONSENT_LANGUAGES], body[CONSENT_LANGUAGES];
  struct consent_term term;
};

struct notices {
  struct arena *arena;
  struct notice_version *versions;
  size_t count;
};

static const char *const language_codes[CONSENT_LANGUAGES] = {"en", "es"};

static bool load_bodies(struct notices *notices, const char *folder, struct notice_version *version,
                        struct error *error)
{
  for (size_t i = 0; i < CONSENT_LANGUAGES; i++) {
    struct text name = text_format(notices->arena, "notices/%.*s.%s.md",
                                   TEXT_PRINT(version->version), language_codes[i]);
    const char *path = file_join(notices->arena, folder, text_c(notices->arena, name));
    if (!file_read(notices->arena, path, LIMIT_KNOWLEDGE_FILE, &version->body[i], error))
      return false;
    if (!text_starts_with(version->body[i], TEXT("# ")))
      return error_set(error, ERROR_REFUSED, "error.knowledge.invalid",
                       "Begin it with a line \"# title\".", "%.*s: no title", TEXT_PRINT(name));
  }
  return true;
}

bool notices_load(struct notices **out, const char *knowledge_folder, struct error *error)
{
  static const char *const columns[] = {"notice",   "version", "effective", "expires", "grade_en",
                                        "grade_es", "source",  "signed_by", NULL};
  static const char *const kinds[] = {[NOTICE_REDISCLOSURE_LONG] = "redisclosure-long",
                                      [NOTICE_REDISCLOSURE_SHORT] = "redisclosure-short",
                                      [NOTICE_RIGHTS] = "patient-rights",
                                      NULL};
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct notices *notices = arena_allocate(arena, sizeof *notices);
  struct knowledge_rows rows;
  notices->arena = arena;
  knowledge_rows_open(&rows, arena, knowledge_folder, "notices.csv", columns, error);
  notices->count = rows.count;
  notices->versions = arena_allocate_array(arena, rows.count + 1, sizeof *notices->versions);
  for (size_t i = 0; i < rows.count && !rows.failed; i++) {
    struct notice_version *version = &notices->versions[i];
    *version =
        (struct notice_version){.kind = (enum notice_kind)knowledge_rows_choice(&rows, i, 0, kinds),
                                .version = knowledge_rows_required(&rows, i, 1),
                                .term = knowledge_rows_term(&rows, i, 2),
                                .source = knowledge_rows_required(&rows, i, 6),
                                .signed_by = knowledge_rows_required(&rows, i, 7)};
    knowledge_rows_labels(&rows, i, 4, version->grade);
    if (!rows.failed) rows.failed = !load_bodies(notices, knowledge_folder, version, error);
  }
  if (rows.failed) {
    arena_free(arena);
    return false;
  }
  *out = notices;
  return true;
}

void notices_free(struct notices *notices)
{
  if (notices) arena_free(notices->arena);
}

bool notice_find(const struct notices *notices, enum notice_kind kind, struct text language,
                 int64_t now, struct notice *out, struct error *error)
{
  const struct notice_version *newest = NULL;
  for (size_t i = 0; i < notices->count; i++) {
    const struct notice_version *version = &notices->versions[i];
    if (version->kind == kind && consent_term_holds(&version->term, now) &&
        (!newest || version->term.from >= newest->term.from))
      newest = version;
  }
  if (!newest)
    return error_set(error, ERROR_REFUSED, "error.notice.expired",
                     "Put the words in force into knowledge/notices.csv.",
                     "no notice of kind %d is in force", (int)kind);
  size_t at = consent_language(language);
  struct text body = newest->body[at];
  size_t end = text_find(body, TEXT("\n"));
  *out = (struct notice){.version = newest->version,
                         .language = text_from(language_codes[at]),
                         .title = text_trim(text_slice(body, 2, end)),
                         .body = text_trim(text_slice(body, end, body.length)),
                         .source = newest->source,
                         .grade = newest->grade[at],
                         .is_unsigned = text_equal(newest->signed_by, TEXT("unsigned")),
                         .effective = newest->term.from,
                         .expires = newest->term.until};
  return true;
}

bool notice_current(const struct privacy *privacy, struct text language, int64_t now,
                    struct notice *out, struct error *error)
{
  return notice_find(privacy->notices, NOTICE_RIGHTS, language, now, out, error);
}
