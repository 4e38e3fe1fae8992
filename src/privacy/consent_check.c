/*
 * consent_check: is a consent whole, and may it be relied on? Pure: knowledge, a consent and a time
 * in, problems out. It is asked when a consent is kept and again at every use (42 CFR 2.31(c):
 * nothing leaves by a consent that has expired, lacks an element, was revoked or is false).
 * Threads: any.
 */
#include <assert.h>

#include "privacy/privacy.h"

/* What the checks look at. */
struct checking {
  const struct consent_rules *rules;
  const struct labels *labels;
  const struct consent *consent;
  const struct consent_kind *kind;
  bool is_tpo, is_all_tpo; /* some purpose, every purpose is treatment, payment or operations */
  bool has_covered_entity, has_intermediary;
};

static bool any_given(const struct text *texts, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (text_is_empty(text_trim(texts[i]))) return false;
  return count > 0;
}

static bool recipients_given(const struct checking *checking)
{
  const struct consent *consent = checking->consent;
  for (size_t i = 0; i < consent->recipient_count; i++) {
    const struct consent_recipient *recipient = &consent->recipients[i];
    bool by_class = !text_is_empty(recipient->class_name);
    if (by_class == !text_is_empty(text_trim(recipient->name))) return false; /* one of the two */
    if (by_class && !consent_words_have(&checking->kind->classes, recipient->class_name))
      return false;
  }
  return consent->recipient_count > 0;
}

static bool participants_given(const struct checking *checking)
{
  for (size_t i = 0; i < checking->consent->recipient_count; i++) {
    const struct consent_recipient *recipient = &checking->consent->recipients[i];
    if (recipient->is_intermediary && text_is_empty(text_trim(recipient->participants)))
      return false;
  }
  return true;
}

static bool addresses_given(const struct checking *checking)
{
  for (size_t i = 0; i < checking->consent->recipient_count; i++)
    if (text_is_empty(text_trim(checking->consent->recipients[i].address))) return false;
  return checking->consent->recipient_count > 0;
}

/* By date, by event, or without end for treatment, payment and operations alone. */
static bool end_given(const struct checking *checking)
{
  const struct consent *consent = checking->consent;
  int64_t date;
  if (!text_is_empty(consent->expires_on))
    return checking->kind->ends_by_date && consent_date_read(consent->expires_on, 1, &date);
  if (text_equal(consent->expires_event, TEXT("none")))
    return checking->kind->may_have_no_end && checking->is_all_tpo;
  return checking->kind->ends_by_event && !text_is_empty(text_trim(consent->expires_event));
}

static bool is_filled(struct text t)
{
  return !text_is_empty(text_trim(t));
}

static bool element_given(const struct checking *checking, enum consent_element_name name)
{
  const struct consent *consent = checking->consent;
  int64_t date;
  switch (name) {
  case ELEMENT_PATIENT_NAME:
    return is_filled(consent->patient_name);
  case ELEMENT_DISCLOSERS:
    return any_given(consent->disclosers, consent->discloser_count);
  case ELEMENT_DESCRIPTION:
    return is_filled(consent->description);
  case ELEMENT_RECIPIENTS:
    return recipients_given(checking);
  case ELEMENT_INTERMEDIARY:
    return checking->has_intermediary;
  case ELEMENT_PARTICIPANTS:
    return participants_given(checking);
  case ELEMENT_ADDRESSES:
    return addresses_given(checking);
  case ELEMENT_PURPOSE:
    return is_filled(consent->purpose);
  case ELEMENT_PURPOSE_CODES:
    return consent->purpose_code_count > 0;
  case ELEMENT_RIGHT_TO_REVOKE:
    return is_filled(consent->right_to_revoke);
  case ELEMENT_HOW_TO_REVOKE:
    return is_filled(consent->how_to_revoke);
  case ELEMENT_REVOCABLE_FROM:
    return consent_date_read(consent->revocable_from, 0, &date);
  case ELEMENT_EXPIRATION:
    return end_given(checking);
  case ELEMENT_SAYS_MAY_BE_REDISCLOSED:
    return consent->says_may_be_redisclosed;
  case ELEMENT_CONSEQUENCES_OF_REFUSING:
    return is_filled(consent->consequences_of_refusing);
  case ELEMENT_SIGNATURE:
    return is_filled(consent->signature_id) &&
           (text_equal(consent->signed_by, TEXT("patient")) ||
            text_equal(consent->signed_by, TEXT("personal-representative")));
  case ELEMENT_AUTHORITY:
    return is_filled(consent->authority);
  case ELEMENT_SIGNED_AT:
    return consent->signed_at > 0;
  case ELEMENT_LANGUAGE:
    return is_filled(consent->language);
  case ELEMENT_FORM_VERSION:
    return consent_form_find(checking->rules, consent->form_version);
  case ELEMENT_COUNT:
    break;
  }
  assert(false);
  return false;
}

static bool element_is_asked(const struct checking *checking, const struct consent_element *element)
{
  if (!consent_words_have(&element->kinds, checking->consent->kind)) return false;
  switch (element->when) {
  case WHEN_ALWAYS:
    return true;
  case WHEN_COVERED_ENTITY:
    return checking->has_covered_entity && checking->is_tpo;
  case WHEN_TPO:
    return checking->is_tpo;
  case WHEN_INTERMEDIARY:
    return checking->has_intermediary;
  case WHEN_REPRESENTATIVE:
    return text_equal(checking->consent->signed_by, TEXT("personal-representative"));
  }
  assert(false);
  return true;
}

/* Problems, in the arena. */
struct problems {
  struct consent_problem *at;
  size_t count, room;
};
static void complain(struct problems *problems, const char *field, const char *message,
                     struct text source)
{
  for (size_t i = 0; i < problems->count; i++) /* one problem a field */
    if (text_equal(text_from(problems->at[i].field), text_from(field))) return;
  if (problems->count < problems->room)
    problems->at[problems->count++] = (struct consent_problem){field, message, source};
}

/* Words that are not of this kind: a purpose, a label, a time that is not in force. */
static void check_words(const struct checking *checking, int64_t now, struct problems *problems)
{
  const struct consent *consent = checking->consent;
  const struct consent_kind *kind = checking->kind;
  for (size_t i = 0; i < consent->purpose_code_count; i++)
    if (!consent_words_have(&kind->purposes, consent->purpose_codes[i]))
      complain(problems, "purpose_codes", "consent.wrong.purpose", kind->source);
  for (size_t i = 0; i < consent->label_count; i++) {
    const struct sensitivity *label = sensitivity_find(checking->rules, consent->labels[i]);
    bool is_right = label && consent_words_have(&kind->labels, label->name) &&
                    (label->cover == COVERED_BY_NAME || label->cover == COVERED_BY_CONSENT ||
                     (label->cover == COVERED_BY_KIND && text_equal(label->kind, kind->name)));
    if (!is_right) complain(problems, "labels", "consent.wrong.label", kind->source);
  }
  for (size_t i = 0; i < consent->document_count; i++)
    if (!labels_have_document(checking->labels, consent->documents[i]))
      complain(problems, "documents", "consent.wrong.document", kind->source);
  int64_t date;
  if ((!text_is_empty(consent->date_from) && !consent_date_read(consent->date_from, 0, &date)) ||
      (!text_is_empty(consent->date_to) && !consent_date_read(consent->date_to, 0, &date)))
    complain(problems, "date_from", "consent.wrong.date", kind->source);
  const struct consent_form *form = consent_form_find(checking->rules, consent->form_version);
  if (form && consent->signed_at > 0 && !consent_term_holds(&form->term, consent->signed_at))
    complain(problems, "form_version", "consent.wrong.form", form->source);
  if (!consent_term_holds(&kind->term, now))
    complain(problems, "kind", "consent.wrong.not-in-force", kind->source);
  if (consent->signed_at > now)
    complain(problems, "signed_at", "consent.wrong.future", TEXT("42 CFR 2.31(a)(9)"));
}

static struct checking look(const struct consent_rules *rules, const struct consent *consent)
{
  struct checking checking = {.rules = rules,
                              .consent = consent,
                              .kind = consent_kind_find(rules, consent->kind),
                              .is_all_tpo = consent->purpose_code_count > 0};
  for (size_t i = 0; i < consent->purpose_code_count; i++) {
    const struct purpose *purpose = purpose_find(rules, consent->purpose_codes[i]);
    bool is_tpo = purpose && purpose->is_tpo;
    checking.is_tpo = checking.is_tpo || is_tpo;
    checking.is_all_tpo = checking.is_all_tpo && is_tpo;
  }
  for (size_t i = 0; i < consent->recipient_count; i++) {
    if (consent->recipients[i].is_covered_entity) checking.has_covered_entity = true;
    if (consent->recipients[i].is_intermediary) checking.has_intermediary = true;
  }
  return checking;
}

size_t consent_check(const struct privacy *privacy, struct arena *arena,
                     const struct consent *consent, int64_t now, struct consent_problem **out)
{
  const struct consent_rules *rules = privacy->consent_rules;
  struct checking checking = look(rules, consent);
  checking.labels = privacy->labels;
  struct problems problems = {.room = rules->element_count + 8};
  problems.at = arena_allocate_array(arena, problems.room, sizeof *problems.at);
  if (!checking.kind) {
    complain(&problems, "kind", "consent.wrong.kind", TEXT("42 CFR 2.31"));
  } else {
    for (size_t i = 0; i < rules->element_count; i++) {
      const struct consent_element *element = &rules->elements[i];
      if (element_is_asked(&checking, element) && !element_given(&checking, element->name))
        complain(&problems, element->field, element->message, element->source);
    }
    check_words(&checking, now, &problems);
  }
  *out = problems.at;
  return problems.count;
}

/* When it ends by itself: the end of the last day, in UTC; INT64_MAX when no date says so. */
int64_t consent_end(const struct consent *consent)
{
  int64_t end = INT64_MAX;
  if (!text_is_empty(consent->expires_on) && !consent_date_read(consent->expires_on, 1, &end))
    return 0;
  return end;
}

bool consent_is_active(const struct privacy *privacy, const struct consent *consent, int64_t now)
{
  if (consent->revoked_at || consent->ended_at || now >= consent_end(consent)) return false;
  struct arena *arena = arena_new(LIMIT_CONSENT_CHECK);
  struct consent_problem *problems;
  bool is_whole = consent_check(privacy, arena, consent, now, &problems) == 0;
  arena_free(arena);
  return is_whole;
}
