/*
 * Tests of audit_append() and of the bytes of an entry: what waits is what was said, in the order
 * in which it was said; what does not belong into history is refused; what waits is neither changed
 * nor taken away. The expected bytes are written out by hand after docs/audit.md.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "privacy/audit.h"
#include "privacy/audit_record.h"
#include "store_support.h"

static struct arena *arena;
static char *folder;
static struct store *store;
static struct error error;
static struct actor nurse;

static int begin(void **state)
{
  (void)state;
  char pattern[] = "/tmp/fairlead-audit-XXXXXX";
  arena = arena_new(1 << 24);
  folder = text_c(arena, text_from(mkdtemp(pattern)));
  assert_true(store_open(&store, store_support_address(arena, folder, "test.db"), &error));
  assert_true(store_migrate(store, "migrations", &error));
  nurse = (struct actor){.kind = ACTOR_STAFF,
                         .account_id = TEXT("account-1"),
                         .name = TEXT("Ana Ruiz, RN"),
                         .station_id = TEXT("station-9")};
  return 0;
}

static int end(void **state)
{
  (void)state;
  store_close(store);
  char *command = text_c(arena, text_format(arena, "rm -rf %s", folder));
  assert_int_equal(system(command), 0);
  arena_free(arena);
  error_clear(&error);
  return 0;
}

static bool append(struct store_transaction *t, void *context, struct error *e)
{
  return audit_append(t, context, e);
}

static struct audit_entry reading(void)
{
  return (struct audit_entry){.program_id = TEXT("program-1"),
                              .actor = &nurse,
                              .object = TEXT("person"),
                              .act = TEXT("read"),
                              .person_id = TEXT("person-5"),
                              .purpose = TEXT("TREAT"),
                              .at = 1771200000000000};
}

struct waiting {
  size_t count;
  struct text bodies[64], ids[64];
};

static bool read_waiting(struct store_transaction *t, void *context, struct error *e)
{
  struct waiting *out = context;
  struct store_cursor *c = NULL;
  bool more = false;
  *out = (struct waiting){0};
  if (!store_query(t, &c, "SELECT id, entry FROM audit_waiting ORDER BY program_id, id",
                   STORE_BIND_NONE, e))
    return false;
  while (store_next(c, &more, e) && more) {
    assert_true(out->count < 64);
    out->ids[out->count] = text_copy(arena, store_column_text(c, 0));
    out->bodies[out->count++] = text_copy(arena, store_column_bytes(c, 1));
  }
  store_cursor_close(c);
  return true;
}

static struct waiting waiting(void)
{
  struct waiting out;
  assert_true(store_read(store, read_waiting, &out, &error));
  return out;
}

static void audit_append_writes_the_bytes_of_the_contract(void **state)
{
  (void)state;
  struct audit_entry entry = reading();
  struct value *detail = value_object(arena), *fields = value_list(arena);
  value_add(fields, value_text(arena, TEXT("person.phone")));
  value_set(detail, "fields", fields);
  value_set(detail, "count", value_integer(arena, 2));
  entry.detail = detail;
  assert_true(store_write(store, append, &entry, &error));
  static const char expected[] = "\0\0\0\x10"
                                 "1771200000000000"
                                 "\0\0\0\x05"
                                 "staff"
                                 "\0\0\0\x09"
                                 "account-1"
                                 "\0\0\0\x0C"
                                 "Ana Ruiz, RN"
                                 "\0\0\0\x09"
                                 "station-9"
                                 "\0\0\0\x06"
                                 "person"
                                 "\0\0\0\x04"
                                 "read"
                                 "\0\0\0\x00"
                                 "\0\0\0\x08"
                                 "person-5"
                                 "\0\0\0\x05"
                                 "TREAT"
                                 "\0\0\0\x04"
                                 "done"
                                 "\0\0\0\x25"
                                 "{\"fields\":[\"person.phone\"],\"count\":2}";
  struct waiting all = waiting();
  assert_int_equal(all.count, 1);
  struct text body = all.bodies[0];
  size_t length = sizeof expected - 1;
  assert_int_equal(body.length, length);
  assert_memory_equal(body.at, expected, length);
  assert_true(uuid_is_valid(all.ids[0]));
}

static bool append_many(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  for (int i = 0; i < 40; i++) {
    struct audit_entry entry = reading();
    entry.object_id = text_format(arena, "%d", i);
    entry.at -= i * 100; /* the clock goes back */
    if (!audit_append(t, &entry, e)) return false;
  }
  return true;
}

static void audit_append_keeps_the_order_of_a_process(void **state)
{
  (void)state;
  assert_true(store_write(store, append_many, NULL, &error));
  struct waiting all = waiting();
  assert_int_equal(all.count, 40);
  for (size_t i = 0; i < all.count; i++) {
    struct text fields[AUDIT_FIELDS];
    int64_t at, number;
    assert_true(audit_body_read(all.bodies[i], fields, &at));
    assert_true(text_read_integer(fields[AUDIT_OBJECT_ID], &number));
    assert_int_equal(number, i);
    assert_int_equal(at, reading().at - (int64_t)i * 100);
  }
}

static bool append_and_fail(struct store_transaction *t, void *context, struct error *e)
{
  return audit_append(t, context, e) &&
         error_set(e, ERROR_REFUSED, "error.store.value", "", "the act fails");
}

static void audit_append_goes_with_its_act(void **state)
{
  (void)state;
  struct audit_entry entry = reading();
  assert_false(store_write(store, append_and_fail, &entry, &error));
  assert_int_equal(waiting().count, 0);
}

static void refuse_detail(const struct value *detail)
{
  struct audit_entry entry = reading();
  entry.detail = detail;
  error_clear(&error);
  assert_false(store_write(store, append, &entry, &error));
  assert_int_equal(error.kind, ERROR_SYSTEM);
  assert_null(strstr(error.log, "Jane")); /* the record's word is not in the error either */
  assert_int_equal(waiting().count, 0);
}

static void audit_append_refuses_words_of_a_record(void **state)
{
  (void)state;
  struct value *detail = value_object(arena), *list = value_list(arena), *deep = detail;
  value_set(detail, "fields", value_text(arena, TEXT("Jane Doe")));
  refuse_detail(detail);
  detail = value_object(arena);
  value_add(list, value_text(arena, TEXT("Jane's note")));
  value_set(detail, "fields", list);
  refuse_detail(detail);
  detail = value_object(arena);
  value_set(detail, "Jane Doe", value_integer(arena, 1));
  refuse_detail(detail);
  refuse_detail(value_text(arena, TEXT("Jane")));
  detail = value_object(arena);
  value_set(detail, "fields", value_json(arena, TEXT("\"Jane Doe\"")));
  refuse_detail(detail);
  detail = deep = value_object(arena);
  for (int i = 0; i < 6; i++) {
    struct value *inner = value_object(arena);
    value_set(deep, "fields", inner);
    deep = inner;
  }
  refuse_detail(detail);
  detail = value_object(arena);
  list = value_list(arena);
  for (int i = 0; i < 2000; i++)
    value_add(list, value_text(arena, TEXT("0198c0de-0000-7000-8000-000000000000")));
  value_set(detail, "person_ids", list);
  refuse_detail(detail); /* longer than a detail may be */
}

static void audit_append_takes_hostile_ids_as_far_as_they_are_text(void **state)
{
  (void)state;
  struct audit_entry entry = reading();
  struct text fields[AUDIT_FIELDS];
  int64_t at;
  entry.object_id = TEXT("\xFF\xFE");
  entry.person_id = TEXT("a\0b");
  char lengthy[1000];
  memset(lengthy, 'x', sizeof lengthy);
  memcpy(lengthy + 199, "\xC3\xA9", 2); /* the cut would halve it */
  entry.purpose = (struct text){lengthy, sizeof lengthy};
  entry.actor = NULL;
  entry.outcome = AUDIT_DENIED;
  assert_true(store_write(store, append, &entry, &error));
  struct waiting all = waiting();
  assert_true(audit_body_read(all.bodies[0], fields, &at));
  assert_true(text_equal(fields[AUDIT_OBJECT_ID], TEXT("not-text")));
  assert_true(text_equal(fields[AUDIT_PERSON_ID], TEXT("not-text")));
  assert_true(text_equal(fields[AUDIT_PURPOSE], (struct text){lengthy, 199}));
  assert_true(text_equal(fields[AUDIT_ACTOR_KIND], TEXT("nobody")));
  assert_true(text_equal(fields[AUDIT_OUTCOME], TEXT("denied")));
  assert_true(text_equal(fields[AUDIT_DETAIL], TEXT("{}")));
}

static bool change_waiting(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(t, "UPDATE audit_waiting SET at = 1", STORE_BIND_NONE, NULL, e);
}

static bool delete_waiting(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(t, "DELETE FROM audit_waiting", STORE_BIND_NONE, NULL, e);
}

static void audit_waiting_entries_stay_until_sealed(void **state)
{
  (void)state;
  struct audit_entry entry = reading();
  assert_true(store_write(store, append, &entry, &error));
  assert_false(store_write(store, change_waiting, NULL, &error));
  assert_int_equal(error.kind, ERROR_CONFLICT);
  assert_false(store_write(store, delete_waiting, NULL, &error));
  assert_int_equal(error.kind, ERROR_CONFLICT);
  assert_int_equal(waiting().count, 1);
}

static void audit_body_read_refuses_what_is_not_whole(void **state)
{
  (void)state;
  struct text fields[AUDIT_FIELDS];
  int64_t at;
  struct audit_entry entry = reading();
  assert_true(store_write(store, append, &entry, &error));
  struct text body = waiting().bodies[0];
  assert_true(audit_body_read(body, fields, &at));
  for (size_t i = 0; i < body.length; i++)
    assert_false(audit_body_read(text_slice(body, 0, i), fields, &at));
  char *longer = arena_allocate(arena, body.length + 1);
  memcpy(longer, body.at, body.length);
  assert_false(audit_body_read((struct text){longer, body.length + 1}, fields, &at));
  longer[4] = 'x'; /* the time is no number */
  assert_false(audit_body_read((struct text){longer, body.length}, fields, &at));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(audit_append_writes_the_bytes_of_the_contract, begin, end),
      cmocka_unit_test_setup_teardown(audit_append_keeps_the_order_of_a_process, begin, end),
      cmocka_unit_test_setup_teardown(audit_append_goes_with_its_act, begin, end),
      cmocka_unit_test_setup_teardown(audit_append_refuses_words_of_a_record, begin, end),
      cmocka_unit_test_setup_teardown(audit_append_takes_hostile_ids_as_far_as_they_are_text, begin,
                                      end),
      cmocka_unit_test_setup_teardown(audit_waiting_entries_stay_until_sealed, begin, end),
      cmocka_unit_test_setup_teardown(audit_body_read_refuses_what_is_not_whole, begin, end),
  };
  return store_support_run("audit_append", tests, sizeof tests / sizeof *tests);
}
