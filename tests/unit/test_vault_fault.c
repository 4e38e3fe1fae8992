/*
 * Failing calls under the vault: the Nth write, flush, cut, link, rename, lock or look, for every
 * N, and libsodium's memory and start, while a vault is opened, makes keys, seals, erases and
 * rotates. After each failure the vault is opened again without failures: what was acknowledged
 * holds, what failed is done or undone, and the list and the key store name the same people. The
 * calls are injected by functions of the same name before those of the C library and libsodium, so
 * that SQLite's are reached too. Not for threads.
 */
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "vault_support.h"

/* --- Failing calls ------------------------------------------------------------------------- */

static struct {
  bool is_armed, has_fired, stays;
  unsigned countdown; /* calls that still succeed */
  const char *which;
} fault;

static bool fails_now(const char *which)
{
  if (!fault.is_armed) return false;
  if (fault.has_fired) return fault.stays;
  if (fault.countdown-- > 0) return false;
  fault.has_fired = true;
  fault.which = which;
  return true;
}

static void *next(const char *name)
{
  return dlsym(RTLD_NEXT, name);
}

#define FAILING(name, parameters, arguments, result, code)                                         \
  result name parameters;                                                                          \
  result name parameters                                                                           \
  {                                                                                                \
    result(*real) parameters = NULL;                                                               \
    *(void **)&real = next(#name);                                                                 \
    if (fails_now(#name)) {                                                                        \
      errno = code;                                                                                \
      return (result)-1;                                                                           \
    }                                                                                              \
    return real arguments;                                                                         \
  }

FAILING(write, (int file, const void *at, size_t size), (file, at, size), ssize_t, ENOSPC)
FAILING(pwrite, (int file, const void *at, size_t size, off_t to), (file, at, size, to), ssize_t,
        ENOSPC)
FAILING(pwrite64, (int file, const void *at, size_t size, off_t to), (file, at, size, to), ssize_t,
        ENOSPC)
FAILING(fsync, (int file), (file), int, EIO)
FAILING(fdatasync, (int file), (file), int, EIO)
FAILING(ftruncate, (int file, off_t size), (file, size), int, EIO)
FAILING(ftruncate64, (int file, off_t size), (file, size), int, EIO)
FAILING(link, (const char *from, const char *to), (from, to), int, EPERM)
FAILING(rename, (const char *from, const char *to), (from, to), int, EIO)
FAILING(flock, (int file, int how), (file, how), int, ENOLCK)

void *sodium_malloc(size_t size);
void *sodium_malloc(size_t size)
{
  void *(*real)(size_t) = NULL;
  *(void **)&real = next("sodium_malloc");
  return fails_now("sodium_malloc") ? NULL : real(size);
}

int sodium_init(void);
int sodium_init(void)
{
  int (*real)(void) = NULL;
  *(void **)&real = next("sodium_init");
  return fails_now("sodium_init") ? -1 : real();
}

/* An erasure waits; here the clock goes on instead. */
static int64_t skipped_microseconds;

int usleep(useconds_t microseconds)
{
  skipped_microseconds += microseconds;
  return 0;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
  int (*real)(clockid_t, struct timespec *) = NULL;
  *(void **)&real = next("clock_gettime");
  int status = real(clock, out);
  if (clock == CLOCK_MONOTONIC) {
    int64_t nanoseconds = out->tv_nsec + skipped_microseconds % 1000000 * 1000;
    out->tv_sec += skipped_microseconds / 1000000 + nanoseconds / 1000000000;
    out->tv_nsec = nanoseconds % 1000000000;
  }
  return status;
}

/* --- What is done meanwhile ---------------------------------------------------------------- */

/* What was acknowledged. */
static struct {
  bool made, erased, rotated;
  struct text sealed; /* by who stays */
  struct text gone;   /* by who is erased */
} done;

static const struct vault_subject goes = {{PROGRAM, 36}, {"person-who-goes", 15}};

/* Open, make, seal, erase, rotate; stop at the first failure. */
static bool work(struct error *e)
{
  struct vault *at = NULL;
  if (!vault_open(&at, &options, e)) return false;
  bool good = vault_subject_make(at, person, e);
  done.made = done.made || good;
  struct text sealed;
  good = good && vault_seal(at, arena, person, "person.name", TEXT("Quillfeather"), &sealed, e);
  if (good) done.sealed = sealed;
  good = good && vault_subject_make(at, goes, e) &&
         vault_seal(at, arena, goes, "person.name", TEXT("Marrowby"), &sealed, e);
  if (good) done.gone = sealed;
  good = good && vault_erase(at, goes, noon, e);
  done.erased = done.erased || good;
  good = good && vault_rotate(at, NULL, NULL, e);
  done.rotated = done.rotated || good;
  vault_close(at);
  return good;
}

static size_t lines_of_list(void)
{
  size_t lines = 0;
  for (const char *at = content_of(options.erased_path); *at; at++) lines += *at == '\n';
  return lines;
}

/* Open again: nothing acknowledged is lost, nothing is half done. */
static void check(unsigned number)
{
  struct vault_status status;
  struct text plain;
  bool erased = false;
  error_clear(&error);
  if (!vault_open(&vault, &options, &error))
    fail_msg("call %u (%s): does not open again: %s", number, fault.which, error.log);
  assert_true(vault_status_read(vault, &status, &error));
  if (status.to_scrub) fail_msg("call %u (%s): bytes are left", number, fault.which);
  if (done.sealed.length) opens(person, "person.name", done.sealed, TEXT("Quillfeather"));
  assert_true(vault_is_erased(vault, goes, &erased, &error));
  if (done.erased && !erased) fail_msg("call %u (%s): not erased", number, fault.which);
  assert_int_equal(lines_of_list(), erased);
  if (done.gone.length) {
    bool opens_still = vault_unseal(vault, arena, goes, "person.name", done.gone, &plain, &error);
    assert_int_equal(opens_still, !erased);
  }
  if (done.rotated) assert_int_equal(status.by_older, 0);
  close_vault();
}

static void clear_folder(void)
{
  assert_int_equal(system(text_format(arena, "rm -rf '%s' && mkdir '%s'", folder, folder).at), 0);
  memset(&done, 0, sizeof done);
}

static unsigned fail_each(bool stays)
{
  unsigned number = 0, fired = 0;
  char name[32];
  for (bool goes_on = true; goes_on; number++) {
    clear_folder();
    snprintf(name, sizeof name, "keys-%u-%d.db", number, stays);
    options.keys_address = store_support_address(arena, folder, name);
    memset(&fault, 0, sizeof fault);
    fault.is_armed = true;
    fault.stays = stays;
    fault.countdown = number;
    struct error e = {0};
    bool good = work(&e);
    goes_on = fault.has_fired;
    fault.is_armed = false;
    fired += goes_on;
    if (!goes_on) assert_true(good);
    else if (!good) assert_int_not_equal(e.kind, ERROR_NONE);
    check(number);
  }
  return fired;
}

static void vault_survives_each_failure(void **state)
{
  (void)state;
  close_vault();
  unsigned fired = fail_each(false);
  print_message("%u calls failed in turn\n", fired);
  assert_in_range(fired, on_postgresql ? 8 : 60, 10000);
}

static void vault_survives_a_disk_that_stays_broken(void **state)
{
  (void)state;
  close_vault();
  assert_in_range(fail_each(true), on_postgresql ? 8 : 60, 10000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(vault_survives_each_failure, begin, end),
      cmocka_unit_test_setup_teardown(vault_survives_a_disk_that_stays_broken, begin, end),
  };
  return store_support_run("vault_fault", tests, sizeof tests / sizeof *tests);
}
