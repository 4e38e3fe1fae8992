/*
 * Identity: the document that is sealed, its checks, names as they are said. Pure. See person.h.
 */
#include <string.h>

#include "care/care_private.h"

/* --- Tidying and checking ---------------------------------------------------------------- */

void person_tidy(struct arena *arena, struct person *person)
{
  struct person_identity *identity = &person->identity;
  struct text *const lines[] = {&identity->given,     &identity->middle, &identity->family,
                                &identity->chosen,    &identity->email,  &identity->street,
                                &identity->city,      &identity->state,  &identity->zip,
                                &identity->birth_date};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
    *lines[i] = care_tidy_text(arena, *lines[i]);
  struct text *former = arena_allocate_array(arena, identity->former_count + 1, sizeof *former);
  for (size_t i = 0; i < identity->former_count; i++)
    former[i] = care_tidy_text(arena, identity->former[i]);
  identity->former = former;
  struct person_phone *phones =
      arena_allocate_array(arena, identity->phone_count + 1, sizeof *phones);
  for (size_t i = 0; i < identity->phone_count; i++) {
    phones[i] = identity->phones[i];
    phones[i].number = care_tidy_phone(arena, phones[i].number);
  }
  identity->phones = phones;
  struct person_contact *contacts =
      arena_allocate_array(arena, identity->contact_count + 1, sizeof *contacts);
  for (size_t i = 0; i < identity->contact_count; i++) {
    contacts[i] = identity->contacts[i];
    contacts[i].name = care_tidy_text(arena, contacts[i].name);
    contacts[i].phone = care_tidy_phone(arena, contacts[i].phone);
  }
  identity->contacts = contacts;
}

static void check_names(const struct person_identity *identity, struct field_problems *problems)
{
  care_check_text(problems, "given", identity->given, LIMIT_CARE_NAME, false);
  care_check_text(problems, "middle", identity->middle, LIMIT_CARE_NAME, false);
  care_check_text(problems, "family", identity->family, LIMIT_CARE_NAME, false);
  care_check_text(problems, "chosen", identity->chosen, LIMIT_CARE_NAME, false);
  if (identity->given.length + identity->family.length + identity->chosen.length == 0)
    field_problem_add(problems, "family", "error.care.name");
  if (identity->former_count > LIMIT_CARE_LIST)
    field_problem_add(problems, "former", "error.care.many");
  for (size_t i = 0; i < identity->former_count; i++)
    care_check_text(problems, "former", identity->former[i], LIMIT_CARE_NAME, true);
}

static void check_birth_date(struct text birth_date, struct text today,
                             struct field_problems *problems)
{
  size_t before = problems->count;
  care_check_date(problems, "birth_date", birth_date);
  if (problems->count > before || birth_date.length == 0) return;
  if (text_compare(birth_date, today) > 0)
    field_problem_add(problems, "birth_date", "error.care.future");
  else if (person_age(birth_date, today) > LIMIT_CARE_AGE)
    field_problem_add(problems, "birth_date", "error.care.past");
}

static bool is_email(struct text t)
{
  size_t at = text_find(t, TEXT("@"));
  return at > 0 && at + 1 < t.length &&
         !text_contains(text_slice(t, at + 1, t.length), TEXT("@")) &&
         !text_contains(t, TEXT(" ")) && !text_contains(t, TEXT(",")) &&
         !text_contains(t, TEXT("<"));
}

static void check_lists(const struct care *care, const struct person_identity *identity,
                        struct field_problems *problems)
{
  if (identity->phone_count > LIMIT_CARE_LIST)
    field_problem_add(problems, "phone", "error.care.many");
  for (size_t i = 0; i < identity->phone_count; i++) {
    care_check_text(problems, "phone", identity->phones[i].number, LIMIT_CARE_LINE, true);
    care_check_phone(problems, "phone", identity->phones[i].number);
    care_check_code(care, problems, "phone_use", CARE_PHONE_USES, identity->phones[i].use, true);
  }
  if (identity->contact_count > LIMIT_CARE_LIST)
    field_problem_add(problems, "contact_name", "error.care.many");
  for (size_t i = 0; i < identity->contact_count; i++) {
    const struct person_contact *contact = &identity->contacts[i];
    care_check_text(problems, "contact_name", contact->name, LIMIT_CARE_NAME, true);
    care_check_code(care, problems, "contact_relationship", CARE_RELATIONSHIPS,
                    contact->relationship, false);
    care_check_phone(problems, "contact_phone", contact->phone);
  }
  if (identity->identifier_count > LIMIT_CARE_LIST)
    field_problem_add(problems, "identifier", "error.care.many");
  for (size_t i = 0; i < identity->identifier_count; i++) {
    const struct person_identifier *identifier = &identity->identifiers[i];
    care_check_text(problems, "identifier", identifier->value, LIMIT_CARE_NAME, true);
    care_check_code(care, problems, "identifier_kind", CARE_IDENTIFIER_KINDS, identifier->kind,
                    true);
    care_check_text(problems, "identifier_issuer", identifier->issuer, LIMIT_CARE_NAME, false);
  }
}

void person_check(const struct care *care, const struct person *person, struct text today,
                  struct field_problems *problems)
{
  const struct person_identity *identity = &person->identity;
  check_names(identity, problems);
  check_birth_date(identity->birth_date, today, problems);
  care_check_code(care, problems, "sex", CARE_SEXES, identity->sex, true);
  care_check_code(care, problems, "gender_identity", CARE_GENDER_IDENTITIES,
                  identity->gender_identity, false);
  care_check_code(care, problems, "pronouns", CARE_PRONOUNS, identity->pronouns, false);
  care_check_code(care, problems, "language", CARE_SPOKEN, person->language, true);
  care_check_text(problems, "email", identity->email, LIMIT_CARE_LINE, false);
  if (identity->email.length && !is_email(identity->email))
    field_problem_add(problems, "email", "error.care.email");
  care_check_text(problems, "street", identity->street, LIMIT_CARE_LINE, false);
  care_check_text(problems, "city", identity->city, LIMIT_CARE_LINE, false);
  care_check_code(care, problems, "state", CARE_STATES, identity->state, false);
  care_check_zip(problems, "zip", identity->zip);
  check_lists(care, identity, problems);
}

/* --- The document -------------------------------------------------------------------------- */

static void set(struct arena *arena, struct value *object, const char *key, struct text t)
{
  if (t.length) value_set(object, key, value_text(arena, t));
}

static void set_list(struct value *object, const char *key, struct value *list)
{
  if (value_count(list)) value_set(object, key, list);
}

static void set_names(struct arena *arena, struct value *document,
                      const struct person_identity *identity)
{
  struct value *name = value_object(arena), *former = value_list(arena);
  set(arena, name, "given", identity->given);
  set(arena, name, "middle", identity->middle);
  set(arena, name, "family", identity->family);
  set(arena, name, "chosen", identity->chosen);
  for (size_t i = 0; i < identity->former_count; i++)
    value_add(former, value_text(arena, identity->former[i]));
  set_list(name, "former", former);
  value_set(document, "name", name);
}

static void set_reach(struct arena *arena, struct value *document,
                      const struct person_identity *identity)
{
  struct value *phones = value_list(arena), *address = value_object(arena),
               *lines = value_list(arena);
  for (size_t i = 0; i < identity->phone_count; i++) {
    const struct person_phone *phone = &identity->phones[i];
    struct value *item = value_object(arena);
    set(arena, item, "number", phone->number);
    set(arena, item, "kind", phone->use);
    value_set(item, "may_leave_message", value_boolean(arena, phone->may_leave_message));
    value_add(phones, item);
  }
  set_list(document, "phones", phones);
  set(arena, document, "email", identity->email);
  if (identity->street.length) value_add(lines, value_text(arena, identity->street));
  set_list(address, "lines", lines);
  set(arena, address, "city", identity->city);
  set(arena, address, "state", identity->state);
  set(arena, address, "zip", identity->zip);
  if (value_count(address)) value_set(document, "address", address);
}

static void set_others(struct arena *arena, struct value *document,
                       const struct person_identity *identity)
{
  struct value *contacts = value_list(arena), *identifiers = value_list(arena);
  for (size_t i = 0; i < identity->contact_count; i++) {
    const struct person_contact *contact = &identity->contacts[i];
    struct value *item = value_object(arena);
    set(arena, item, "name", contact->name);
    set(arena, item, "relationship", contact->relationship);
    set(arena, item, "phone", contact->phone);
    value_add(contacts, item);
  }
  for (size_t i = 0; i < identity->identifier_count; i++) {
    const struct person_identifier *identifier = &identity->identifiers[i];
    struct value *item = value_object(arena);
    set(arena, item, "kind", identifier->kind);
    set(arena, item, "value", identifier->value);
    set(arena, item, "issuer", identifier->issuer);
    value_add(identifiers, item);
  }
  set_list(document, "contacts", contacts);
  set_list(document, "identifiers", identifiers);
}

void identity_document(struct arena *arena, const struct person_identity *identity,
                       struct value *document)
{
  set_names(arena, document, identity);
  set(arena, document, "birth_date", identity->birth_date);
  set(arena, document, "sex", identity->sex);
  set(arena, document, "gender_identity", identity->gender_identity);
  set(arena, document, "pronouns", identity->pronouns);
  set_reach(arena, document, identity);
  set_others(arena, document, identity);
}

struct text person_identity_write(struct arena *arena, const struct person_identity *identity)
{
  struct value *document = value_object(arena);
  struct text_buffer buffer;
  identity_document(arena, identity, document);
  text_buffer_init(&buffer, LIMIT_CARE_IDENTITY);
  json_write(document, &buffer);
  struct text written = buffer.over ? TEXT("") : text_copy(arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return written;
}

/* --- And back ------------------------------------------------------------------------------ */

static struct text member(const struct value *object, const char *key)
{
  return value_text_get(value_get(object, text_from(key)));
}

static size_t list_of(const struct value *object, const char *key, const struct value **list)
{
  *list = value_get(object, text_from(key));
  size_t count = value_count(*list);
  return count < LIMIT_CARE_LIST ? count : LIMIT_CARE_LIST;
}

static void read_lists(struct arena *arena, const struct value *document,
                       struct person_identity *out)
{
  const struct value *list;
  out->former_count = list_of(value_get(document, TEXT("name")), "former", &list);
  struct text *former = arena_allocate_array(arena, LIMIT_CARE_LIST, sizeof *former);
  for (size_t i = 0; i < out->former_count; i++) former[i] = value_text_get(value_item(list, i));
  out->former = former;
  out->phone_count = list_of(document, "phones", &list);
  struct person_phone *phones = arena_allocate_array(arena, LIMIT_CARE_LIST, sizeof *phones);
  for (size_t i = 0; i < out->phone_count; i++) {
    const struct value *item = value_item(list, i);
    phones[i] = (struct person_phone){member(item, "number"), member(item, "kind"),
                                      value_kind_get(value_get(item, TEXT("may_leave_message"))) ==
                                          VALUE_TRUE};
  }
  out->phones = phones;
  out->contact_count = list_of(document, "contacts", &list);
  struct person_contact *contacts = arena_allocate_array(arena, LIMIT_CARE_LIST, sizeof *contacts);
  for (size_t i = 0; i < out->contact_count; i++) {
    const struct value *item = value_item(list, i);
    contacts[i] = (struct person_contact){member(item, "name"), member(item, "relationship"),
                                          member(item, "phone")};
  }
  out->contacts = contacts;
  out->identifier_count = list_of(document, "identifiers", &list);
  struct person_identifier *identifiers =
      arena_allocate_array(arena, LIMIT_CARE_LIST, sizeof *identifiers);
  for (size_t i = 0; i < out->identifier_count; i++) {
    const struct value *item = value_item(list, i);
    identifiers[i] = (struct person_identifier){member(item, "kind"), member(item, "value"),
                                                member(item, "issuer")};
  }
  out->identifiers = identifiers;
}

bool person_identity_read(struct arena *arena, struct text document, struct person_identity *out,
                          struct error *error)
{
  const struct value *root;
  if (!json_read(arena, document, &root, error)) return false;
  const struct value *name = value_get(root, TEXT("name")),
                     *address = value_get(root, TEXT("address"));
  struct person_identity identity = {
      .given = member(name, "given"),
      .middle = member(name, "middle"),
      .family = member(name, "family"),
      .chosen = member(name, "chosen"),
      .birth_date = member(root, "birth_date"),
      .sex = member(root, "sex"),
      .gender_identity = member(root, "gender_identity"),
      .pronouns = member(root, "pronouns"),
      .email = member(root, "email"),
      .street = value_text_get(value_item(value_get(address, TEXT("lines")), 0)),
      .city = member(address, "city"),
      .state = member(address, "state"),
      .zip = member(address, "zip"),
  };
  read_lists(arena, root, &identity);
  *out = identity;
  return true;
}

/* --- Names and age ------------------------------------------------------------------------- */

static struct text join(struct arena *arena, struct text a, struct text b)
{
  if (a.length == 0 || b.length == 0) return a.length ? a : b;
  return text_format(arena, "%.*s %.*s", TEXT_PRINT(a), TEXT_PRINT(b));
}

struct text person_short_name(struct arena *arena, const struct person_identity *identity)
{
  return join(arena, identity->chosen.length ? identity->chosen : identity->given,
              identity->family);
}

struct text person_full_name(struct arena *arena, const struct person_identity *identity)
{
  struct text given = join(arena, identity->given, identity->middle);
  if (identity->chosen.length && given.length && !text_equal(identity->chosen, identity->given))
    given = text_format(arena, "%.*s (%.*s)", TEXT_PRINT(identity->chosen), TEXT_PRINT(given));
  else if (given.length == 0) given = identity->chosen;
  return join(arena, given, identity->family);
}

int person_age(struct text birth_date, struct text today)
{
  int year, month, day, this_year, this_month, this_day;
  if (!time_read_date(birth_date, &year, &month, &day) ||
      !time_read_date(today, &this_year, &this_month, &this_day))
    return -1;
  int age = this_year - year;
  if (this_month < month || (this_month == month && this_day < day)) age--;
  return age;
}
