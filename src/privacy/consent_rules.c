/*
 * consent_rules: reading what the law asks, and looking it up. See consent_rules.h.
 */
#include "privacy/consent_rules.h"

#include "privacy/knowledge_rows.h"

#define MICROSECONDS_AN_HOUR INT64_C(3600000000)
#define MICROSECONDS_A_DAY (24 * MICROSECONDS_AN_HOUR)

bool consent_words_have(const struct consent_words *words, struct text word)
{
  if (words->is_any) return true;
  for (size_t i = 0; i < words->count; i++)
    if (text_equal(words->at[i], word)) return true;
  return false;
}

bool consent_term_holds(const struct consent_term *term, int64_t now)
{
  return term->from <= now && now < term->until;
}

size_t consent_language(struct text code)
{
  return text_equal(code, TEXT("es")) ? 1 : 0;
}

bool consent_date_read(struct text date, int days, int64_t *out)
{
  int year, month, day;
  if (!time_read_date(date, &year, &month, &day)) return false;
  *out = (time_days_from_date(year, month, day) + days) * MICROSECONDS_A_DAY;
  return true;
}

/* --- Files --------------------------------------------------------------------------------- */

struct loading {
  struct consent_rules *rules;
  const char *folder;
  struct knowledge_rows rows;
  struct error *error;
};

/* Open a file and make room for its rows. */
static void *begin(struct loading *loading, const char *name, const char *const *columns,
                   size_t size)
{
  knowledge_rows_open(&loading->rows, loading->rules->arena, loading->folder, name, columns,
                      loading->error);
  return arena_allocate_array(loading->rules->arena, loading->rows.count + 1, size);
}

/* Every word of a cell must be found by `find`. */
static void demand(struct loading *loading, size_t row, const struct consent_words *words,
                   bool (*find)(const struct consent_rules *, struct text), const char *what)
{
  for (size_t i = 0; i < words->count; i++)
    if (!find(loading->rules, words->at[i])) knowledge_rows_refuse(&loading->rows, row, what);
}
static bool is_purpose(const struct consent_rules *rules, struct text name)
{
  return purpose_find(rules, name) != NULL;
}
static bool is_class(const struct consent_rules *rules, struct text name)
{
  return recipient_class_find(rules, name) != NULL;
}
static bool is_sensitivity(const struct consent_rules *rules, struct text name)
{
  return sensitivity_find(rules, name) != NULL;
}
static bool is_kind(const struct consent_rules *rules, struct text name)
{
  return consent_kind_find(rules, name) != NULL;
}

static bool load_purposes(struct loading *loading)
{
  static const char *const columns[] = {"code",     "system", "tpo",   "label_en",
                                        "label_es", "source", "grade", NULL};
  struct knowledge_rows *rows = &loading->rows;
  struct purpose *purposes = begin(loading, "purposes.csv", columns, sizeof *purposes);
  for (size_t i = 0; i < rows->count; i++) {
    purposes[i] = (struct purpose){.code = knowledge_rows_required(rows, i, 0),
                                   .system = knowledge_rows_required(rows, i, 1),
                                   .is_tpo = knowledge_rows_yes(rows, i, 2),
                                   .source = knowledge_rows_required(rows, i, 5),
                                   .grade = knowledge_rows_required(rows, i, 6)};
    knowledge_rows_labels(rows, i, 3, purposes[i].label);
  }
  loading->rules->purposes = purposes;
  loading->rules->purpose_count = rows->count;
  return !rows->failed;
}

static bool load_classes(struct loading *loading)
{
  static const char *const columns[] = {"class",    "label_en", "label_es", "words_en", "words_es",
                                        "purposes", "source",   "grade",    NULL};
  struct knowledge_rows *rows = &loading->rows;
  struct recipient_class *classes =
      begin(loading, "recipient-classes.csv", columns, sizeof *classes);
  for (size_t i = 0; i < rows->count; i++) {
    classes[i] = (struct recipient_class){.name = knowledge_rows_required(rows, i, 0),
                                          .purposes = knowledge_rows_words(rows, i, 5),
                                          .source = knowledge_rows_required(rows, i, 6),
                                          .grade = knowledge_rows_required(rows, i, 7)};
    knowledge_rows_labels(rows, i, 1, classes[i].label);
    knowledge_rows_labels(rows, i, 3, classes[i].words);
    demand(loading, i, &classes[i].purposes, is_purpose, "a purpose is not in purposes.csv");
  }
  loading->rules->classes = classes;
  loading->rules->class_count = rows->count;
  return !rows->failed;
}

static bool load_sensitivities(struct loading *loading)
{
  static const char *const columns[] = {"label",    "system", "covered_by", "label_en",
                                        "label_es", "source", "grade",      NULL};
  struct knowledge_rows *rows = &loading->rows;
  struct sensitivity *labels = begin(loading, "sensitivity.csv", columns, sizeof *labels);
  for (size_t i = 0; i < rows->count; i++) {
    struct text cover = knowledge_rows_required(rows, i, 2);
    labels[i] = (struct sensitivity){.name = knowledge_rows_required(rows, i, 0),
                                     .system = knowledge_rows_required(rows, i, 1),
                                     .source = knowledge_rows_required(rows, i, 5),
                                     .grade = knowledge_rows_required(rows, i, 6)};
    knowledge_rows_labels(rows, i, 3, labels[i].label);
    if (text_equal(cover, TEXT("consent"))) {
      labels[i].cover = COVERED_BY_CONSENT;
    } else if (text_equal(cover, TEXT("name"))) {
      labels[i].cover = COVERED_BY_NAME;
    } else if (text_equal(cover, TEXT("handling"))) {
      labels[i].cover = LABEL_OF_HANDLING;
    } else {
      labels[i].cover = COVERED_BY_KIND;
      labels[i].kind = cover;
    }
  }
  loading->rules->sensitivities = labels;
  loading->rules->sensitivity_count = rows->count;
  return !rows->failed;
}

static bool load_kinds(struct loading *loading)
{
  static const char *const columns[] = {"kind",      "label_en",  "label_es", "hint_en", "hint_es",
                                        "purposes",  "classes",   "labels",   "alone",   "ends",
                                        "revoke",    "effective", "expires",  "source",  "grade",
                                        "signed_by", NULL};
  struct knowledge_rows *rows = &loading->rows;
  struct consent_kind *kinds = begin(loading, "consent-kinds.csv", columns, sizeof *kinds);
  for (size_t i = 0; i < rows->count; i++) {
    struct consent_words ends = knowledge_rows_words(rows, i, 9);
    struct consent_words revoke = knowledge_rows_words(rows, i, 10);
    kinds[i] = (struct consent_kind){.name = knowledge_rows_required(rows, i, 0),
                                     .purposes = knowledge_rows_words(rows, i, 5),
                                     .classes = knowledge_rows_words(rows, i, 6),
                                     .labels = knowledge_rows_words(rows, i, 7),
                                     .is_alone = knowledge_rows_yes(rows, i, 8),
                                     .ends_by_date = consent_words_have(&ends, TEXT("date")),
                                     .ends_by_event = consent_words_have(&ends, TEXT("event")),
                                     .may_have_no_end = consent_words_have(&ends, TEXT("none")),
                                     .revoke_orally = consent_words_have(&revoke, TEXT("oral")),
                                     .revoke_from_date = consent_words_have(&revoke, TEXT("dated")),
                                     .term = knowledge_rows_term(rows, i, 11),
                                     .source = knowledge_rows_required(rows, i, 13),
                                     .grade = knowledge_rows_required(rows, i, 14),
                                     .signed_by = knowledge_rows_required(rows, i, 15)};
    knowledge_rows_labels(rows, i, 1, kinds[i].label);
    knowledge_rows_labels(rows, i, 3, kinds[i].hint);
    demand(loading, i, &kinds[i].purposes, is_purpose, "a purpose is not in purposes.csv");
    demand(loading, i, &kinds[i].classes, is_class, "a class is not in recipient-classes.csv");
    demand(loading, i, &kinds[i].labels, is_sensitivity, "a label is not in sensitivity.csv");
    if (!consent_words_have(&revoke, TEXT("written")))
      knowledge_rows_refuse(rows, i, "2.31(a)(6): a consent is revocable in writing");
  }
  loading->rules->kinds = kinds;
  loading->rules->kind_count = rows->count;
  for (size_t i = 0; i < loading->rules->sensitivity_count && !rows->failed; i++) {
    const struct sensitivity *label = &loading->rules->sensitivities[i];
    if (label->cover == COVERED_BY_KIND && !consent_kind_find(loading->rules, label->kind))
      knowledge_rows_refuse(rows, 0, "sensitivity.csv: covered_by names no kind of consent");
  }
  return !rows->failed;
}

static const char *const element_names[] = {
    [ELEMENT_PATIENT_NAME] = "patient_name",
    [ELEMENT_DISCLOSERS] = "disclosers",
    [ELEMENT_DESCRIPTION] = "description",
    [ELEMENT_RECIPIENTS] = "recipients",
    [ELEMENT_INTERMEDIARY] = "intermediary",
    [ELEMENT_PARTICIPANTS] = "participants",
    [ELEMENT_ADDRESSES] = "addresses",
    [ELEMENT_PURPOSE] = "purpose",
    [ELEMENT_PURPOSE_CODES] = "purpose_codes",
    [ELEMENT_RIGHT_TO_REVOKE] = "right_to_revoke",
    [ELEMENT_HOW_TO_REVOKE] = "how_to_revoke",
    [ELEMENT_REVOCABLE_FROM] = "revocable_from",
    [ELEMENT_EXPIRATION] = "expiration",
    [ELEMENT_SAYS_MAY_BE_REDISCLOSED] = "says_may_be_redisclosed",
    [ELEMENT_CONSEQUENCES_OF_REFUSING] = "consequences_of_refusing",
    [ELEMENT_SIGNATURE] = "signature",
    [ELEMENT_AUTHORITY] = "authority",
    [ELEMENT_SIGNED_AT] = "signed_at",
    [ELEMENT_LANGUAGE] = "language",
    [ELEMENT_FORM_VERSION] = "form_version",
    [ELEMENT_COUNT] = NULL};

static bool load_elements(struct loading *loading)
{
  static const char *const columns[] = {"element", "kinds", "when", "message",
                                        "source",  "grade", NULL};
  static const char *const whens[] = {[WHEN_ALWAYS] = "always",
                                      [WHEN_COVERED_ENTITY] = "covered-entity",
                                      [WHEN_TPO] = "tpo",
                                      [WHEN_INTERMEDIARY] = "intermediary",
                                      [WHEN_REPRESENTATIVE] = "representative",
                                      NULL};
  struct knowledge_rows *rows = &loading->rows;
  struct arena *arena = loading->rules->arena;
  struct consent_element *elements =
      begin(loading, "consent-elements.csv", columns, sizeof *elements);
  for (size_t i = 0; i < rows->count; i++) {
    size_t name = knowledge_rows_choice(rows, i, 0, element_names);
    elements[i] = (struct consent_element){
        .name = (enum consent_element_name)name,
        .kinds = knowledge_rows_words(rows, i, 1),
        .when = (enum consent_when)knowledge_rows_choice(rows, i, 2, whens),
        .field = element_names[name],
        .message = text_c(arena, knowledge_rows_required(rows, i, 3)),
        .source = knowledge_rows_required(rows, i, 4),
        .grade = knowledge_rows_required(rows, i, 5)};
    demand(loading, i, &elements[i].kinds, is_kind, "a kind is not in consent-kinds.csv");
  }
  loading->rules->elements = elements;
  loading->rules->element_count = rows->count;
  return !rows->failed;
}

/* "consent", "all", "none", "labels:…", "fields:…". */
static void read_cover(struct loading *loading, size_t row, struct disclosure_basis *basis)
{
  struct arena *arena = loading->rules->arena;
  struct text cell = knowledge_rows_required(&loading->rows, row, 9);
  if (text_equal(cell, TEXT("consent"))) {
    basis->cover = BASIS_CONSENT;
  } else if (text_equal(cell, TEXT("all"))) {
    basis->cover = BASIS_ALL;
  } else if (text_equal(cell, TEXT("none"))) {
    basis->cover = BASIS_NOTHING;
  } else if (text_starts_with(cell, TEXT("labels:"))) {
    basis->cover = BASIS_LABELS;
    basis->covered = knowledge_words(arena, text_slice(cell, 7, cell.length));
    demand(loading, row, &basis->covered, is_sensitivity, "a label is not in sensitivity.csv");
  } else if (text_starts_with(cell, TEXT("fields:"))) {
    basis->cover = BASIS_FIELDS;
    basis->covered = knowledge_words(arena, text_slice(cell, 7, cell.length));
  } else {
    knowledge_rows_refuse(&loading->rows, row, "covers is none of the known words");
  }
}

static bool load_bases(struct loading *loading)
{
  static const char *const columns[] = {
      "basis",     "label_en", "label_es",  "hint_en", "hint_es",   "purposes",
      "evidence",  "roles",    "recipient", "covers",  "documents", "counts",
      "effective", "expires",  "source",    "grade",   "signed_by", NULL};
  static const char *const recipients[] = {"other", "person", NULL};
  struct knowledge_rows *rows = &loading->rows;
  struct disclosure_basis *bases = begin(loading, "disclosure-bases.csv", columns, sizeof *bases);
  for (size_t i = 0; i < rows->count; i++) {
    bases[i] = (struct disclosure_basis){.name = knowledge_rows_required(rows, i, 0),
                                         .purposes = knowledge_rows_words(rows, i, 5),
                                         .evidence = knowledge_rows_words(rows, i, 6),
                                         .roles = knowledge_rows_words(rows, i, 7),
                                         .is_to_person =
                                             knowledge_rows_choice(rows, i, 8, recipients) == 1,
                                         .documents = knowledge_rows_words(rows, i, 10),
                                         .counts = knowledge_rows_yes(rows, i, 11),
                                         .term = knowledge_rows_term(rows, i, 12),
                                         .source = knowledge_rows_required(rows, i, 14),
                                         .grade = knowledge_rows_required(rows, i, 15),
                                         .signed_by = knowledge_rows_required(rows, i, 16)};
    knowledge_rows_labels(rows, i, 1, bases[i].label);
    knowledge_rows_labels(rows, i, 3, bases[i].hint);
    read_cover(loading, i, &bases[i]);
    demand(loading, i, &bases[i].purposes, is_purpose, "a purpose is not in purposes.csv");
  }
  loading->rules->bases = bases;
  loading->rules->basis_count = rows->count;
  return !rows->failed;
}

static bool load_statements(struct loading *loading)
{
  static const char *const columns[] = {"statement", "kinds", "text_en",   "text_es",
                                        "source",    "grade", "signed_by", NULL};
  struct knowledge_rows *rows = &loading->rows;
  struct consent_statement *statements =
      begin(loading, "consent-statements.csv", columns, sizeof *statements);
  for (size_t i = 0; i < rows->count; i++) {
    statements[i] = (struct consent_statement){.name = knowledge_rows_required(rows, i, 0),
                                               .kinds = knowledge_rows_words(rows, i, 1),
                                               .source = knowledge_rows_required(rows, i, 4),
                                               .grade = knowledge_rows_required(rows, i, 5)};
    knowledge_rows_labels(rows, i, 2, statements[i].words);
    knowledge_rows_required(rows, i, 6);
    demand(loading, i, &statements[i].kinds, is_kind, "a kind is not in consent-kinds.csv");
  }
  loading->rules->statements = statements;
  loading->rules->statement_count = rows->count;
  return !rows->failed;
}

static bool load_forms(struct loading *loading)
{
  static const char *const columns[] = {"version", "effective", "expires", "source",
                                        "grade",   "signed_by", NULL};
  static const char *const codes[CONSENT_LANGUAGES] = {"en", "es"};
  struct knowledge_rows *rows = &loading->rows;
  struct arena *arena = loading->rules->arena;
  struct consent_form *forms = begin(loading, "consent-forms.csv", columns, sizeof *forms);
  for (size_t i = 0; i < rows->count && !rows->failed; i++) {
    forms[i] = (struct consent_form){.version = knowledge_rows_required(rows, i, 0),
                                     .term = knowledge_rows_term(rows, i, 1),
                                     .source = knowledge_rows_required(rows, i, 3),
                                     .grade = knowledge_rows_required(rows, i, 4),
                                     .signed_by = knowledge_rows_required(rows, i, 5)};
    for (size_t j = 0; j < CONSENT_LANGUAGES && !rows->failed; j++) {
      struct text name =
          text_format(arena, "consent-forms/%.*s.%s.md", TEXT_PRINT(forms[i].version), codes[j]);
      rows->failed = !file_read(arena, file_join(arena, loading->folder, text_c(arena, name)),
                                LIMIT_KNOWLEDGE_FILE, &forms[i].body[j], loading->error);
    }
  }
  loading->rules->forms = forms;
  loading->rules->form_count = rows->count;
  return !rows->failed;
}

static bool load_emergency(struct loading *loading)
{
  static const char *const columns[] = {"name",   "value", "why_en",    "why_es",
                                        "source", "grade", "signed_by", NULL};
  static const char *const names[] = {"hours", "review_hours", "told", NULL};
  struct knowledge_rows *rows = &loading->rows;
  begin(loading, "emergency.csv", columns, 1);
  struct consent_rules *rules = loading->rules;
  for (size_t i = 0; i < rows->count; i++) {
    size_t name = knowledge_rows_choice(rows, i, 0, names);
    if (name == 2) {
      rules->emergency_told = knowledge_rows_words(rows, i, 1);
    } else {
      int64_t length = knowledge_rows_integer(rows, i, 1) * MICROSECONDS_AN_HOUR;
      *(name == 0 ? &rules->emergency_length : &rules->emergency_review) = length;
    }
  }
  if (!rows->failed &&
      (!rules->emergency_length || !rules->emergency_review || !rules->emergency_told.count))
    knowledge_rows_refuse(rows, 0, "hours, review_hours and told are all needed");
  return !rows->failed;
}

bool consent_rules_load(struct consent_rules **out, const char *knowledge_folder,
                        struct error *error)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct consent_rules *rules = arena_allocate(arena, sizeof *rules);
  rules->arena = arena;
  struct loading loading = {.rules = rules, .folder = knowledge_folder, .error = error};
  if (!load_purposes(&loading) || !load_classes(&loading) || !load_sensitivities(&loading) ||
      !load_kinds(&loading) || !load_elements(&loading) || !load_bases(&loading) ||
      !load_statements(&loading) || !load_forms(&loading) || !load_emergency(&loading)) {
    arena_free(arena);
    return false;
  }
  *out = rules;
  return true;
}

void consent_rules_free(struct consent_rules *rules)
{
  if (rules) arena_free(rules->arena);
}

/* --- Looking up ---------------------------------------------------------------------------- */

const struct consent_kind *consent_kind_find(const struct consent_rules *rules, struct text name)
{
  for (size_t i = 0; i < rules->kind_count; i++)
    if (text_equal(rules->kinds[i].name, name)) return &rules->kinds[i];
  return NULL;
}

const struct purpose *purpose_find(const struct consent_rules *rules, struct text code)
{
  for (size_t i = 0; i < rules->purpose_count; i++)
    if (text_equal(rules->purposes[i].code, code)) return &rules->purposes[i];
  return NULL;
}

const struct recipient_class *recipient_class_find(const struct consent_rules *rules,
                                                   struct text name)
{
  for (size_t i = 0; i < rules->class_count; i++)
    if (text_equal(rules->classes[i].name, name)) return &rules->classes[i];
  return NULL;
}

const struct sensitivity *sensitivity_find(const struct consent_rules *rules, struct text name)
{
  for (size_t i = 0; i < rules->sensitivity_count; i++)
    if (text_equal(rules->sensitivities[i].name, name)) return &rules->sensitivities[i];
  return NULL;
}

const struct disclosure_basis *disclosure_basis_find(const struct consent_rules *rules,
                                                     struct text name)
{
  for (size_t i = 0; i < rules->basis_count; i++)
    if (text_equal(rules->bases[i].name, name)) return &rules->bases[i];
  return NULL;
}

const struct consent_statement *consent_statement_find(const struct consent_rules *rules,
                                                       struct text name, struct text kind)
{
  for (size_t i = 0; i < rules->statement_count; i++)
    if (text_equal(rules->statements[i].name, name) &&
        consent_words_have(&rules->statements[i].kinds, kind))
      return &rules->statements[i];
  return NULL;
}

const struct consent_form *consent_form_find(const struct consent_rules *rules, struct text version)
{
  for (size_t i = 0; i < rules->form_count; i++)
    if (text_equal(rules->forms[i].version, version)) return &rules->forms[i];
  return NULL;
}

const struct consent_form *consent_form_current(const struct consent_rules *rules, int64_t now)
{
  const struct consent_form *newest = NULL;
  for (size_t i = 0; i < rules->form_count; i++)
    if (consent_term_holds(&rules->forms[i].term, now) &&
        (!newest || rules->forms[i].term.from >= newest->term.from))
      newest = &rules->forms[i];
  return newest;
}
