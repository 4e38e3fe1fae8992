/*
 * disclose_decide: may this field leave by one of these consents? Pure: knowledge, consents,
 * request, field and time in; an index or a reason out. Deny by default: a consent must name the
 * purpose, the recipient, the kind of record, every label that wants naming, and the date; and it
 * must be whole, signed, not revoked, not expired, at this moment. Threads: any.
 */
#include "privacy/privacy.h"

const char *disclose_why_key(enum disclose_why why)
{
  static const char *const keys[] = {[WHY_NOT_NAMED] = "disclose.why.not-named",
                                     [WHY_NEVER] = "disclose.why.never",
                                     [WHY_PERSON_ONLY] = "disclose.why.person-only",
                                     [WHY_NO_CONSENT] = "disclose.why.no-consent",
                                     [WHY_OTHER_PURPOSE] = "disclose.why.other-purpose",
                                     [WHY_OTHER_RECIPIENT] = "disclose.why.other-recipient",
                                     [WHY_OTHER_DOCUMENT] = "disclose.why.other-document",
                                     [WHY_LABEL] = "disclose.why.label",
                                     [WHY_DATE] = "disclose.why.date",
                                     [WHY_NOT_BY_BASIS] = "disclose.why.not-by-basis",
                                     [WHY_GIVEN] = "disclose.why.given"};
  return keys[why];
}

static bool has(const struct text *words, size_t count, struct text word)
{
  for (size_t i = 0; i < count; i++)
    if (text_equal(words[i], word)) return true;
  return false;
}

/* --- Recipients ---------------------------------------------------------------------------- */

/* The same name, folded; a name without a letter or digit is nobody's. */
static bool same_name(struct text a, struct text b)
{
  struct arena *arena = arena_new(LIMIT_CONSENT_CHECK);
  struct text folded = text_fold(arena, a);
  bool same = !text_is_empty(folded) && text_equal(folded, text_fold(arena, b));
  arena_free(arena);
  return same;
}

static bool class_fits(const struct consent_rules *rules, const struct consent_kind *kind,
                       struct text named, struct text asked, struct text purpose_code)
{
  if (!text_equal(named, asked) || !consent_words_have(&kind->classes, named)) return false;
  const struct recipient_class *class = recipient_class_find(rules, named);
  return class && consent_words_have(&class->purposes, purpose_code);
}

static bool recipient_matches(const struct consent_rules *rules, const struct consent_kind *kind,
                              const struct consent_recipient *named,
                              const struct consent_recipient *asked, struct text purpose_code)
{
  if (!text_is_empty(named->class_name))
    return class_fits(rules, kind, named->class_name, asked->class_name, purpose_code);
  if (!text_is_empty(named->organization_id) && !text_is_empty(asked->organization_id))
    return text_equal(named->organization_id, asked->organization_id);
  return same_name(named->name, asked->name);
}

bool consent_names(const struct privacy *privacy, const struct consent *consent,
                   const struct consent_recipient *recipient, struct text purpose_code)
{
  const struct consent_kind *kind = consent_kind_find(privacy->consent_rules, consent->kind);
  if (!kind || !has(consent->purpose_codes, consent->purpose_code_count, purpose_code))
    return false;
  for (size_t i = 0; i < consent->recipient_count; i++)
    if (recipient_matches(privacy->consent_rules, kind, &consent->recipients[i], recipient,
                          purpose_code))
      return true;
  return false;
}

/* --- Labels and dates ---------------------------------------------------------------------- */

/* Every label is covered by the consent; and a kind that covers one label alone (counseling notes)
 * covers nothing without it. */
static bool labels_covered(const struct consent_rules *rules, const struct consent *consent,
                           const struct disclose_field *field)
{
  bool is_reserved = false, has_reserved = false;
  for (size_t i = 0; i < rules->sensitivity_count; i++)
    if (rules->sensitivities[i].cover == COVERED_BY_KIND &&
        text_equal(rules->sensitivities[i].kind, consent->kind))
      is_reserved = true;
  for (size_t i = 0; i < field->label_count; i++) {
    const struct sensitivity *label = sensitivity_find(rules, field->labels[i]);
    if (!label) return false;
    if (label->cover == COVERED_BY_KIND) {
      if (!text_equal(label->kind, consent->kind)) return false;
      has_reserved = true;
    } else if (label->cover == COVERED_BY_NAME && !is_reserved &&
               !has(consent->labels, consent->label_count, label->name)) {
      return false;
    }
  }
  return field->label_count > 0 && is_reserved == has_reserved;
}

/* What has no date is not known to lie within the dates that a consent names: it stays. */
static bool date_covered(const struct consent *consent, const struct disclose_field *field)
{
  bool is_limited = !text_is_empty(consent->date_from) || !text_is_empty(consent->date_to);
  if (!is_limited) return true;
  if (!field->is_dated) return false;
  struct text day = text_slice(field->date, 0, 10);
  int64_t from, to, at;
  if (!consent_date_read(day, 0, &at)) return false;
  if (!text_is_empty(consent->date_from) &&
      (!consent_date_read(consent->date_from, 0, &from) || at < from))
    return false;
  return text_is_empty(consent->date_to) ||
         (consent_date_read(consent->date_to, 0, &to) && at <= to);
}

/* How far one consent gets with a field: the first thing that stands in the way. */
static enum disclose_why weigh(const struct privacy *privacy, const struct consent *consent,
                               const struct disclose_request *request,
                               const struct disclose_field *field, int64_t now)
{
  if (!has(consent->purpose_codes, consent->purpose_code_count, request->purpose_code))
    return WHY_OTHER_PURPOSE;
  if (!consent_names(privacy, consent, &request->recipient, request->purpose_code))
    return WHY_OTHER_RECIPIENT;
  if (!consent_is_active(privacy, consent, now)) return WHY_NO_CONSENT;
  if (consent->document_count && !has(consent->documents, consent->document_count, field->document))
    return WHY_OTHER_DOCUMENT;
  if (!labels_covered(privacy->consent_rules, consent, field)) return WHY_LABEL;
  return date_covered(consent, field) ? WHY_GIVEN : WHY_DATE;
}

int disclose_decide(const struct privacy *privacy, const struct consent *consents, size_t count,
                    const struct disclose_request *request, const struct disclose_field *field,
                    int64_t now, enum disclose_why *why)
{
  enum disclose_why nearest = WHY_NO_CONSENT;
  int found = -1;
  for (size_t i = 0; i < count && found < 0; i++) {
    bool is_of_person = text_equal(consents[i].person_id, request->person_id);
    enum disclose_why reached =
        is_of_person ? weigh(privacy, &consents[i], request, field, now) : WHY_NO_CONSENT;
    if (reached > nearest) nearest = reached;
    if (reached == WHY_GIVEN) found = (int)i;
  }
  if (why) *why = nearest;
  return found;
}
