/*
 * What the vault costs: sealing and opening a field against libsodium alone with a key at hand; the
 * same when the key must be read from the key store each time; indexing a person and reading what
 * is typed; making keys one by one. With --people keys in the key store. One JSON object.
 *
 *   bench_vault --data FOLDER [--keys ADDRESS] [--people 20000]
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/vault.h"
#include "world.h"

enum { FIELD = 120, SETS = 40, SET = 500, KEYS_EACH = 200 };

static struct vault *vault;
static struct arena *arena;
static struct error error;
static const struct text program_id = {"0198c0de-0000-7000-8000-000000000001", 36};

static void must(bool good)
{
  if (good) return;
  fprintf(stderr, "bench: %s\n", error.log);
  exit(1);
}

static struct vault_subject person(size_t number)
{
  return (struct vault_subject){program_id,
                                text_format(arena, "0198c0de-0000-7000-9000-%012zu", number)};
}

/* The least of several sets, in microseconds a run. */
struct least {
  double seconds;
};

static void note(struct least *least, double since, size_t runs)
{
  double each = (world_clock() - since) / (double)runs;
  if (least->seconds == 0 || each < least->seconds) least->seconds = each;
}

/* --- Fields -------------------------------------------------------------------------------- */

static struct least bare_seal, bare_open, seal, unseal, far_seal;

static void measure_bare(void)
{
  static unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
  unsigned char nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES], beside[120] = {0};
  unsigned char plain[FIELD] = {0}, box[FIELD + crypto_aead_xchacha20poly1305_ietf_ABYTES];
  double since = world_clock();
  for (size_t i = 0; i < SET; i++) {
    randombytes_buf(nonce, sizeof nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(box, NULL, plain, sizeof plain, beside,
                                               sizeof beside, NULL, nonce, key);
  }
  note(&bare_seal, since, SET);
  since = world_clock();
  for (size_t i = 0; i < SET; i++)
    must(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, box, sizeof box, beside,
                                                    sizeof beside, nonce, key) == 0);
  note(&bare_open, since, SET);
}

static void measure_fields(size_t people, size_t set)
{
  static const char words[FIELD] = "a line of free words about somebody, as a counselor writes it";
  static struct text sealed[SET];
  const struct text plain = {words, sizeof words};
  struct text out;
  struct vault_subject one = person(set % people);
  must(vault_seal(vault, arena, one, "bench.words", plain, &out, &error)); /* the key is at hand */
  double since = world_clock();
  for (size_t i = 0; i < SET; i++)
    must(vault_seal(vault, arena, one, "bench.words", plain, &sealed[i], &error));
  note(&seal, since, SET);
  since = world_clock();
  for (size_t i = 0; i < SET; i++)
    must(vault_unseal(vault, arena, one, "bench.words", sealed[i], &out, &error));
  note(&unseal, since, SET);
}

/* Every time another person, after what is cached grew old: the key store is read each time. */
static void measure_far(size_t people, size_t set)
{
  const struct text plain = TEXT("a line of free words about somebody");
  struct text out;
  usleep(300 * 1000);
  double since = world_clock();
  for (size_t i = 0; i < SET / 5; i++)
    must(vault_seal(vault, arena, person((set * 7919 + i * 101) % people), "bench.words", plain,
                    &out, &error));
  note(&far_seal, since, SET / 5);
}

/* --- Names --------------------------------------------------------------------------------- */

static struct least index_person, read_typed;

static void measure_names(void)
{
  const struct text names[] = {TEXT("Maria de los Angeles"), TEXT("Garcia Marquez"), TEXT("Mari")};
  const struct text phones[] = {TEXT("(303) 555-0142"), TEXT("303-555-0199")};
  const struct vault_identity identity = {names, 3, TEXT("1980-02-29"), phones, 2};
  struct vault_index *indexes;
  struct vault_index_word *found;
  size_t count;
  double since = world_clock();
  for (size_t i = 0; i < SET; i++)
    must(vault_index_identity(vault, arena, program_id, &identity, &indexes, &count, &error));
  note(&index_person, since, SET);
  since = world_clock();
  for (size_t i = 0; i < SET; i++)
    must(vault_index_query(vault, arena, program_id, TEXT("garcia mar 2/29/1980"), &found, &count,
                           &error));
  note(&read_typed, since, SET);
}

/* --- Filling ------------------------------------------------------------------------------- */

static double fill(size_t people)
{
  double since = world_clock();
  for (size_t i = 0; i < people; i++) {
    must(vault_subject_make(vault, person(i), &error));
    if (i % KEYS_EACH == 0) arena_clear(arena);
  }
  return world_clock() - since;
}

static const char *text_option(int count, char **arguments, const char *name, const char *otherwise)
{
  for (int i = 1; i + 1 < count; i++)
    if (strcmp(arguments[i], name) == 0) return arguments[i + 1];
  return otherwise;
}

int main(int count, char **arguments)
{
  size_t people = world_option(count, arguments, "--people", 20000);
  arena = arena_new((size_t)1 << 32);
  const char *data = text_option(count, arguments, "--data", ".");
  const struct vault_options options = {
      .keys_address = text_option(count, arguments, "--keys", file_join(arena, data, "keys.db")),
      .key_path = file_join(arena, data, "vault.key"),
      .erased_path = file_join(arena, data, "erased.list"),
      .migrations = "migrations/keys",
  };
  must(vault_open(&vault, &options, &error));
  arena_free(arena);
  arena = arena_new((size_t)1 << 32);
  double filling = fill(people);
  for (size_t set = 0; set < SETS; set++) {
    arena_clear(arena);
    measure_bare();
    measure_fields(people, set);
    measure_names();
  }
  for (size_t set = 0; set < 5; set++) measure_far(people, set);
  double since = world_clock();
  must(vault_erase(vault, person(0), time_now(), &error));
  double erasing = world_clock() - since;
  since = world_clock();
  must(vault_rotate(vault, NULL, NULL, &error));
  double rotating = world_clock() - since;
  printf("{\"people\":%zu,\"fill_seconds\":%.3f,\"keys_a_second\":%.0f,"
         "\"bare_seal_us\":%.3f,\"bare_open_us\":%.3f,\"seal_us\":%.3f,\"open_us\":%.3f,"
         "\"seal_ratio\":%.2f,\"open_ratio\":%.2f,\"seal_uncached_us\":%.3f,"
         "\"index_us\":%.3f,\"query_us\":%.3f,\"erase_ms\":%.1f,\"rotate_seconds\":%.3f}\n",
         people, filling, (double)people / filling, bare_seal.seconds * 1e6,
         bare_open.seconds * 1e6, seal.seconds * 1e6, unseal.seconds * 1e6,
         seal.seconds / bare_seal.seconds, unseal.seconds / bare_open.seconds,
         far_seal.seconds * 1e6, index_person.seconds * 1e6, read_typed.seconds * 1e6,
         erasing * 1e3, rotating);
  vault_close(vault);
  arena_free(arena);
  return 0;
}
