/*
 * Failing disks under writers that share a commit: the same three disks as in test_store_fault.c,
 * with every operation of a group failing once.
 */
#include "failing_disk.h"

/* --- A group's operations fail ------------------------------------------------------------- */

enum { MEMBERS = 6 };

static pthread_mutex_t hall = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool has_begun, may_end;

/* Keeps the turn until it is let go; nobody comes into its transaction, as it is not known. */
static bool hold(struct store_transaction *t, void *context, struct error *e)
{
  (void)t, (void)context, (void)e;
  pthread_mutex_lock(&hall);
  has_begun = true;
  pthread_cond_broadcast(&changed);
  while (!may_end) pthread_cond_wait(&changed, &hall);
  pthread_mutex_unlock(&hall);
  struct timespec long_enough = {0, 25 * 1000 * 1000}; /* to stay unknown */
  nanosleep(&long_enough, NULL);
  return true;
}

static bool move_and_refuse(struct store_transaction *t, void *context, struct error *e)
{
  return move(t, context, e) && error_set(e, ERROR_REFUSED, "error.store.value", "", "no");
}

struct member {
  pthread_t thread;
  struct store *store;
  store_function *function;
  bool good;
  struct error error;
};

static void *be_member(void *context)
{
  struct member *member = context;
  member->good = store_write(member->store, member->function, NULL, &member->error);
  return NULL;
}

/* Writers that stand in line behind another, and so share a commit; the second and the fifth think
 * better of it. Answers how many were acknowledged. */
static int64_t write_as_group(struct store *store, struct member *members)
{
  struct member holder = {.store = store, .function = hold};
  struct timespec a_moment = {0, 3 * 1000 * 1000};
  int64_t acknowledged = 0;
  has_begun = may_end = false;
  assert_int_equal(pthread_create(&holder.thread, NULL, be_member, &holder), 0);
  pthread_mutex_lock(&hall);
  while (!has_begun) pthread_cond_wait(&changed, &hall);
  pthread_mutex_unlock(&hall);
  for (size_t i = 0; i < MEMBERS; i++) {
    members[i] = (struct member){.store = store, .function = i % 3 == 1 ? move_and_refuse : move};
    assert_int_equal(pthread_create(&members[i].thread, NULL, be_member, &members[i]), 0);
  }
  nanosleep(&a_moment, NULL); /* until they stand in line; the turn is held still longer */
  pthread_mutex_lock(&hall);
  may_end = true;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&hall);
  pthread_join(holder.thread, NULL);
  for (size_t i = 0; i < MEMBERS; i++) {
    pthread_join(members[i].thread, NULL);
    acknowledged += members[i].good;
    if (members[i].function == move_and_refuse) assert_false(members[i].good);
  }
  return acknowledged;
}

/* One group while the disk fails; answers whether the fault was met. */
static bool group_with_fault(const struct fault *kind, unsigned countdown)
{
  struct member members[MEMBERS];
  struct store *store = NULL;
  make_database();
  assert_true(store_open(&store, path_of("a.db"), &error));
  assert_false(store_write(store, move_and_refuse, NULL, &error)); /* now it is known as short */
  assert_int_equal(moved_in(store), 1);
  arm(kind, countdown);
  int64_t now = 1 + write_as_group(store, members);
  bool met = fault.has_fired;
  fault.is_armed = false;
  int64_t most = now;
  for (size_t i = 0; i < MEMBERS; i++)
    if (!members[i].good && members[i].function == move) {
      error = members[i].error;
      check_refusal(kind);
      most++; /* a disk that failed during the commit itself may bring it back */
    }
  int64_t killed = moved_after_kill(), cut = moved_after_power_cut();
  assert_in_range(killed, now, most);
  assert_in_range(cut, now, most);
  assert_int_equal(moved_in(store), now); /* what is refused is not seen */
  if (!store_write(store, move, NULL, &error)) fail_msg("write again: %s", error.log);
  store_close(store);
  assert_int_equal(moved_at(path_of("a.db")), now + 1);
  return met;
}

static void store_group_survives_each_failing_operation(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    unsigned n = 0;
    while (group_with_fault(&kinds[k], n)) n++;
    assert_true(n >= 20); /* the pages of four members at least */
  }
}

static void store_group_shares_a_flush(void **state)
{
  (void)state;
  struct member members[MEMBERS];
  struct store *store = NULL;
  make_database();
  assert_true(store_open(&store, path_of("a.db"), &error));
  assert_false(store_write(store, move_and_refuse, NULL, &error));
  log_syncs = 0;
  assert_int_equal(write_as_group(store, members), 4);
  assert_in_range(log_syncs, 1, 2); /* of one commit, where a log that begins anew takes two */
  store_close(store);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(store_group_survives_each_failing_operation),
      TEST(store_group_shares_a_flush),
  };
  install_layer();
  return cmocka_run_group_tests_name("store_fault_group", tests, NULL, NULL);
}
