/*
 * Person search: from typed words to the people meant. See person.h.
 *
 *   words ─▶ blind keys ─▶ entries of person_index, within the scope ─▶ those that every word met
 *   ─▶ best first, opened and checked ─▶ the record that stands
 *
 * What is opened is capped (LIMIT_PERSON_OPENED); which ones are opened, and their order, depend on
 * the rows alone.
 */
#include <stdlib.h>
#include <string.h>

#include "care/care_private.h"

/* Somebody whom the words met so far. */
struct met {
  struct text id;
  int64_t rank;
};
struct met_list {
  struct met *items;
  size_t count, room;
};

struct search {
  struct store_transaction *transaction;
  const struct access *access;
  struct arena *arena;   /* of what is handed out */
  struct arena *scratch; /* of what is not */
  bool is_cut;           /* an index key met more than are looked at */
};

static int compare_ids(const void *a, const void *b)
{
  return text_compare(((const struct met *)a)->id, ((const struct met *)b)->id);
}

static int compare_ranks(const void *a, const void *b)
{
  const struct met *x = a, *y = b;
  if (x->rank != y->rank) return x->rank > y->rank ? -1 : 1;
  return text_compare(x->id, y->id);
}

static void met_add(struct search *search, struct met_list *list, struct text id, int64_t rank)
{
  if (list->count == list->room) {
    size_t room = list->room ? list->room * 2 : 256;
    struct met *items = arena_allocate_array(search->scratch, room, sizeof *items);
    if (list->count) memcpy(items, list->items, list->count * sizeof *items);
    list->items = items;
    list->room = room;
  }
  list->items[list->count++] = (struct met){text_copy(search->scratch, id), rank};
}

/* --- One key -------------------------------------------------------------------------------- */

static const char key_of_all[] =
    "SELECT person_id FROM person_index WHERE program_id = $1 AND kind = $2"
    " AND hash = $3 ORDER BY person_id LIMIT $4";
static const char key_within[] =
    "SELECT i.person_id FROM person_index i WHERE i.program_id = $1 AND i.kind = $2"
    " AND i.hash = $3 AND " CARE_REACHES("i.program_id", "i.person_id", "$5", "$6", "$7", "$8",
                                         "$9") " ORDER BY i.person_id LIMIT $4";

static bool query_key(struct search *search, struct store_cursor **cursor,
                      const struct vault_index *key, struct error *error)
{
  const struct access *access = search->access;
  const struct care_reach reach = care_reach_of(access);
  struct text hash = {(const char *)key->bytes, sizeof key->bytes};
  const struct store_value bindings[] = {
      STORE_T(access->program_id), STORE_N(key->kind),           STORE_B(hash),
      STORE_N(LIMIT_PERSON_MET),   STORE_N(reach.is_all),        STORE_T(reach.site_id),
      STORE_T(reach.staff_id),     STORE_T(reach.own_person_id), STORE_N(access->now)};
  return reach.is_all ? store_query(search->transaction, cursor, key_of_all, bindings, 4, error)
                      : store_query(search->transaction, cursor, key_within, bindings,
                                    sizeof bindings / sizeof *bindings, error);
}

static int64_t rank_of(enum vault_index_kind kind)
{
  return kind == VAULT_INDEX_SOUND
             ? VAULT_MATCH_SOUND
             : (kind == VAULT_INDEX_START || kind == VAULT_INDEX_PHONE_END ? VAULT_MATCH_START
                                                                           : VAULT_MATCH_WHOLE);
}

/* Take everybody whom a key meets; of a later word, only those whom the earlier ones met. */
static bool take_key(struct search *search, const struct vault_index *key,
                     const struct met_list *before, struct met_list *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  int64_t seen = 0;
  bool is_read = query_key(search, &cursor, key, error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more) {
    struct met here = {store_column_text(cursor, 0), 0};
    seen++;
    const struct met *known = before && before->count ? bsearch(&here, before->items, before->count,
                                                                sizeof here, compare_ids)
                                                      : NULL;
    if (!before || known)
      met_add(search, out, here.id, rank_of(key->kind) + (known ? known->rank : 0));
  }
  if (seen == LIMIT_PERSON_MET) search->is_cut = true;
  store_cursor_close(cursor);
  return is_read;
}

/* Sort by id; of one person keep the best rank. */
static void unite(struct met_list *list)
{
  size_t kept = 0;
  if (list->count) qsort(list->items, list->count, sizeof *list->items, compare_ids);
  for (size_t i = 0; i < list->count; i++) {
    if (kept && text_equal(list->items[kept - 1].id, list->items[i].id)) {
      if (list->items[i].rank > list->items[kept - 1].rank) list->items[kept - 1] = list->items[i];
    } else {
      list->items[kept++] = list->items[i];
    }
  }
  list->count = kept;
}

static bool meet(struct search *search, const struct vault_index_word *words, size_t count,
                 struct met_list *out, struct error *error)
{
  struct met_list met = {0};
  for (size_t i = 0; i < count; i++) {
    struct met_list next = {0};
    for (size_t key = 0; key < words[i].key_count; key++)
      if (!take_key(search, &words[i].keys[key], i ? &met : NULL, &next, error)) return false;
    unite(&next);
    met = next;
  }
  if (met.count) qsort(met.items, met.count, sizeof *met.items, compare_ranks);
  *out = met;
  return true;
}

/* --- Opening and checking -------------------------------------------------------------------- */

/* The sum of what each word means for this identity; 0 when one means nothing. */
static int64_t check(struct search *search, const struct vault_index_word *words, size_t count,
                     const struct person_identity *identity)
{
  struct vault_identity names = person_vault_identity(search->scratch, identity);
  int64_t rank = 0;
  for (size_t i = 0; i < count; i++) {
    enum vault_match match = vault_index_match(search->scratch, &words[i], &names);
    if (match == VAULT_MATCH_NONE) return 0;
    rank += match;
  }
  return rank;
}

static int compare_hits(const void *a, const void *b, void *context)
{
  const struct person_hit *x = a, *y = b;
  if (x->rank != y->rank) return x->rank > y->rank ? -1 : 1;
  struct text left = vault_name_fold(context, person_full_name(context, &x->person.identity));
  struct text right = vault_name_fold(context, person_full_name(context, &y->person.identity));
  int order = text_compare(left, right);
  return order ? order : text_compare(x->person.id, y->person.id);
}

/* A merged record leads to the one that stands; that one may be among the hits already. */
static bool stand(struct search *search, struct person_hit *hit, struct error *error)
{
  struct text standing;
  if (hit->person.merged_into.length == 0) return true;
  if (!person_standing(search->transaction, search->arena, search->access->program_id,
                       hit->person.id, &standing, error))
    return false;
  hit->found_in = hit->person.id;
  return person_load_row(search->transaction, search->access, search->arena, standing, &hit->person,
                         error);
}

static bool is_among(const struct person_hit *hits, size_t count, struct text id)
{
  for (size_t i = 0; i < count; i++)
    if (text_equal(hits[i].person.id, id)) return true;
  return false;
}

static bool open_hits(struct search *search, const struct vault_index_word *words, size_t count,
                      const struct met_list *met, struct person_hit *hits, size_t *found,
                      struct error *error)
{
  size_t opened = met->count < LIMIT_PERSON_OPENED ? met->count : LIMIT_PERSON_OPENED;
  for (size_t i = 0; i < opened; i++) {
    struct person_hit hit = {.found_in = TEXT("")};
    if (!person_load_row(search->transaction, search->access, search->arena, met->items[i].id,
                         &hit.person, error))
      return false;
    if (hit.person.erase_at) continue;
    hit.rank = check(search, words, count, &hit.person.identity);
    if (hit.rank == 0) continue;
    if (!stand(search, &hit, error)) return false;
    if (!is_among(hits, *found, hit.person.id)) hits[(*found)++] = hit;
  }
  return true;
}

static bool say_shown(const struct search *search, const struct person_hit *hits, size_t count,
                      struct error *error)
{
  struct text *ids = arena_allocate_array(search->scratch, count + 1, sizeof *ids);
  for (size_t i = 0; i < count; i++) ids[i] = hits[i].person.id;
  return count == 0 || access_shown(search->transaction, search->access, ids, count, error);
}

static bool run(struct search *search, struct text typed, size_t limit, struct person_hit **out,
                size_t *count, bool *more, struct error *error)
{
  struct vault_index_word *words;
  size_t word_count, found = 0;
  struct met_list met = {0};
  if (!vault_index_query(search->access->privacy->vault, search->scratch,
                         search->access->program_id, typed, &words, &word_count, error) ||
      !meet(search, words, word_count, &met, error))
    return false;
  struct person_hit *hits = arena_allocate_array(search->arena, LIMIT_PERSON_OPENED, sizeof *hits);
  if (!open_hits(search, words, word_count, &met, hits, &found, error)) return false;
  if (found) qsort_r(hits, found, sizeof *hits, compare_hits, search->scratch);
  size_t shown = found < limit ? found : limit;
  if (!say_shown(search, hits, shown, error)) return false;
  *more = found > shown || met.count > LIMIT_PERSON_OPENED || search->is_cut;
  *out = hits;
  *count = shown;
  return true;
}

bool person_search(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, struct text typed, size_t limit, struct person_hit **out,
                   size_t *count, bool *more, struct error *error)
{
  if (!care_may(access, "person", "search", TEXT(""), error)) return false;
  struct search search = {.transaction = transaction,
                          .access = access,
                          .arena = arena,
                          .scratch = arena_new(LIMIT_ARENA_REQUEST)};
  bool is_done = run(&search, typed, limit < LIMIT_PERSON_SHOWN ? limit : LIMIT_PERSON_SHOWN, out,
                     count, more, error);
  arena_free(search.scratch);
  return is_done;
}

/* --- The last ones --------------------------------------------------------------------------- */

/* A caseload is walked from its own rows, however large the program: each with the record that
 * stands for it. */
static const char recent_of_caseload[] =
    "WITH RECURSIVE up (id, leads) AS (SELECT p.id, p.merged_into FROM (SELECT c.person_id AS id"
    " FROM care_team c WHERE c.program_id = $1 AND c.staff_id = $2 AND c.staff_id <> ''"
    " AND c.from_at <= $3 AND (c.until_at = 0 OR c.until_at > $3) UNION SELECT o.id FROM person o"
    " WHERE o.program_id = $1 AND o.id = $4 AND o.merged_into = '') seed"
    " JOIN person p ON p.program_id = $1 AND p.id = seed.id"
    " UNION SELECT p.id, p.merged_into FROM person p JOIN up ON p.id = up.leads"
    " WHERE p.program_id = $1)"
    " SELECT p.id FROM up JOIN person p ON p.program_id = $1 AND p.id = up.id"
    " WHERE up.leads = '' AND p.erase_at = 0 ORDER BY p.changed_at DESC, p.id LIMIT $5";
static const char recent_within[] =
    "SELECT p.id FROM person p WHERE p.program_id = $1 AND p.merged_into = '' AND p.erase_at = 0"
    " AND " CARE_REACHES("p.program_id", "p.id", "$3", "$4", "$5", "$6",
                         "$7") " ORDER BY p.changed_at DESC, p.id LIMIT $2";

static bool query_recent(struct search *search, struct store_cursor **cursor, size_t limit,
                         struct error *error)
{
  const struct access *access = search->access;
  const struct care_reach reach = care_reach_of(access);
  if (access->scope <= SCOPE_CASELOAD)
    return store_query(search->transaction, cursor, recent_of_caseload,
                       STORE_BIND(STORE_T(access->program_id), STORE_T(reach.staff_id),
                                  STORE_N(access->now), STORE_T(reach.own_person_id),
                                  STORE_N(limit)),
                       error);
  return store_query(search->transaction, cursor, recent_within,
                     STORE_BIND(STORE_T(access->program_id), STORE_N(limit), STORE_N(reach.is_all),
                                STORE_T(reach.site_id), STORE_T(reach.staff_id),
                                STORE_T(reach.own_person_id), STORE_N(access->now)),
                     error);
}

bool person_recent(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, size_t limit, struct person_hit **out, size_t *count,
                   struct error *error)
{
  if (!care_may(access, "person", "search", TEXT(""), error)) return false;
  struct search search = {
      .transaction = transaction, .access = access, .arena = arena, .scratch = arena};
  if (limit > LIMIT_PERSON_SHOWN) limit = LIMIT_PERSON_SHOWN;
  struct text *ids = arena_allocate_array(arena, limit + 1, sizeof *ids);
  struct person_hit *hits = arena_allocate_array(arena, limit + 1, sizeof *hits);
  struct store_cursor *cursor = NULL;
  size_t found = 0;
  bool more = false;
  bool is_read = query_recent(&search, &cursor, limit, error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    ids[found++] = care_column(arena, cursor, 0);
  store_cursor_close(cursor);
  for (size_t i = 0; is_read && i < found; i++)
    is_read = person_load_row(transaction, access, arena, ids[i], &hits[i].person, error);
  if (!is_read || !say_shown(&search, hits, found, error)) return false;
  *out = hits;
  *count = found;
  return true;
}
