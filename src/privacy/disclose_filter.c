/*
 * disclose_filter: take away of a document what may not leave, field by field, and say why to
 * staff. Pure but for the arena: no store, no clock. An object of which nothing is left vanishes;
 * so does one whose field marked "whole" may not leave, as what is left would tell of it.
 * Threads: any.
 */
#include <assert.h>

#include "privacy/privacy.h"

/* A preview being made. */
struct filtering {
  const struct privacy *privacy;
  const struct disclosure_basis *basis;
  const struct disclose_request *request;
  const struct consent *consents;
  size_t count;
  int64_t now;
  struct arena *arena;
  struct text document;
  bool is_dated; /* the document has a date field */
  struct disclose_shown *shown;
  size_t shown_count, shown_room, given, kept;
  bool *used; /* by consent */
};
/* What holds for an object and all below it. */
struct scope {
  struct text path;
  const struct text *labels;
  size_t label_count;
  struct text date;
  int depth;
};

/* --- One field ----------------------------------------------------------------------------- */

static bool basis_covers(const struct filtering *filtering, const struct disclose_field *field)
{
  const struct disclosure_basis *basis = filtering->basis;
  const struct consent_rules *rules = filtering->privacy->consent_rules;
  if (basis->cover == BASIS_NOTHING || !consent_words_have(&basis->documents, field->document))
    return false;
  for (size_t i = 0; i < field->label_count; i++) {
    const struct sensitivity *label = sensitivity_find(rules, field->labels[i]);
    if (!label || label->cover == COVERED_BY_KIND) return false; /* counseling notes: never */
    if (basis->cover == BASIS_LABELS && !consent_words_have(&basis->covered, label->name))
      return false;
  }
  if (basis->cover != BASIS_FIELDS) return field->label_count > 0;
  struct text name = text_format(filtering->arena, "%.*s.%.*s", TEXT_PRINT(field->document),
                                 TEXT_PRINT(field->path));
  return consent_words_have(&basis->covered, name);
}

static enum disclose_why decide(struct filtering *filtering, const struct label_field *known,
                                const struct disclose_field *field)
{
  if (!known) return WHY_NOT_NAMED;
  if (known->share == SHARE_NEVER) return WHY_NEVER;
  if (known->share == SHARE_PERSON && !filtering->basis->is_to_person) return WHY_PERSON_ONLY;
  if (filtering->basis->cover != BASIS_CONSENT)
    return basis_covers(filtering, field) ? WHY_GIVEN : WHY_NOT_BY_BASIS;
  enum disclose_why why;
  int found = disclose_decide(filtering->privacy, filtering->consents, filtering->count,
                              filtering->request, field, filtering->now, &why);
  if (found >= 0) filtering->used[found] = true;
  return why;
}

/* Keep what was decided, each field and reason once. */
static void note(struct filtering *filtering, struct text path, enum disclose_why why)
{
  *(why == WHY_GIVEN ? &filtering->given : &filtering->kept) += 1;
  for (size_t i = 0; i < filtering->shown_count; i++) {
    struct disclose_shown *shown = &filtering->shown[i];
    if (shown->why == why && text_equal(shown->path, path) &&
        text_equal(shown->document, filtering->document)) {
      shown->times++;
      return;
    }
  }
  if (filtering->shown_count == filtering->shown_room) {
    size_t room = filtering->shown_room * 2 + 32;
    struct disclose_shown *more = arena_allocate_array(filtering->arena, room, sizeof *more);
    for (size_t i = 0; i < filtering->shown_count; i++) more[i] = filtering->shown[i];
    filtering->shown = more;
    filtering->shown_room = room;
  }
  filtering->shown[filtering->shown_count++] =
      (struct disclose_shown){filtering->document, path, 1, why};
}

static struct text join(struct filtering *filtering, struct text path, struct text key)
{
  return text_is_empty(path)
             ? key
             : text_format(filtering->arena, "%.*s.%.*s", TEXT_PRINT(path), TEXT_PRINT(key));
}

/* May a text, number or yes/no leave? */
static enum disclose_why leaf_why(struct filtering *filtering, const struct scope *scope,
                                  const struct label_field *known)
{
  size_t count = scope->label_count + (known ? known->labels.count : 0);
  struct text *labels = arena_allocate_array(filtering->arena, count + 1, sizeof *labels);
  for (size_t i = 0; i < scope->label_count; i++) labels[i] = scope->labels[i];
  for (size_t i = scope->label_count; i < count; i++)
    labels[i] = known->labels.at[i - scope->label_count];
  struct disclose_field field = {.document = filtering->document,
                                 .path = scope->path,
                                 .labels = labels,
                                 .label_count = count,
                                 .is_dated = filtering->is_dated,
                                 .date = scope->date};
  return decide(filtering, known, &field);
}

static const struct label_field *known_field(const struct filtering *filtering, struct text path)
{
  return labels_find(filtering->privacy->labels, filtering->document, path);
}

/* --- Objects and lists --------------------------------------------------------------------- */

static const struct value *filter(struct filtering *filtering, const struct value *value,
                                  const struct scope *scope);

/* The labels in a member "labels": a list of texts, or one text of words. Anything else is a label
 * that nobody knows, under which nothing leaves. */
static size_t own_labels(struct filtering *filtering, const struct value *own, struct text **out)
{
  bool is_text = value_kind_get(own) == VALUE_TEXT, is_list = value_kind_get(own) == VALUE_LIST;
  size_t most = is_text ? value_text_get(own).length + 1 : value_count(own) + 1, count = 0;
  struct text *labels = arena_allocate_array(filtering->arena, most, sizeof *labels), word;
  *out = labels;
  if (is_text) {
    struct text rest = value_text_get(own);
    while (text_word_next(&rest, &word)) labels[count++] = word;
  } else if (is_list) {
    for (; count < value_count(own); count++)
      labels[count] = value_text_get(value_item(own, count));
  } else {
    labels[count++] = TEXT("");
  }
  return count;
}

/* The labels and the date that an object carries itself. */
static struct scope enter(struct filtering *filtering, const struct value *object,
                          const struct scope *outer)
{
  struct scope scope = *outer;
  const struct value *member = value_get(object, TEXT("labels"));
  struct text *own = NULL;
  size_t own_count = member ? own_labels(filtering, member, &own) : 0;
  size_t count = own_count + outer->label_count;
  struct text *labels = arena_allocate_array(filtering->arena, count + 1, sizeof *labels);
  for (size_t i = 0; i < outer->label_count; i++) labels[i] = outer->labels[i];
  for (size_t i = 0; i < own_count; i++) labels[outer->label_count + i] = own[i];
  scope.labels = labels;
  scope.label_count = count;
  struct text key;
  const struct value *item;
  for (size_t i = 0; value_member(object, i, &key, &item); i++) {
    const struct label_field *known = known_field(filtering, join(filtering, outer->path, key));
    if (known && known->is_date) scope.date = value_text_get(item);
  }
  return scope;
}

/* Keep back every text of a value for one reason. */
static void keep_back(struct filtering *filtering, const struct value *value, struct text path,
                      enum disclose_why why, int depth)
{
  struct text key;
  const struct value *item;
  if (depth > LIMIT_JSON_DEPTH) return;
  if (value_kind_get(value) == VALUE_OBJECT) {
    for (size_t i = 0; value_member(value, i, &key, &item); i++)
      keep_back(filtering, item, join(filtering, path, key), why, depth + 1);
  } else if (value_kind_get(value) == VALUE_LIST) {
    struct text below = text_format(filtering->arena, "%.*s[]", TEXT_PRINT(path));
    for (size_t i = 0; i < value_count(value); i++)
      keep_back(filtering, value_item(value, i), below, why, depth + 1);
  } else {
    note(filtering, path, why);
  }
}

/* A field marked "whole" that may not leave keeps its object back. */
static enum disclose_why whole_why(struct filtering *filtering, const struct value *value,
                                   const struct scope *scope)
{
  struct scope inner = *scope;
  struct text key;
  const struct value *item;
  for (size_t i = 0; value_member(value, i, &key, &item); i++) {
    inner.path = join(filtering, scope->path, key);
    const struct label_field *known = known_field(filtering, inner.path);
    if (!known || known->share != SHARE_WHOLE) continue;
    enum disclose_why why = leaf_why(filtering, &inner, known);
    if (why != WHY_GIVEN) return why;
  }
  return WHY_GIVEN;
}

static const struct value *filter_object(struct filtering *filtering, const struct value *value,
                                         const struct scope *outer)
{
  struct scope scope = enter(filtering, value, outer), inner = scope;
  enum disclose_why why = whole_why(filtering, value, &scope);
  if (why != WHY_GIVEN) {
    keep_back(filtering, value, scope.path, why, scope.depth);
    return NULL;
  }
  struct value *out = value_object(filtering->arena);
  struct text key;
  const struct value *item;
  for (size_t i = 0; value_member(value, i, &key, &item); i++) {
    inner.path = join(filtering, scope.path, key);
    const struct value *left = filter(filtering, item, &inner);
    if (left) value_append(out, key, left);
  }
  return value_count(out) > 0 ? out : NULL;
}

static const struct value *filter_list(struct filtering *filtering, const struct value *value,
                                       const struct scope *outer)
{
  struct scope scope = *outer;
  scope.path = text_is_empty(outer->path)
                   ? outer->path
                   : text_format(filtering->arena, "%.*s[]", TEXT_PRINT(outer->path));
  struct value *out = value_list(filtering->arena);
  for (size_t i = 0; i < value_count(value); i++) {
    const struct value *left = filter(filtering, value_item(value, i), &scope);
    if (left) value_add(out, left);
  }
  return value_count(out) > 0 ? out : NULL;
}

static const struct value *filter(struct filtering *filtering, const struct value *value,
                                  const struct scope *scope)
{
  struct scope inner = *scope;
  if (++inner.depth > LIMIT_JSON_DEPTH) return NULL;
  switch (value_kind_get(value)) {
  case VALUE_OBJECT:
    return filter_object(filtering, value, &inner);
  case VALUE_LIST:
    return filter_list(filtering, value, &inner);
  case VALUE_TRUE:
  case VALUE_FALSE:
  case VALUE_NUMBER:
  case VALUE_TEXT: {
    enum disclose_why why = leaf_why(filtering, &inner, known_field(filtering, inner.path));
    note(filtering, inner.path, why);
    return why == WHY_GIVEN ? value : NULL;
  }
  case VALUE_NULL: /* says nothing */
  case VALUE_JSON: /* unlabeled inside: never leaves */
  case VALUE_HTML:
    return NULL;
  }
  assert(false);
  return NULL;
}

static const struct value *filter_document(struct filtering *filtering, struct text document,
                                           const struct value *content)
{
  const struct labels *labels = filtering->privacy->labels;
  struct scope scope = {.path = TEXT("")};
  filtering->document = document;
  filtering->is_dated = false;
  for (size_t i = 0; i < labels_field_count(labels); i++) {
    const struct label_field *field = labels_field(labels, i);
    if (field->is_date && text_equal(field->document, document)) filtering->is_dated = true;
  }
  return filter(filtering, content, &scope);
}

/* --- All of it ----------------------------------------------------------------------------- */

static struct text names_given(const struct filtering *filtering)
{
  struct text_buffer names;
  text_buffer_init(&names, LIMIT_DISCLOSE_FIELDS);
  for (size_t i = 0; i < filtering->shown_count; i++) {
    const struct disclose_shown *shown = &filtering->shown[i];
    if (shown->why != WHY_GIVEN) continue;
    if (names.length) text_buffer_add_character(&names, ' ');
    text_buffer_add_format(&names, "%.*s.%.*s", TEXT_PRINT(shown->document),
                           TEXT_PRINT(shown->path));
  }
  struct text all = text_copy(filtering->arena, text_buffer_get(&names));
  text_buffer_fini(&names);
  return all;
}

void disclose_preview(const struct privacy *privacy, struct arena *arena,
                      const struct consent *consents, size_t count,
                      const struct disclose_request *request, int64_t now,
                      struct disclose_preview *out)
{
  struct filtering filtering = {.privacy = privacy,
                                .basis =
                                    disclosure_basis_find(privacy->consent_rules, request->basis),
                                .request = request,
                                .consents = consents,
                                .count = count,
                                .now = now,
                                .arena = arena,
                                .used = arena_allocate_array(arena, count + 1, sizeof(bool))};
  const struct value *content = NULL;
  if (!filtering.basis) {
    *out = (struct disclose_preview){.fields = TEXT("")};
    return;
  }
  if (text_equal(request->document, TEXT("record"))) {
    struct value *all = value_object(arena);
    struct text document;
    const struct value *item;
    for (size_t i = 0; value_member(request->content, i, &document, &item); i++) {
      const struct value *left = filter_document(&filtering, document, item);
      if (left) value_append(all, document, left);
    }
    content = value_count(all) > 0 ? all : NULL;
  } else {
    content = filter_document(&filtering, request->document, request->content);
  }
  size_t *used = arena_allocate_array(arena, count + 1, sizeof *used), used_count = 0;
  for (size_t i = 0; i < count; i++)
    if (filtering.used[i]) used[used_count++] = i;
  *out = (struct disclose_preview){.content = content,
                                   .shown = filtering.shown,
                                   .shown_count = filtering.shown_count,
                                   .fields_given = filtering.given,
                                   .fields_kept = filtering.kept,
                                   .used = used,
                                   .used_count = used_count,
                                   .fields = names_given(&filtering)};
}

const char *disclose_basis_check(const struct privacy *privacy, const struct actor *actor,
                                 const struct disclose_request *request, int64_t now)
{
  const struct disclosure_basis *basis =
      disclosure_basis_find(privacy->consent_rules, request->basis);
  if (!basis) return "error.disclose.basis";
  if (!consent_term_holds(&basis->term, now)) return "error.disclose.not-in-force";
  if (basis->cover == BASIS_NOTHING) return "error.disclose.subpoena";
  if (!purpose_find(privacy->consent_rules, request->purpose_code) ||
      !consent_words_have(&basis->purposes, request->purpose_code))
    return "error.disclose.purpose";
  bool may = false;
  for (size_t i = 0; i < actor->role_count; i++)
    may = may || consent_words_have(&basis->roles, actor->roles[i]);
  if (!may) return "error.disclose.role";
  if (basis->is_to_person) return NULL;
  if (text_is_empty(text_trim(request->recipient.name))) return "error.disclose.recipient";
  return NULL;
}
