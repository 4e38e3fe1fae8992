/*
 * Tests of file.h on both engines: a file is kept in pieces with its hash, belongs to what it says,
 * is taken out by a reason that destroys or keeps its bytes, and goes with the person's key.
 * Expected values: what was written; file-kinds.csv, file-reasons.csv.
 */
#include "care_world.h"

#include "care/file.h"

static const int64_t day = INT64_C(86400) * 1000000;

struct work {
  struct person person;
  struct text id, reason, bytes, owner, owner_id;
  int64_t version;
  struct person_file file, *files;
  struct file_content content;
  size_t count;
};
DEED(make, person_create(t, world.care, access, world.arena, &w->person, error))
DEED(add, file_add(t, world.care, access, world.arena, &w->file, &w->content, error))
DEED(list, file_list(t, world.care, access, world.arena, w->person.id, w->owner, w->owner_id,
                     &w->files, &w->count, error))
DEED(load, file_load(t, world.care, access, world.arena, w->id, &w->file, error))
DEED(read_bytes, file_load(t, world.care, access, world.arena, w->id, &w->file, error) &&
                     file_bytes_load(t, access, world.arena, &w->file, &w->bytes, error))
DEED(take_out, file_remove(t, world.care, access, w->id, w->reason, w->version, error))
DEED(erase, person_erase(t, world.care, access, world.arena, w->person.id, 1, error))

static struct work w;

static int begin(void **state)
{
  int failed = world_begin(state);
  world_become("", "", "");
  w = (struct work){
      .person = {
          .identity = {.given = TEXT("Joan"), .family = TEXT("Smyth"), .sex = TEXT("female")},
          .language = TEXT("en")}};
  WORLD(person_begin(world.privacy, world.arena, world.program_id, world.now, &w.person.id,
                     &world.error));
  struct world_deed deed = {"person", "write", w.person.id, make, &w, true};
  WORLD(store_write(world.store, world_run, &deed, &world.error));
  return failed;
}

/* A PDF of `length` bytes or a few more. */
static struct text paper(size_t length)
{
  struct text_buffer buffer;
  text_buffer_init(&buffer, length + 100);
  text_buffer_add(&buffer, TEXT("%PDF-1.4\n"));
  for (size_t i = 0; buffer.length < length; i++) text_buffer_add_integer(&buffer, (int64_t)i);
  text_buffer_add(&buffer, TEXT("\n%%EOF\n"));
  struct text out = text_copy(world.arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return out;
}

static struct text added(struct text bytes, const char *title, const char *owner, const char *of)
{
  WORLD(file_content_make(world.arena, bytes, &w.content, &world.error));
  w.file = (struct person_file){.kind = TEXT("other-paper"),
                                .title = text_from(title),
                                .owner = text_from(owner),
                                .owner_id = text_from(of)};
  WORLD(world_do("person", "write", w.person.id, add, &w));
  return w.id = w.file.id;
}

/* How many rows a question counts. */
struct question {
  const char *sql;
  int64_t answer;
};
static bool ask(struct store_transaction *t, void *context, struct error *error)
{
  struct question *question = context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(t, &cursor, question->sql, STORE_BIND_NONE, error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) question->answer = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return is_read;
}
static int64_t counted(const char *sql)
{
  struct question question = {sql, -1};
  WORLD(store_read(world.store, ask, &question, &world.error));
  return question.answer;
}
static int64_t pieces(void)
{
  return counted("SELECT count(*) FROM person_file_piece");
}

static void a_file_is_kept_in_pieces_and_comes_back_whole(void **state)
{
  (void)state;
  struct text bytes = paper((size_t)5 << 19); /* two and a half pieces */
  added(bytes, "Discharge letter", "", "");
  assert_int_equal(pieces(), 3);
  WORLD(world_do("person", "read", w.person.id, read_bytes, &w));
  assert_true(text_equal(w.bytes, bytes));
  assert_true(text_equal(w.file.title, TEXT("Discharge letter")));
  assert_int_equal(w.file.form, FILE_PDF);
  assert_int_equal(w.file.size, (int64_t)bytes.length);
  assert_int_equal(w.file.sha256.length, 64);
}

static void it_belongs_to_what_it_says(void **state)
{
  (void)state;
  added(paper(40), "of the person", "", "");
  added(paper(50), "of an item", "intake", "one");
  WORLD(world_do("person", "read", w.person.id, list, &w));
  assert_int_equal(w.count, 2);
  w.owner = TEXT("intake");
  w.owner_id = TEXT("one");
  WORLD(world_do("person", "read", w.person.id, list, &w));
  assert_int_equal(w.count, 1);
  assert_true(text_equal(w.files[0].title, TEXT("of an item")));
  w.owner_id = TEXT("two");
  WORLD(world_do("person", "read", w.person.id, list, &w));
  assert_int_equal(w.count, 0);
}

static void a_reason_destroys_the_bytes_or_keeps_them(void **state)
{
  (void)state;
  static const struct {
    const char *reason;
    int64_t left;
  } cases[] = {{"wrong-person", 0}, {"replaced", 1}};
  for (size_t i = 0; i < 2; i++) {
    added(paper(60), "a paper", "", "");
    w.version = w.file.version;
    w.reason = TEXT("no-such-reason");
    assert_false(world_do("person", "write", w.person.id, take_out, &w));
    error_clear(&world.error);
    w.reason = text_from(cases[i].reason);
    w.version += 1;
    assert_false(world_do("person", "write", w.person.id, take_out, &w)); /* somebody was first */
    error_clear(&world.error);
    w.version -= 1;
    WORLD(world_do("person", "write", w.person.id, take_out, &w));
    assert_int_equal(pieces(), cases[i].left);
    WORLD(world_do("person", "read", w.person.id, load, &w));
    assert_true(w.file.removed_at > 0);
    assert_false(world_do("person", "read", w.person.id, read_bytes, &w));
    error_clear(&world.error);
    assert_false(world_do("person", "write", w.person.id, take_out, &w)); /* once */
    error_clear(&world.error);
  }
}

static void it_goes_with_the_person_s_key(void **state)
{
  (void)state;
  struct due_registry *registry = due_registry_new();
  size_t fired = 0;
  care_register_due(world.care, registry);
  added(paper(70), "a name in a title", "", "");
  assert_int_equal(pieces(), 1);
  world.now += 3700 * day; /* past ten years, until which a record is kept */
  WORLD(world_do("person", "erase", w.person.id, erase, &w));
  WORLD(due_sweep(world.store, registry, world.now, 10, &fired, &world.error));
  assert_int_equal(fired, 1);
  assert_int_equal(pieces(), 0);
  assert_int_equal(counted("SELECT count(*) FROM person_file WHERE length(about) > 0"), 0);
  assert_int_equal(counted("SELECT count(*) FROM person_file"), 1); /* that there was one */
  due_registry_free(registry);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, world_end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_file_is_kept_in_pieces_and_comes_back_whole),
      TEST(it_belongs_to_what_it_says),
      TEST(a_reason_destroys_the_bytes_or_keeps_them),
      TEST(it_goes_with_the_person_s_key),
  };
  return store_support_run("files", tests, sizeof tests / sizeof *tests);
}
