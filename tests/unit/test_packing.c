/*
 * Tests of packing.h on both engines: a program's own lines and words, in both languages or not at
 * all, taken back, never somebody else's. Expected values: what was written; the header's
 * refusals; the database's own refusal of medicine that is left at home.
 */
#include <sodium.h>

#include "intake_world.h"

struct handing {
  struct packing_line line, *lines;
  struct welcome_words words, *all;
  struct text id;
  size_t count;
};
#define HANDING(name, call)                                                                        \
  static bool name(struct store_transaction *t, const struct access *access, void *context,        \
                   struct error *error)                                                            \
  {                                                                                                \
    struct handing *h = context;                                                                   \
    (void)access;                                                                                  \
    return call;                                                                                   \
  }
HANDING(add_line, packing_line_add(t, access, world.arena, &h->line, error))
HANDING(end_line, packing_line_end(t, access, h->id, error))
HANDING(list_lines,
        packing_line_list(t, world.arena, access->program_id, &h->lines, &h->count, error))
HANDING(list_elsewhere,
        packing_line_list(t, world.arena, TEXT("elsewhere"), &h->lines, &h->count, error))
HANDING(save_words, welcome_words_save(t, intakes, access, &h->words, error))
HANDING(list_words,
        welcome_words_list(t, world.arena, access->program_id, &h->all, &h->count, error))

static bool by_program(const char *act, world_function *run, struct handing *h)
{
  become("administrator");
  return world_do("program", act, TEXT(""), run, h);
}

static struct handing line_of(bool is_brought, const char *kind, const char *english,
                              const char *spanish)
{
  return (struct handing){.line = {.is_brought = is_brought,
                                   .kind = text_from(kind),
                                   .words = {text_from(english), text_from(spanish)}}};
}

static void lines_are_added_and_taken_back(void **state)
{
  (void)state;
  struct handing towel = line_of(true, "thing", " A towel ", "Una toalla"),
                 skis = line_of(false, "thing", "Skis", "Esqu\xc3\xads"), all = {.count = 9};
  WORLD(by_program("write", add_line, &towel));
  world.now += 1000;
  WORLD(by_program("write", add_line, &skis));
  WORLD(by_program("read", list_lines, &all));
  assert_int_equal(all.count, 2);
  assert_true(text_equal(all.lines[0].words[0], TEXT("A towel")));
  assert_true(all.lines[0].is_brought && !all.lines[1].is_brought);
  assert_true(text_equal(all.lines[1].words[1], TEXT("Esqu\xc3\xads")));
  WORLD(by_program("read", list_elsewhere, &all));
  assert_int_equal(all.count, 0);
  all.id = towel.line.id;
  WORLD(by_program("write", end_line, &all));
  WORLD(by_program("write", end_line, &all)); /* again changes nothing */
  WORLD(by_program("read", list_lines, &all));
  assert_true(all.count == 1 && text_equal(all.lines[0].id, skis.line.id));
}

static void what_nobody_should_read_is_refused(void **state)
{
  (void)state;
  struct handing pills = line_of(false, "medicine", "Pills", "Pastillas"),
                 lacking = line_of(true, "thing", "A towel", " "),
                 unknown = line_of(true, "weapon", "A", "B"),
                 control = line_of(true, "thing", "A\x01", "B");
  char long_words[2 * LIMIT_PACKING_WORDS];
  memset(long_words, 'x', sizeof long_words);
  long_words[LIMIT_PACKING_WORDS + 1] = 0;
  struct handing long_line = line_of(true, "thing", long_words, "B");
  REFUSED(by_program("write", add_line, &pills), "error.packing.medicine");
  REFUSED(by_program("write", add_line, &lacking), "error.packing.words");
  REFUSED(by_program("write", add_line, &unknown), "error.care.code");
  REFUSED(by_program("write", add_line, &control), "error.care.text");
  REFUSED(by_program("write", add_line, &long_line), "error.care.long");
  struct handing right = line_of(true, "thing", "A", "B");
  error_clear(&world.error); /* an access to read writes nothing */
  assert_false(by_program("read", add_line, &right));
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
  for (size_t i = 0; i < LIMIT_PACKING_OWN; i++) WORLD(by_program("write", add_line, &right));
  REFUSED(by_program("write", add_line, &right), "error.packing.many");
}

static bool forge(struct store_transaction *t, void *context, struct error *error)
{
  (void)context;
  return store_execute(t,
                       "INSERT INTO packing_line (program_id, id, side, kind, english, spanish,"
                       " account_id, made_at, ended_at) VALUES ($1, 'x', 'leave', 'medicine', 'a',"
                       " 'b', '', 1, 0)",
                       STORE_BIND(STORE_T(world.program_id)), NULL, error);
}

static void a_role_without_the_program_writes_nothing(void **state)
{
  (void)state;
  struct handing right = line_of(true, "thing", "A", "B");
  become("technician");
  assert_false(world_do("program", "write", TEXT(""), add_line, &right));
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
}

static void the_database_keeps_medicine_off_that_side(void **state)
{
  (void)state;
  assert_false(store_write(world.store, forge, NULL, &world.error));
  error_clear(&world.error);
}

static void words_of_welcome_are_both_or_ours(void **state)
{
  (void)state;
  struct handing h = {.words = {.part = TEXT("phone"),
                                .words = {TEXT("Keep it."), TEXT("Qu\xc3\xa9"
                                                                 "dese con \xc3\xa9l.")}}};
  WORLD(by_program("write", save_words, &h));
  REFUSED(by_program("write", save_words, &h), "error.intake.stale"); /* it stands by now */
  WORLD(by_program("read", list_words, &h));
  assert_true(h.count == 1 && h.all[0].version == 1);
  assert_true(text_equal(h.all[0].words[0], TEXT("Keep it.")));
  h.words.version = 1;
  h.words.words[0] = TEXT("");
  REFUSED(by_program("write", save_words, &h), "error.packing.words");
  h.words.words[1] = TEXT("");
  WORLD(by_program("write", save_words, &h)); /* ours again */
  REFUSED(by_program("write", save_words, &h), "error.intake.stale");
  h.words = (struct welcome_words){.part = TEXT("nothing"), .words = {TEXT("a"), TEXT("b")}};
  REFUSED(by_program("write", save_words, &h), "error.care.code");
  error_clear(&world.error);
  assert_false(by_program("read", save_words, &h));
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
}

int main(void)
{
  if (sodium_init() < 0) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(lines_are_added_and_taken_back, begin, end),
      cmocka_unit_test_setup_teardown(what_nobody_should_read_is_refused, begin, end),
      cmocka_unit_test_setup_teardown(a_role_without_the_program_writes_nothing, begin, end),
      cmocka_unit_test_setup_teardown(the_database_keeps_medicine_off_that_side, begin, end),
      cmocka_unit_test_setup_teardown(words_of_welcome_are_both_or_ours, begin, end),
  };
  return store_support_run("packing", tests, sizeof tests / sizeof *tests);
}
