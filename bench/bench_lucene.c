/*
 * Lucene against the engine, in turn: total, every facet and the first 20 rows. Lucene runs in a
 * process of its own (bench/lucene), which measures itself: bringing questions and answers over is
 * not in its time. It is asked the whole workload several times before, so that its compiler has
 * done its work. Of a word it is told whether it is mistyped, and which needs its synonyms mean;
 * the terms it finds itself.
 *
 *   bench_lucene [--rows 20000] [--queries 1000]
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"

/* Rounds over the queries before those that count, and runs of a query in each round. */
enum { WARM_ROUNDS = 6, ROUNDS = 2, RUNS = 5 };
enum { LINE_MOST = 1024 * 1024 };

static struct world world;
static struct timing timing;
static FILE *to_peer, *from_peer;

/* --- The other process ----------------------------------------------------------------------- */

static _Noreturn void stop(const char *what)
{
  fprintf(stderr, "bench: lucene: %s\n", what);
  exit(1);
}

static pid_t start_peer(const char *folder)
{
  int in[2], out[2];
  pid_t child;
  posix_spawn_file_actions_t actions;
  const struct text words[] = {TEXT("java"),
                               TEXT("-XX:+UseSerialGC"),
                               TEXT("-Xms1g"),
                               TEXT("-Xmx1g"),
                               TEXT("-cp"),
                               TEXT(LUCENE_CLASS_PATH),
                               TEXT("Peer"),
                               text_from(folder),
                               text_format(world.query_arena, "%zu", needs_count(world.needs))};
  char *arguments[sizeof words / sizeof *words + 1] = {NULL};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    arguments[i] = text_c(world.query_arena, words[i]);
  if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) stop("no pipe");
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  if (posix_spawnp(&child, "java", &actions, NULL, arguments, environ)) stop("no java");
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  to_peer = fdopen(in[1], "w");
  from_peer = fdopen(out[0], "r");
  if (!to_peer || !from_peer) stop("no stream");
  return child;
}

static void tell(struct text line)
{
  if (fwrite(line.at, 1, line.length, to_peer) != line.length) stop("it does not listen");
}

/* One line of what it says, without its end; valid until the next. */
static struct text hear(void)
{
  static char line[LINE_MOST];
  if (fflush(to_peer) || !fgets(line, sizeof line, from_peer)) stop("it does not answer");
  struct text heard = text_from(line);
  if (heard.length && heard.at[heard.length - 1] == '\n') heard.length--;
  return heard;
}

/* --- Rows ------------------------------------------------------------------------------------ */

static void tell_row(struct text_buffer *line, uint32_t row)
{
  struct snapshot_row it;
  snapshot_row_get(world.snapshot, row, &it);
  const uint64_t *needs = world.snapshot->need_rows[row].words;
  text_buffer_clear(line);
  text_buffer_add_format(line, "%u\t%.*s\t%lld\t%lld\t", row, TEXT_PRINT(it.state),
                         (long long)needs[0], (long long)needs[1]);
  if (it.quality == COORDINATE_NONE) text_buffer_add(line, TEXT("\t\t"));
  else text_buffer_add_format(line, "%.17g\t%.17g\t", it.latitude, it.longitude);
  text_buffer_add_format(line, "%u\t%u\t", world.snapshot->best_ranks[row],
                         world.snapshot->id_ranks[row]);
  struct text parts[] = {it.name1, it.name2, it.city, it.street1};
  for (size_t i = 0; i < 4; i++) {
    struct text rest = text_fold(world.arena, parts[i]), word;
    while (text_word_next(&rest, &word)) text_buffer_add_format(line, "%.*s ", TEXT_PRINT(word));
  }
  text_buffer_add_character(line, '\n');
  tell(text_buffer_get(line));
  arena_clear(world.arena);
}

/* --- Questions ------------------------------------------------------------------------------- */

/* Question.Kind of bench/lucene. */
enum kind { KIND_NEEDS, KIND_EXACT, KIND_PREFIX, KIND_ONE_EDIT, KIND_TWO_EDITS };

static enum kind kind_of(const struct search_unit *unit)
{
  enum { TWO_EDIT_LETTERS = 8 }; /* docs/search.md, "Words" */
  if (unit->is_phrase || unit->range_count == 0) return KIND_NEEDS;
  struct text first = snapshot_term_text(world.snapshot, unit->ranges[0].first);
  if (text_starts_with(first, unit->words))
    return unit->words.length == 1 ? KIND_EXACT : KIND_PREFIX;
  return unit->words.length < TWO_EDIT_LETTERS ? KIND_ONE_EDIT : KIND_TWO_EDITS;
}

static void add_set(struct text_buffer *line, const uint64_t bits[2])
{
  text_buffer_add_format(line, "\t%lld\t%lld", (long long)bits[0], (long long)bits[1]);
}

static void add_groups(struct text_buffer *line, const struct peer_query *peer)
{
  text_buffer_add_format(line, "\t%zu", peer->group_count);
  for (size_t g = 0; g < peer->group_count; g++) {
    uint64_t members[2] = {0};
    for (size_t need = 0; need < needs_count(world.needs); need++)
      if (world.snapshot->need_group[need] == peer->group_numbers[g])
        members[need / 64] |= (uint64_t)1 << (need % 64);
    add_set(line, peer->groups[g].bits);
    add_set(line, members);
  }
}

static void write_question(struct text_buffer *line, struct arena *arena,
                           const struct search_query *query)
{
  struct peer_query peer;
  peer_query_read(&world, arena, query, &peer);
  text_buffer_clear(line);
  text_buffer_add_format(line, "%d\t%s\t", RUNS, query->state);
  if (query->has_point)
    text_buffer_add_format(line, "%.17g\t%.17g\t%.17g", query->latitude, query->longitude,
                           query->within);
  else text_buffer_add(line, TEXT("\t\t0"));
  add_set(line, peer.singles.bits);
  add_groups(line, &peer);
  text_buffer_add_format(line, "\t%zu", peer.words.count);
  for (size_t i = 0; i < peer.words.count; i++) {
    const struct search_unit *unit = &peer.words.units[i];
    text_buffer_add_format(line, "\t%d\t%.*s", (int)kind_of(unit), TEXT_PRINT(unit->words));
    add_set(line, unit->needs.bits);
  }
  text_buffer_add_character(line, '\n');
}

/* --- Answers --------------------------------------------------------------------------------- */

static int64_t next_number(struct text *line)
{
  struct text field;
  int64_t number;
  if (!text_split_next(line, '\t', &field) || !text_read_integer(field, &number))
    stop("its answer is none");
  return number;
}

/* Is what was heard the engine's answer: total, first rows in order, every facet? */
static bool is_equal(struct text heard, const struct search_answer *answer)
{
  bool equal = next_number(&heard) == answer->total;
  size_t count = (size_t)next_number(&heard);
  equal &= count == answer->hit_count;
  for (size_t i = 0; i < count; i++) {
    int64_t row = next_number(&heard);
    equal = equal && row == answer->hits[i].row;
  }
  for (size_t i = 0; i < needs_count(world.needs); i++)
    equal &= next_number(&heard) == answer->facets[i];
  return equal;
}

/* One round over the queries that match without loosening; answers how many these are. */
static size_t run_round(size_t queries, struct text_buffer *line, size_t *equal)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  size_t asked = 0;
  *equal = 0;
  for (size_t i = 0; i < queries; i++) {
    struct search_answer answer;
    for (int run = 0; run < RUNS; run++)
      timing_least(&timing.engine[i], world_search(&world, &world.queries[i], &answer));
    if (answer.loosened_count > 0) continue;
    arena_clear(arena);
    write_question(line, arena, &world.queries[i]);
    tell(text_buffer_get(line));
    struct text heard = hear();
    timing_least(&timing.peer[i], (double)next_number(&heard) / 1e9);
    *equal += is_equal(heard, &answer);
    asked++;
  }
  arena_free(arena);
  return asked;
}

int main(int count, char **arguments)
{
  size_t rows = world_option(count, arguments, "--rows", 20000), asked = 0, equal = 0;
  size_t queries = world_option(count, arguments, "--queries", 1000);
  struct text_buffer line;
  char folder[300], command[320], version[32];
  int status;
  if (queries > WORLD_QUERIES) queries = WORLD_QUERIES;
  text_buffer_init(&line, LINE_MOST);
  world_make(&world, rows, "/tmp", NULL, NULL);
  snprintf(folder, sizeof folder, "%s/lucene", world.folder);
  pid_t child = start_peer(folder);
  for (uint32_t row = 0; row < snapshot_row_count(world.snapshot); row++) tell_row(&line, row);
  tell(TEXT("\n"));
  struct text heard = hear();
  snprintf(version, sizeof version, "%.*s", TEXT_PRINT(heard));
  for (int round = 0; round < WARM_ROUNDS; round++) run_round(queries, &line, &equal);
  timing_start(&timing);
  for (int round = 0; round < ROUNDS; round++) asked = run_round(queries, &line, &equal);
  printf("{\"peer\":\"Lucene %s\",\"rows\":%zu,\"asked\":%zu,\"equal\":%zu,\"times\":", version,
         rows, asked, equal);
  timing_print(&world, &timing);
  printf("}\n");
  fclose(to_peer);
  fclose(from_peer);
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  if (waitpid(child, &status, 0) != child || status != 0 || system(command) != 0) return 1;
  text_buffer_fini(&line);
  world_free(&world);
  return 0;
}
