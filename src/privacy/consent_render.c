/*
 * consent_render: the words of a consent, as they are shown, signed and sent along: the form's text
 * (knowledge/consent-forms/<version>.<language>.md) with the consent's own words in it. A paragraph
 * with a name that has nothing to say is left out; one behind "<!-- kinds: a b -->" stands for
 * those kinds alone. Pure. What was signed is kept as bytes (signature.h); this makes it anew only
 * to show before signing. Threads: any.
 */
#include "privacy/privacy.h"

struct rendering {
  const struct privacy *privacy;
  const struct consent *consent;
  struct arena *arena;
  size_t language;
  struct value *names;
};

static struct text words_of(const struct rendering *rendering, const char *key)
{
  return catalog_text(rendering->privacy->catalog, rendering->language, key);
}

/* Add to texts joined by "; ". */
static void join(struct text_buffer *buffer, struct text part)
{
  if (text_is_empty(text_trim(part))) return;
  if (buffer->length) text_buffer_add(buffer, TEXT("; "));
  text_buffer_add(buffer, text_trim(part));
}
static void set_joined(struct rendering *rendering, const char *name, struct text_buffer *buffer)
{
  struct text all = text_copy(rendering->arena, text_buffer_get(buffer));
  value_set(rendering->names, name, value_text(rendering->arena, all));
  text_buffer_clear(buffer);
}
static void set(struct rendering *rendering, const char *name, struct text words)
{
  value_set(rendering->names, name, value_text(rendering->arena, text_trim(words)));
}

static void set_recipients(struct rendering *rendering, struct text_buffer *buffer)
{
  const struct consent *consent = rendering->consent;
  const struct consent_rules *rules = rendering->privacy->consent_rules;
  for (size_t i = 0; i < consent->recipient_count; i++) {
    const struct consent_recipient *recipient = &consent->recipients[i];
    const struct recipient_class *class = recipient_class_find(rules, recipient->class_name);
    struct text name = class ? class->words[rendering->language] : recipient->name;
    if (!text_is_empty(recipient->address))
      name = text_format(rendering->arena, "%.*s, %.*s", TEXT_PRINT(name),
                         TEXT_PRINT(recipient->address));
    join(buffer, name);
  }
  set_joined(rendering, "recipients", buffer);
  for (size_t i = 0; i < consent->recipient_count; i++)
    join(buffer, consent->recipients[i].participants);
  set_joined(rendering, "participants", buffer);
}

static void set_coded(struct rendering *rendering, struct text_buffer *buffer)
{
  const struct consent *consent = rendering->consent;
  const struct consent_rules *rules = rendering->privacy->consent_rules;
  size_t language = rendering->language;
  for (size_t i = 0; i < consent->label_count; i++) {
    const struct sensitivity *label = sensitivity_find(rules, consent->labels[i]);
    join(buffer, label ? label->label[language] : consent->labels[i]);
  }
  set_joined(rendering, "labels", buffer);
  for (size_t i = 0; i < consent->purpose_code_count; i++) {
    const struct purpose *purpose = purpose_find(rules, consent->purpose_codes[i]);
    join(buffer, purpose ? purpose->label[language] : consent->purpose_codes[i]);
  }
  set_joined(rendering, "purpose_labels", buffer);
  for (size_t i = 0; i < consent->document_count; i++) {
    struct text key =
        text_format(rendering->arena, "document.%.*s", TEXT_PRINT(consent->documents[i]));
    struct text words = catalog_find(rendering->privacy->catalog, language, key);
    join(buffer, words.at ? words : consent->documents[i]);
  }
  set_joined(rendering, "documents", buffer);
  for (size_t i = 0; i < consent->discloser_count; i++) join(buffer, consent->disclosers[i]);
  set_joined(rendering, "disclosers", buffer);
}

static struct text ends(const struct rendering *rendering)
{
  const struct consent *consent = rendering->consent;
  if (!text_is_empty(consent->expires_on)) return consent->expires_on;
  if (text_equal(consent->expires_event, TEXT("none")))
    return words_of(rendering, "consent.end.none");
  return consent->expires_event;
}

static struct text dates(const struct rendering *rendering)
{
  const struct consent *consent = rendering->consent;
  if (text_is_empty(consent->date_from) && text_is_empty(consent->date_to)) return TEXT("");
  return text_format(rendering->arena, "%.*s – %.*s", TEXT_PRINT(consent->date_from),
                     TEXT_PRINT(consent->date_to));
}

static void set_names(struct rendering *rendering)
{
  const struct consent *consent = rendering->consent;
  const struct consent_rules *rules = rendering->privacy->consent_rules;
  const struct consent_kind *kind = consent_kind_find(rules, consent->kind);
  struct text_buffer buffer;
  text_buffer_init(&buffer, LIMIT_CONSENT_TEXT);
  set(rendering, "kind_label", kind ? kind->label[rendering->language] : consent->kind);
  set(rendering, "patient_name", consent->patient_name);
  set(rendering, "description", consent->description);
  set(rendering, "purpose", consent->purpose);
  set(rendering, "right_to_revoke", consent->right_to_revoke);
  set(rendering, "how_to_revoke", consent->how_to_revoke);
  set(rendering, "revocable_from", consent->revocable_from);
  set(rendering, "consequences_of_refusing", consent->consequences_of_refusing);
  set(rendering, "authority", consent->authority);
  set(rendering, "form_version", consent->form_version);
  set(rendering, "ends", ends(rendering));
  set(rendering, "dates", dates(rendering));
  bool is_patient = text_equal(consent->signed_by, TEXT("patient"));
  set(rendering, "signed_by",
      words_of(rendering,
               is_patient ? "consent.signed-by.patient" : "consent.signed-by.representative"));
  const struct consent_statement *again =
      consent_statement_find(rules, TEXT("may_be_redisclosed"), consent->kind);
  set(rendering, "may_be_redisclosed",
      consent->says_may_be_redisclosed && again ? again->words[rendering->language] : TEXT(""));
  set_recipients(rendering, &buffer);
  set_coded(rendering, &buffer);
  text_buffer_fini(&buffer);
}

/* Is this paragraph for the consent's kind? Cuts the mark off. */
static bool is_for_kind(const struct rendering *rendering, struct text *paragraph)
{
  if (!text_starts_with(*paragraph, TEXT("<!-- kinds: "))) return true;
  size_t end = text_find(*paragraph, TEXT("-->"));
  struct text kinds = text_slice(*paragraph, 12, end), kind;
  *paragraph = text_trim(text_slice(*paragraph, end + 3, paragraph->length));
  while (text_word_next(&kinds, &kind))
    if (text_equal(kind, rendering->consent->kind)) return true;
  return false;
}

/* Add a paragraph with its names filled in, unless one of them has nothing to say. */
static void add_paragraph(const struct rendering *rendering, struct text paragraph,
                          struct text_buffer *out)
{
  size_t at = 0, begin, end;
  struct text name;
  for (; catalog_next_name(paragraph, at, &begin, &end, &name); at = end)
    if (text_is_empty(value_text_get(value_get(rendering->names, name)))) return;
  if (out->length) text_buffer_add(out, TEXT("\n\n"));
  for (at = 0; catalog_next_name(paragraph, at, &begin, &end, &name); at = end) {
    text_buffer_add(out, text_slice(paragraph, at, begin));
    text_buffer_add(out, value_text_get(value_get(rendering->names, name)));
  }
  text_buffer_add(out, text_slice(paragraph, at, paragraph.length));
}

bool consent_render(const struct privacy *privacy, struct arena *arena,
                    const struct consent *consent, struct text language, struct text *out,
                    struct error *error)
{
  const struct consent_form *form =
      consent_form_find(privacy->consent_rules, consent->form_version);
  if (!form)
    return error_set(error, ERROR_REFUSED, "error.consent.form", "", "a form that is not known");
  struct rendering rendering = {.privacy = privacy,
                                .consent = consent,
                                .arena = arena,
                                .language = consent_language(language),
                                .names = value_object(arena)};
  set_names(&rendering);
  struct text_buffer words;
  text_buffer_init(&words, LIMIT_CONSENT_TEXT);
  struct text rest = form->body[rendering.language];
  while (!text_is_empty(rest)) {
    size_t end = text_find(rest, TEXT("\n\n"));
    struct text paragraph = text_trim(text_slice(rest, 0, end));
    rest = text_trim(text_slice(rest, end, rest.length));
    if (!text_is_empty(paragraph) && is_for_kind(&rendering, &paragraph))
      add_paragraph(&rendering, paragraph, &words);
  }
  text_buffer_add_character(&words, '\n');
  bool fits = !words.over;
  if (fits) *out = text_copy(arena, text_buffer_get(&words));
  text_buffer_fini(&words);
  return fits || error_set(error, ERROR_TOO_LARGE, "error.consent.long", "",
                           "a consent of more than %d bytes", LIMIT_CONSENT_TEXT);
}
