/*
 * Tests of document.h: every field that a full document has is named by knowledge/labels.csv, read
 * here by the test itself, and so may be decided about by disclose().
 */
#include "care_world.h"

static struct table labels;

static bool is_named(const char *document, struct text field)
{
  for (size_t row = 0; row < labels.row_count; row++)
    if (text_equal(table_cell(&labels, row, 0), text_from(document)) &&
        text_equal(table_cell(&labels, row, 1), field))
      return true;
  return false;
}

static void check(const char *document, const struct value *value, struct text path)
{
  size_t count = value_count(value);
  enum value_kind kind = value_kind_get(value);
  if (kind == VALUE_LIST) {
    for (size_t i = 0; i < count; i++)
      check(document, value_item(value, i), text_format(world.arena, "%.*s[]", TEXT_PRINT(path)));
  } else if (kind == VALUE_OBJECT) {
    for (size_t i = 0; i < count; i++) {
      struct text key;
      const struct value *item;
      assert_true(value_member(value, i, &key, &item));
      check(document, item,
            text_format(world.arena, "%.*s%s%.*s", TEXT_PRINT(path), path.length ? "." : "",
                        TEXT_PRINT(key)));
    }
  } else if (!is_named(document, path)) {
    fail_msg("labels.csv does not name %s, %.*s", document, TEXT_PRINT(path));
  }
}

static void every_field_is_labeled(void **state)
{
  (void)state;
  static const struct text former[] = {{"Rivers", 6}};
  static const struct person_phone phones[] = {{{"3035550142", 10}, {"mobile", 6}, true}};
  static const struct person_contact contacts[] = {
      {{"Sam River", 9}, {"sibling", 7}, {"3035550199", 10}}};
  static const struct person_identifier identifiers[] = {
      {{"medicaid", 8}, {"A-1234", 6}, {"CO", 2}}};
  const struct person person = {.id = TEXT("p"),
                                .language = TEXT("en"),
                                .site_id = TEXT("s"),
                                .version = 1,
                                .identity = {.given = TEXT("Joan"),
                                             .middle = TEXT("Q"),
                                             .family = TEXT("River"),
                                             .chosen = TEXT("Jo"),
                                             .former = former,
                                             .former_count = 1,
                                             .birth_date = TEXT("1980-02-29"),
                                             .sex = TEXT("female"),
                                             .gender_identity = TEXT("female"),
                                             .pronouns = TEXT("she"),
                                             .phones = phones,
                                             .phone_count = 1,
                                             .email = TEXT("jo@example.org"),
                                             .street = TEXT("1 Pier Street"),
                                             .city = TEXT("Denver"),
                                             .state = TEXT("CO"),
                                             .zip = TEXT("80202"),
                                             .contacts = contacts,
                                             .contact_count = 1,
                                             .identifiers = identifiers,
                                             .identifier_count = 1}};
  const struct episode episode = {.id = TEXT("e"),
                                  .status = TEXT("finished"),
                                  .site_id = TEXT("s"),
                                  .level_of_care = TEXT("3.5"),
                                  .end_reason = TEXT("completed"),
                                  .begun_at = world.now,
                                  .ended_at = world.now};
  const struct episode_step step = {.words = TEXT("went well")};
  const struct care_fact fact = {.id = TEXT("f"),
                                 .kind = TEXT("injecting"),
                                 .value = TEXT("yes"),
                                 .words = TEXT("words"),
                                 .since_at = world.now,
                                 .until_at = world.now,
                                 .source_room = TEXT("care")};
  const struct delivered_day day = {
      .id = TEXT("d"), .date = TEXT("2026-11-18"), .level_of_care = TEXT("3.5")};
  const struct delivered_service service = {
      .id = TEXT("s"), .kind = TEXT("group"), .begun_at = world.now, .minutes = 60};
  struct text document;
  WORLD(file_read(world.arena, file_join(world.arena, world_share(), "knowledge/labels.csv"),
                  1 << 20, &document, &world.error));
  WORLD(table_read_csv(world.arena, document, &labels, &world.error));
  check("person", care_person_document(world.arena, &person), TEXT(""));
  check("episode", care_episode_document(world.arena, &episode, &step, 1), TEXT(""));
  check("fact", care_fact_document(world.arena, world.care, &fact), TEXT(""));
  check("delivered-day", care_delivered_day_document(world.arena, &day), TEXT(""));
  check("delivered-service", care_delivered_service_document(world.arena, &service), TEXT(""));
  struct value *labeled = care_fact_document(world.arena, world.care, &fact);
  assert_true(text_equal(value_text_get(value_get(labeled, TEXT("labels"))), TEXT("SUD")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(every_field_is_labeled, world_begin, world_end),
  };
  return store_support_run("care documents", tests, sizeof tests / sizeof *tests);
}
