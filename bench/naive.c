/*
 * The naive scan. See naive.h. One array a column, one loop over the rows a query; no index but
 * the sorted list of words.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "naive_private.h"

struct naive *naive_new(const struct needs *needs)
{
  struct naive *naive = memory_allocate_zero(1, sizeof *naive);
  naive->needs = needs;
  naive->arena = arena_new(SIZE_MAX / 4);
  size_t count = synonyms_count(needs);
  naive->singles = arena_allocate_array(naive->arena, count, sizeof *naive->singles);
  naive->single_needs = arena_allocate_array(naive->arena, count, sizeof *naive->single_needs);
  for (size_t i = 0; i < count; i++) {
    const struct synonym *synonym = synonyms_get(needs, i);
    if (text_find(synonym->phrase, TEXT(" ")) < synonym->phrase.length) continue;
    naive->singles[naive->single_count] = synonym->phrase;
    naive->single_needs[naive->single_count++] = synonym->need;
  }
  return naive;
}

void naive_free(struct naive *naive)
{
  if (!naive) return;
  free(naive->rows);
  free(naive->latitudes);
  free(naive->longitudes);
  free(naive->located);
  for (size_t i = 0; i < NEED_WORDS; i++) free(naive->met[i]);
  for (size_t i = 0; i < CODE_WORDS; i++) free(naive->codes[i]);
  free(naive->states);
  free(naive->id_ranks);
  free(naive->best_ranks);
  free(naive->name_ranks);
  free(naive->first_word);
  free(naive->row_words);
  free(naive->words);
  free(naive->all_words);
  free(naive->units_of);
  arena_free(naive->arena);
  free(naive);
}

static uint16_t state_number(struct text letters)
{
  uint16_t number = 0;
  if (letters.length == 2) memcpy(&number, letters.at, sizeof number);
  return number;
}

static void grow(struct naive *naive)
{
  size_t room = naive->capacity = naive->capacity ? naive->capacity * 2 : 1024;
  naive->rows = memory_resize(naive->rows, room * sizeof *naive->rows);
  naive->latitudes = memory_resize(naive->latitudes, room * sizeof(double));
  naive->longitudes = memory_resize(naive->longitudes, room * sizeof(double));
  naive->located = memory_resize(naive->located, room * sizeof(bool));
  for (size_t i = 0; i < NEED_WORDS; i++)
    naive->met[i] = memory_resize(naive->met[i], room * sizeof(uint64_t));
  for (size_t i = 0; i < CODE_WORDS; i++)
    naive->codes[i] = memory_resize(naive->codes[i], room * sizeof(uint64_t));
  naive->states = memory_resize(naive->states, room * sizeof(uint16_t));
  naive->first_word = memory_resize(naive->first_word, (room + 1) * sizeof(size_t));
}

static struct text cut_key(struct text name)
{
  if (name.length > KEY) name.length = KEY;
  return name;
}

static void add_row_words(struct naive *naive, struct text folded)
{
  struct text rest = folded, word;
  while (text_split_next(&rest, ' ', &word)) {
    if (word.length == 0) continue;
    if (naive->word_total == naive->word_capacity) {
      naive->word_capacity = naive->word_capacity ? naive->word_capacity * 2 : 4096;
      naive->all_words =
          memory_resize(naive->all_words, naive->word_capacity * sizeof(struct text));
    }
    naive->all_words[naive->word_total++] = word;
  }
}

void naive_add(struct naive *naive, const struct facility *facility)
{
  if (naive->count == naive->capacity) grow(naive);
  size_t row = naive->count++;
  const struct text *fields = facility->fields;
  struct naive_row *it = &naive->rows[row];
  it->id = text_copy(naive->arena, facility->id);
  struct code_set codes = codes_read(naive->needs, fields[FIELD_CODES]);
  for (size_t i = 0; i < CODE_WORDS; i++) naive->codes[i][row] = codes.bits[i];
  for (size_t i = 0; i < NEED_WORDS; i++) naive->met[i][row] = 0;
  for (size_t i = 0; i < needs_count(naive->needs); i++)
    if (needs_met(naive->needs, i, &codes, facility->directories))
      naive->met[i / 64][row] |= (uint64_t)1 << (i % 64);
  it->signs = 0;
  for (size_t i = 0; i < signs_count(naive->needs); i++)
    it->signs += signs_met(naive->needs, i, &codes, facility->directories);
  naive->latitudes[row] = facility->latitude;
  naive->longitudes[row] = facility->longitude;
  naive->located[row] = facility->quality != COORDINATE_NONE;
  naive->states[row] = state_number(fields[FIELD_STATE]);
  naive->first_word[row] = naive->word_total;
  struct text name1 = text_fold(naive->arena, fields[FIELD_NAME1]);
  struct text name2 = text_fold(naive->arena, fields[FIELD_NAME2]);
  it->name1 = cut_key(name1);
  it->name2 = cut_key(name2);
  add_row_words(naive, name1);
  add_row_words(naive, name2);
  add_row_words(naive, text_fold(naive->arena, fields[FIELD_CITY]));
  add_row_words(naive, text_fold(naive->arena, fields[FIELD_STREET1]));
  naive->first_word[row + 1] = naive->word_total;
}

/* --- Finishing ------------------------------------------------------------------------------ */

static int by_text(const void *a, const void *b)
{
  return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static int by_id(const void *a, const void *b, void *rows)
{
  const struct naive_row *all = rows;
  return text_compare(all[*(const uint32_t *)a].id, all[*(const uint32_t *)b].id);
}

static int by_best(const void *a, const void *b, void *rows)
{
  const struct naive_row *all = rows;
  const struct naive_row *left = &all[*(const uint32_t *)a], *right = &all[*(const uint32_t *)b];
  if (left->signs != right->signs) return right->signs - left->signs;
  int names = text_compare(left->name1, right->name1);
  return names ? names : text_compare(left->id, right->id);
}

static int by_name(const void *a, const void *b, void *rows)
{
  const struct naive_row *all = rows;
  const struct naive_row *left = &all[*(const uint32_t *)a], *right = &all[*(const uint32_t *)b];
  int names = text_compare(left->name1, right->name1);
  if (names == 0) names = text_compare(left->name2, right->name2);
  return names ? names : text_compare(left->id, right->id);
}

static uint32_t *rank(const struct naive *naive, int (*compare)(const void *, const void *, void *))
{
  uint32_t *order = memory_allocate_zero(naive->count, sizeof *order);
  uint32_t *ranks = memory_allocate_zero(naive->count, sizeof *ranks);
  for (size_t i = 0; i < naive->count; i++) order[i] = (uint32_t)i;
  qsort_r(order, naive->count, sizeof *order, compare, naive->rows);
  for (size_t i = 0; i < naive->count; i++) ranks[order[i]] = (uint32_t)i;
  free(order);
  return ranks;
}

void naive_finish(struct naive *naive)
{
  naive->words = memory_allocate_zero(naive->word_total, sizeof *naive->words);
  if (naive->word_total)
    memcpy(naive->words, naive->all_words, naive->word_total * sizeof *naive->words);
  qsort(naive->words, naive->word_total, sizeof *naive->words, by_text);
  for (size_t i = 0; i < naive->word_total; i++)
    if (i == 0 || !text_equal(naive->words[i], naive->words[naive->word_count - 1]))
      naive->words[naive->word_count++] = naive->words[i];
  naive->units_of = memory_allocate_zero(naive->word_count, sizeof *naive->units_of);
  naive->row_words = memory_allocate_zero(naive->word_total, sizeof *naive->row_words);
  for (size_t i = 0; i < naive->word_total; i++)
    naive->row_words[i] = (uint32_t)naive_lower_bound(naive, naive->all_words[i]);
  free(naive->all_words);
  naive->all_words = NULL;
  naive->id_ranks = rank(naive, by_id);
  naive->best_ranks = rank(naive, by_best);
  naive->name_ranks = rank(naive, by_name);
}

/* --- One pass over the rows ----------------------------------------------------------------- */

struct best {
  double key;
  uint32_t rank, row;
};

struct group {
  uint64_t needs[NEED_WORDS];
  size_t number;
};

struct pass {
  struct naive *naive;
  const struct search_query *query;
  const struct units *units;
  uint64_t must[NEED_WORDS], codes[CODE_WORDS];
  struct group groups[LIMIT_QUERY_NEEDS];
  size_t group_count;
  int group_of[NEEDS_MAXIMUM]; /* ticked group of each need, or -1 */
  uint16_t state;
  double radian_latitude, cosine, latitude_reach;
  const uint32_t *ranks; /* of the order, when it is not by distance */
  struct best top[LIMIT_RESULTS_PAGE];
  size_t top_count, top_limit;
  int64_t total, apart[NEEDS_MAXIMUM]; /* apart: rows that only the need's group keeps out */
  int64_t met[NEEDS_MAXIMUM];
};

static double miles(const struct pass *pass, size_t row)
{
  const double radian = M_PI / 180;
  double latitude = pass->naive->latitudes[row] * radian;
  double up = sin((latitude - pass->radian_latitude) / 2);
  double along = sin((pass->naive->longitudes[row] - pass->query->longitude) * radian / 2);
  double h = up * up + cos(latitude) * pass->cosine * along * along;
  double root = sqrt(h);
  return 2 * 3958.7613 * asin(root > 1 ? 1 : root);
}

static void prepare(struct pass *pass, struct naive *naive, const struct search_query *query,
                    const struct units *units)
{
  memset(pass, 0, sizeof *pass);
  pass->naive = naive;
  pass->query = query;
  pass->units = units;
  for (size_t i = 0; i < NEEDS_MAXIMUM; i++) pass->group_of[i] = -1;
  for (size_t i = 0; i < query->need_count; i++) {
    size_t need = query->needs[i], number = needs_get(naive->needs, need)->group, g = 0;
    if (!needs_group_get(naive->needs, number)->any) {
      pass->must[need / 64] |= (uint64_t)1 << (need % 64);
      continue;
    }
    while (g < pass->group_count && pass->groups[g].number != number) g++;
    if (g == pass->group_count) pass->groups[pass->group_count++].number = number;
    pass->groups[g].needs[need / 64] |= (uint64_t)1 << (need % 64);
  }
  for (size_t need = 0; need < needs_count(naive->needs); need++)
    for (size_t g = 0; g < pass->group_count; g++)
      if (needs_get(naive->needs, need)->group == pass->groups[g].number)
        pass->group_of[need] = (int)g;
  for (size_t i = 0; i < query->code_count; i++)
    pass->codes[query->codes[i] / 64] |= (uint64_t)1 << (query->codes[i] % 64);
  pass->state = state_number(text_from(query->state));
  pass->radian_latitude = query->latitude * (M_PI / 180);
  pass->cosine = cos(pass->radian_latitude);
  pass->latitude_reach = query->within / 3958.7613 * (180 / M_PI) * 1.0001;
  if (!query->has_point || query->sort == SEARCH_NAME)
    pass->ranks = query->sort == SEARCH_NAME ? naive->name_ranks : naive->best_ranks;
}

static bool has_units(const struct pass *pass, size_t row)
{
  const struct naive *naive = pass->naive;
  if (!pass->units || pass->units->count == 0) return true;
  unsigned all = (1u << pass->units->count) - 1, has = 0;
  for (size_t i = naive->first_word[row]; i < naive->first_word[row + 1]; i++)
    has |= naive->units_of[naive->row_words[i]];
  for (size_t u = 0; has != all && u < pass->units->count; u++)
    for (size_t w = 0; w < NEED_WORDS; w++)
      if (naive->met[w][row] & pass->units->meanings[u].needs[w]) has |= 1u << u;
  return has == all;
}

static void keep(struct pass *pass, size_t row, double distance)
{
  struct best it = {.key = pass->ranks ? 0 : distance,
                    .rank = pass->ranks ? pass->ranks[row] : pass->naive->id_ranks[row],
                    .row = (uint32_t)row};
  size_t at = pass->top_count;
  while (at > 0) {
    const struct best *other = &pass->top[at - 1];
    if (other->key < it.key || (other->key == it.key && other->rank < it.rank)) break;
    at--;
  }
  if (at == pass->top_limit) return;
  size_t moved = pass->top_count - at;
  if (pass->top_count < pass->top_limit) pass->top_count++;
  else moved--;
  memmove(&pass->top[at + 1], &pass->top[at], moved * sizeof it);
  pass->top[at] = it;
}

/* Add a row's needs to the counts. */
static void count_needs(const struct naive *naive, size_t row, int64_t *counts)
{
  for (size_t w = 0; w < NEED_WORDS; w++)
    for (uint64_t rest = naive->met[w][row]; rest; rest &= rest - 1)
      counts[w * 64 + (size_t)__builtin_ctzll(rest)]++;
}

/* A row that has what must be had by itself, stands in the state and in reach of the latitude. */
static void look_at(struct pass *pass, size_t row)
{
  const struct naive *naive = pass->naive;
  const struct search_query *query = pass->query;
  size_t failed = 0, failing = 0;
  for (size_t g = 0; g < pass->group_count; g++) {
    uint64_t any = 0;
    for (size_t w = 0; w < NEED_WORDS; w++) any |= naive->met[w][row] & pass->groups[g].needs[w];
    if (any) continue;
    failed++;
    failing = g;
  }
  if (failed > 1 || (failed == 1 && !query->facets)) return;
  for (size_t w = 0; query->code_count && w < CODE_WORDS; w++)
    if ((naive->codes[w][row] & pass->codes[w]) != pass->codes[w]) return;
  double distance = INFINITY;
  if (query->has_point && query->within > 0) {
    if (!naive->located[row]) return;
    distance = miles(pass, row);
    if (distance > query->within) return;
  }
  if (!has_units(pass, row)) return;
  if (failed) {
    for (size_t w = 0; w < NEED_WORDS; w++)
      for (uint64_t rest = naive->met[w][row]; rest; rest &= rest - 1) {
        size_t need = w * 64 + (size_t)__builtin_ctzll(rest);
        if (pass->group_of[need] == (int)failing) pass->apart[need]++;
      }
    return;
  }
  pass->total++;
  if (query->facets) count_needs(naive, row, pass->met);
  if (pass->top_limit == 0) return;
  if (query->has_point && query->within <= 0 && naive->located[row]) distance = miles(pass, row);
  keep(pass, row, distance);
}

/* First the cheap columns, without a branch, a batch of rows at a time; then what is left. */
static int64_t scan(struct naive *naive, const struct search_query *query,
                    const struct units *units, struct pass *pass)
{
  enum { BATCH = 1024 };
  uint32_t left[BATCH];
  prepare(pass, naive, query, units);
  pass->top_limit = query->limit < LIMIT_RESULTS_PAGE ? query->limit : LIMIT_RESULTS_PAGE;
  const bool any_state = !query->state[0], has_radius = query->has_point && query->within > 0;
  const double low = has_radius ? query->latitude - pass->latitude_reach : -INFINITY;
  const double high = has_radius ? query->latitude + pass->latitude_reach : INFINITY;
  const uint64_t *met0 = naive->met[0], *met1 = naive->met[1];
  for (size_t first = 0; first < naive->count; first += BATCH) {
    size_t end = first + BATCH < naive->count ? first + BATCH : naive->count, count = 0;
    for (size_t row = first; row < end; row++) {
      uint64_t lacks = (pass->must[0] & ~met0[row]) | (pass->must[1] & ~met1[row]);
      left[count] = (uint32_t)row;
      count += (lacks == 0) & (any_state | (naive->states[row] == pass->state)) &
               (naive->latitudes[row] >= low) & (naive->latitudes[row] <= high);
    }
    for (size_t i = 0; i < count; i++) look_at(pass, left[i]);
  }
  return pass->total;
}

/* --- Loosening ------------------------------------------------------------------------------ */

/* The steps of docs/search.md, as a search through queries that give up ever more. */
struct attempt {
  struct search_query query;
  bool silent; /* without words */
  size_t given_up;
  size_t needs[LIMIT_QUERY_NEEDS], codes[LIMIT_QUERY_CODES];
};

static bool matches(struct naive *naive, const struct attempt *attempt, const struct units *units)
{
  struct pass pass;
  struct search_query query = attempt->query;
  query.limit = 0;
  query.facets = false;
  return scan(naive, &query, attempt->silent ? NULL : units, &pass) > 0;
}

static bool widen(struct naive *naive, struct attempt *attempt, const struct units *units)
{
  struct attempt wider = *attempt;
  bool radius = attempt->query.has_point && attempt->query.within > 0;
  if (radius) {
    wider.query.within *= 2;
    wider.given_up = attempt->given_up + 1;
    if (matches(naive, &wider, units)) goto found;
    wider.query.within = 0;
    if (!wider.query.state[0]) memcpy(wider.query.state, wider.query.point_state, 3);
    if (wider.query.state[0] && matches(naive, &wider, units)) goto found;
  }
  wider.given_up = attempt->given_up + radius + (attempt->query.state[0] != 0);
  if (wider.given_up == attempt->given_up) return false;
  wider.query.state[0] = 0;
  wider.query.within = 0;
  if (!matches(naive, &wider, units)) return false;
found:
  *attempt = wider;
  return true;
}

static void lose(struct attempt *attempt, size_t which)
{
  size_t needs = attempt->query.need_count;
  size_t *list = which < needs ? attempt->needs : attempt->codes;
  size_t *count = which < needs ? &attempt->query.need_count : &attempt->query.code_count;
  size_t at = which < needs ? which : which - needs;
  memmove(list + at, list + at + 1, (*count - at - 1) * sizeof *list);
  (*count)--;
  attempt->given_up++;
}

/* Point the lists into the attempt itself, wherever it was copied. */
static void own(struct attempt *attempt)
{
  attempt->query.needs = attempt->needs;
  attempt->query.codes = attempt->codes;
}

static bool lose_best(struct naive *naive, struct attempt *attempt, const struct units *units)
{
  double best = 0;
  size_t chosen = SIZE_MAX;
  for (size_t i = 0; i < attempt->query.need_count + attempt->query.code_count; i++) {
    struct attempt less = *attempt;
    own(&less);
    lose(&less, i);
    less.query.within = 0;
    less.query.state[0] = 0;
    less.query.sort = SEARCH_BEST;
    less.query.limit = 1;
    less.query.facets = false;
    struct pass pass;
    if (scan(naive, &less.query, less.silent ? NULL : units, &pass) == 0) continue;
    double value = less.query.has_point ? -pass.top[0].key : (double)pass.total;
    if (chosen != SIZE_MAX && value <= best) continue;
    best = value;
    chosen = i;
  }
  if (chosen == SIZE_MAX) return false;
  lose(attempt, chosen);
  return matches(naive, attempt, units) || widen(naive, attempt, units);
}

static void loosen(struct naive *naive, struct attempt *attempt, const struct units *units)
{
  const struct attempt asked = *attempt;
  if (widen(naive, attempt, units)) goto out;
  if (units->count > 0) {
    attempt->silent = true;
    attempt->given_up = 1;
    if (matches(naive, attempt, units) || widen(naive, attempt, units)) goto out;
    *attempt = asked;
    own(attempt);
    if (lose_best(naive, attempt, units)) goto out;
    attempt->silent = true;
    attempt->given_up = 1;
  }
  while (!lose_best(naive, attempt, units)) lose(attempt, 0);
out:
  own(attempt);
}

void naive_search(struct naive *naive, const struct search_query *query, struct naive_answer *out)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct units units;
  struct pass pass;
  struct attempt attempt = {.query = *query};
  naive_read_words(naive, arena, query->words, &units);
  for (size_t i = 0; i < query->need_count; i++) attempt.needs[i] = query->needs[i];
  for (size_t i = 0; i < query->code_count; i++) attempt.codes[i] = query->codes[i];
  own(&attempt);
  if (scan(naive, query, &units, &pass) == 0 && naive->count > 0) {
    loosen(naive, &attempt, &units);
    scan(naive, &attempt.query, attempt.silent ? NULL : &units, &pass);
  }
  out->total = pass.total;
  out->loosened_count = attempt.given_up;
  for (size_t need = 0; need < needs_count(naive->needs); need++)
    out->facets[need] = pass.group_of[need] < 0 ? pass.met[need] : pass.total + pass.apart[need];
  for (size_t i = 0; i < attempt.query.need_count; i++)
    out->facets[attempt.query.needs[i]] = pass.total;
  out->count = pass.top_count;
  for (size_t i = 0; i < pass.top_count; i++) {
    size_t row = pass.top[i].row;
    out->ids[i] = naive->rows[row].id;
    out->distances[i] = query->has_point && naive->located[row] ? miles(&pass, row) : NAN;
  }
  if (units.count > 0) memset(naive->units_of, 0, naive->word_count * sizeof *naive->units_of);
  arena_free(arena);
}
