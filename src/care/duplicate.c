/*
 * Duplicate: weighing two identities, suggesting who may be one. See duplicate.h.
 */
#include <stdlib.h>
#include <string.h>

#include "care/care_private.h"

/* --- Weighing (pure) ------------------------------------------------------------------------- */

struct weighing {
  const struct care *care;
  struct arena *arena;
  struct duplicate_score *out;
};

static void count(struct weighing *weighing, const char *name)
{
  const struct care *care = weighing->care;
  struct duplicate_score *out = weighing->out;
  for (size_t i = 0; i < care->weight_count; i++) {
    if (!text_equal(care->weights[i].name, text_from(name)) || out->count == DUPLICATE_REASONS)
      continue;
    out->reasons[out->count++] =
        (struct duplicate_reason){care->weights[i].name, care->weights[i].weight};
    out->weight += care->weights[i].weight;
  }
}

static struct text sound(struct weighing *weighing, struct text folded)
{
  struct text rest = folded, word = TEXT("");
  (void)text_word_next(&rest, &word);
  return vault_name_sound(weighing->arena, word);
}

static bool sounds_alike(struct weighing *weighing, struct text a, struct text b)
{
  struct text x = sound(weighing, a), y = sound(weighing, b);
  return x.length && text_equal(x, y);
}

/* Do two dates differ in one digit, or are day and month exchanged? */
static bool is_close(struct text a, struct text b)
{
  size_t different = 0;
  for (size_t i = 0; i < a.length; i++) different += a.at[i] != b.at[i];
  bool is_exchanged = memcmp(a.at, b.at, 4) == 0 && memcmp(a.at + 5, b.at + 8, 2) == 0 &&
                      memcmp(a.at + 8, b.at + 5, 2) == 0;
  return different == 1 || is_exchanged;
}

static void weigh_birth(struct weighing *weighing, struct text a, struct text b)
{
  if (a.length != 10 || b.length != 10) return;
  count(weighing, text_equal(a, b) ? "birth-date-same"
                  : is_close(a, b) ? "birth-date-close"
                                   : "birth-date-different");
}

/* Is this folded name among the other's former and chosen ones? */
static bool was_called(struct weighing *weighing, const struct person_identity *identity,
                       struct text folded)
{
  if (text_equal(vault_name_fold(weighing->arena, identity->chosen), folded)) return true;
  for (size_t i = 0; i < identity->former_count; i++)
    if (text_equal(vault_name_fold(weighing->arena, identity->former[i]), folded)) return true;
  return false;
}

static void weigh_family(struct weighing *weighing, const struct person_identity *a,
                         const struct person_identity *b)
{
  struct text x = vault_name_fold(weighing->arena, a->family);
  struct text y = vault_name_fold(weighing->arena, b->family);
  if (x.length == 0 || y.length == 0) return;
  count(weighing, text_equal(x, y)                                           ? "family-same"
                  : was_called(weighing, a, y) || was_called(weighing, b, x) ? "family-former"
                  : sounds_alike(weighing, x, y)                             ? "family-sounds"
                                                                             : "family-different");
}

static void weigh_given(struct weighing *weighing, const struct person_identity *a,
                        const struct person_identity *b)
{
  const struct text ours[] = {vault_name_fold(weighing->arena, a->given),
                              vault_name_fold(weighing->arena, a->chosen)};
  const struct text theirs[] = {vault_name_fold(weighing->arena, b->given),
                                vault_name_fold(weighing->arena, b->chosen)};
  int best = 0, compared = 0; /* 3 the same, 2 sounds, 1 begins */
  for (size_t i = 0; i < 4; i++) {
    struct text x = ours[i / 2], y = theirs[i % 2];
    if (x.length == 0 || y.length == 0) continue;
    compared++;
    int now = text_equal(x, y)                                            ? 3
              : sounds_alike(weighing, x, y)                              ? 2
              : x.length >= 3 && text_starts_with(y, text_slice(x, 0, 3)) ? 1
                                                                          : 0;
    if (now > best) best = now;
  }
  static const char *const names[] = {"given-different", "given-starts", "given-sounds",
                                      "given-same"};
  if (compared) count(weighing, names[best]);
}

static void weigh_numbers(struct weighing *weighing, const struct person_identity *a,
                          const struct person_identity *b)
{
  bool is_phone = false, is_identifier = false;
  for (size_t i = 0; i < a->phone_count; i++)
    for (size_t j = 0; j < b->phone_count; j++)
      is_phone |= text_equal(a->phones[i].number, b->phones[j].number);
  if (a->phone_count && b->phone_count)
    count(weighing, is_phone ? "phone-same" : "phone-different");
  for (size_t i = 0; i < a->identifier_count; i++)
    for (size_t j = 0; j < b->identifier_count; j++)
      is_identifier |= text_equal(a->identifiers[i].kind, b->identifiers[j].kind) &&
                       text_equal_ignore_case(a->identifiers[i].value, b->identifiers[j].value);
  if (is_identifier) count(weighing, "identifier-same");
  if (a->zip.length && text_equal(a->zip, b->zip)) count(weighing, "zip-same");
}

void duplicate_weigh(const struct care *care, struct arena *arena, const struct person_identity *a,
                     const struct person_identity *b, struct duplicate_score *out)
{
  struct weighing weighing = {care, arena, out};
  size_t index;
  int64_t threshold = INT64_MAX;
  *out = (struct duplicate_score){.count = 0};
  weigh_birth(&weighing, a->birth_date, b->birth_date);
  weigh_family(&weighing, a, b);
  weigh_given(&weighing, a, b);
  if (a->sex.length && b->sex.length && !text_equal(a->sex, TEXT("unknown")) &&
      !text_equal(b->sex, TEXT("unknown")))
    count(&weighing, text_equal(a->sex, b->sex) ? "sex-same" : "sex-different");
  weigh_numbers(&weighing, a, b);
  if (care_code_find(care, CARE_PROGRAM_SETTINGS, TEXT("duplicate-likely"), &index))
    (void)text_read_integer(care_code_cell(care, CARE_PROGRAM_SETTINGS, index, "default"),
                            &threshold);
  out->is_likely = out->weight >= threshold;
}

/* --- Finding --------------------------------------------------------------------------------- */

struct candidate {
  struct text id;
  size_t shared;
};
struct candidates {
  struct candidate *items;
  size_t count;
};
enum { CANDIDATES = 4096, OPENED = 100 };
/* Looking for whoever may be the same: among whom the reach takes in. */
struct finding {
  struct store_transaction *transaction;
  const struct care *care;
  const struct access *access;
  struct arena *arena;
  struct care_reach reach;
  struct candidates candidates;
};

static bool may(const struct access *access, struct error *error)
{
  static const char *const acts[] = {"merge", "write", "search", "import"};
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
    if (care_may(access, "person", acts[i], TEXT(""), error)) {
      error_clear(error);
      return true;
    }
  return false;
}

static const char sharing[] =
    "SELECT i.person_id FROM person_index i WHERE i.program_id = $1 AND i.kind = $2"
    " AND i.hash = $3 AND " CARE_REACHES("i.program_id", "i.person_id", "$4", "$5", "$6", "$7",
                                         "$8") " ORDER BY i.person_id LIMIT $9";

static bool meet_key(struct finding *finding, const struct vault_index *key, struct error *error)
{
  const struct care_reach *reach = &finding->reach;
  struct candidates *candidates = &finding->candidates;
  struct text hash = {(const char *)key->bytes, sizeof key->bytes};
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read =
      store_query(finding->transaction, &cursor, sharing,
                  STORE_BIND(STORE_T(finding->access->program_id), STORE_N(key->kind),
                             STORE_B(hash), STORE_N(reach->is_all), STORE_T(reach->site_id),
                             STORE_T(reach->staff_id), STORE_T(reach->own_person_id),
                             STORE_N(finding->access->now), STORE_N(CANDIDATES / 8)),
                  error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    if (candidates->count < CANDIDATES)
      candidates->items[candidates->count++] =
          (struct candidate){care_column(finding->arena, cursor, 0), 1};
  store_cursor_close(cursor);
  return is_read;
}

static int by_id(const void *a, const void *b)
{
  return text_compare(((const struct candidate *)a)->id, ((const struct candidate *)b)->id);
}
static int by_shared(const void *a, const void *b)
{
  const struct candidate *x = a, *y = b;
  if (x->shared != y->shared) return x->shared > y->shared ? -1 : 1;
  return text_compare(x->id, y->id);
}

/* Everybody once, those with the most keys in common first. */
static void rank(struct candidates *candidates)
{
  size_t kept = 0;
  if (candidates->count == 0) return;
  qsort(candidates->items, candidates->count, sizeof *candidates->items, by_id);
  for (size_t i = 0; i < candidates->count; i++) {
    if (kept && text_equal(candidates->items[kept - 1].id, candidates->items[i].id))
      candidates->items[kept - 1].shared++;
    else candidates->items[kept++] = candidates->items[i];
  }
  candidates->count = kept;
  qsort(candidates->items, candidates->count, sizeof *candidates->items, by_shared);
}

static int by_weight(const void *a, const void *b)
{
  const struct duplicate_match *x = a, *y = b;
  if (x->score.weight != y->score.weight) return x->score.weight > y->score.weight ? -1 : 1;
  return text_compare(x->person.id, y->person.id);
}

/* Everybody who shares a key with the identity, most keys first. */
static bool meet_identity(struct finding *finding, const struct person_identity *identity,
                          struct error *error)
{
  struct vault_identity names = person_vault_identity(finding->arena, identity);
  struct vault_index *keys;
  size_t key_count;
  finding->candidates.items =
      arena_allocate_array(finding->arena, CANDIDATES, sizeof *finding->candidates.items);
  if (!vault_index_identity(finding->access->privacy->vault, finding->arena,
                            finding->access->program_id, &names, &keys, &key_count, error))
    return false;
  for (size_t i = 0; i < key_count; i++)
    if (keys[i].kind != VAULT_INDEX_START && keys[i].kind != VAULT_INDEX_PHONE_END &&
        !meet_key(finding, &keys[i], error))
      return false;
  rank(&finding->candidates);
  return true;
}

static bool find(struct finding *finding, const struct person_identity *identity,
                 struct text except_id, struct duplicate_match **out, size_t *count_out,
                 struct error *error)
{
  const struct access *access = finding->access;
  struct duplicate_match *matches = arena_allocate_array(finding->arena, OPENED, sizeof *matches);
  size_t found = 0;
  int64_t threshold;
  if (!program_setting_number(finding->transaction, finding->care, access->program_id,
                              "duplicate-likely", &threshold, error) ||
      !meet_identity(finding, identity, error))
    return false;
  for (size_t i = 0; i < finding->candidates.count && i < OPENED; i++) {
    struct duplicate_match match;
    struct text id = finding->candidates.items[i].id;
    if (text_equal(id, except_id)) continue;
    if (!person_load_row(finding->transaction, access, finding->arena, id, &match.person, error))
      return false;
    if (match.person.erase_at || match.person.merged_into.length) continue;
    duplicate_weigh(finding->care, finding->arena, identity, &match.person.identity, &match.score);
    match.score.is_likely = match.score.weight >= threshold;
    if (match.score.is_likely) matches[found++] = match;
  }
  if (found) qsort(matches, found, sizeof *matches, by_weight);
  *out = matches;
  *count_out = found;
  return true;
}

bool duplicate_find(struct store_transaction *transaction, const struct care *care,
                    const struct access *access, struct arena *arena,
                    const struct person_identity *identity, struct text except_id, size_t limit,
                    struct duplicate_match **out, size_t *count_out, struct error *error)
{
  struct finding finding = {
      .transaction = transaction, .care = care, .access = access, .arena = arena};
  if (!may(access, error)) return false;
  finding.reach = care_reach_of(access);
  if (!find(&finding, identity, except_id, out, count_out, error)) return false;
  if (*count_out > limit) *count_out = limit;
  return true;
}

/* --- Keeping suggestions --------------------------------------------------------------------- */

static struct text reasons_of(struct arena *arena, const struct duplicate_score *score)
{
  struct text all = TEXT("");
  for (size_t i = 0; i < score->count; i++)
    all = text_format(arena, "%.*s%s%.*s", TEXT_PRINT(all), i ? " " : "",
                      TEXT_PRINT(score->reasons[i].name));
  return all;
}

static bool keep(struct finding *finding, struct text person_id,
                 const struct duplicate_match *match, struct error *error)
{
  bool is_first = text_compare(person_id, match->person.id) < 0;
  struct text a = is_first ? person_id : match->person.id;
  struct text b = is_first ? match->person.id : person_id;
  return store_execute(
      finding->transaction,
      "INSERT INTO duplicate (program_id, person_a, person_b, score, reasons, state, found_at,"
      " account_id, decided_at, version) VALUES ($1, $2, $3, $4, $5, 'suggested', $6, '', 0,"
      " 1) ON CONFLICT (program_id, person_a, person_b) DO UPDATE SET score = $4,"
      " reasons = $5 WHERE duplicate.state = 'suggested'",
      STORE_BIND(STORE_T(finding->access->program_id), STORE_T(a), STORE_T(b),
                 STORE_N(match->score.weight), STORE_T(reasons_of(finding->arena, &match->score)),
                 STORE_N(finding->access->now)),
      NULL, error);
}

bool duplicate_suggest(struct store_transaction *transaction, const struct care *care,
                       const struct access *access, struct arena *arena, struct text person_id,
                       struct error *error)
{
  struct person person;
  struct duplicate_match *matches;
  size_t matched = 0;
  /* Kept for whoever reaches both; who suggests is told nothing of them. */
  struct finding finding = {
      .transaction = transaction,
      .care = care,
      .access = access,
      .arena = arena,
      .reach = {.is_all = 1, .site_id = TEXT(""), .staff_id = TEXT(""), .own_person_id = TEXT("")}};
  if (!may(access, error) ||
      !person_load_row(transaction, access, arena, person_id, &person, error) ||
      !find(&finding, &person.identity, person_id, &matches, &matched, error))
    return false;
  for (size_t i = 0; i < matched; i++)
    if (!keep(&finding, person_id, &matches[i], error)) return false;
  return true;
}

static const char pairs[] =
    "SELECT d.person_a, d.person_b, d.state, d.reasons, d.score, d.found_at, d.version"
    " FROM duplicate d JOIN person a ON a.program_id = d.program_id AND a.id = d.person_a"
    " JOIN person b ON b.program_id = d.program_id AND b.id = d.person_b"
    " WHERE d.program_id = $1 AND d.state = $2 AND (d.state <> 'suggested' OR ("
    "a.merged_into = '' AND a.erase_at = 0 AND b.merged_into = '' AND b.erase_at = 0))"
    " AND " CARE_REACHES("d.program_id", "d.person_a", "$3", "$4", "$5", "$6",
                         "$7") " AND " CARE_REACHES("d.program_id", "d.person_b", "$3", "$4", "$5",
                                                    "$6",
                                                    "$7") " ORDER BY d.score DESC, d.person_a,"
                                                          " d.person_b LIMIT $8";

bool duplicate_list(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct text state, size_t limit, struct duplicate **out,
                    size_t *count_out, struct error *error)
{
  if (!care_may(access, "person", "merge", TEXT(""), error)) return false;
  if (limit > LIMIT_PERSON_SHOWN) limit = LIMIT_PERSON_SHOWN;
  struct care_reach reach = care_reach_of(access);
  struct duplicate *list = arena_allocate_array(arena, limit + 1, sizeof *list);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read =
      store_query(transaction, &cursor, pairs,
                  STORE_BIND(STORE_T(access->program_id), STORE_T(state), STORE_N(reach.is_all),
                             STORE_T(reach.site_id), STORE_T(reach.staff_id),
                             STORE_T(reach.own_person_id), STORE_N(access->now), STORE_N(limit)),
                  error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    list[found++] = (struct duplicate){
        .person_a = care_column(arena, cursor, 0),
        .person_b = care_column(arena, cursor, 1),
        .state = care_column(arena, cursor, 2),
        .reasons = care_column(arena, cursor, 3),
        .score = store_column_integer(cursor, 4),
        .found_at = store_column_integer(cursor, 5),
        .version = store_column_integer(cursor, 6),
    };
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = list;
  *count_out = found;
  return true;
}

bool duplicate_set_different(struct store_transaction *transaction, const struct access *access,
                             struct text person_a, struct text person_b, int64_t version,
                             struct error *error)
{
  int64_t changed = 0;
  return care_may(access, "person", "merge", TEXT(""), error) &&
         care_reaches(transaction, access, person_a, error) &&
         care_reaches(transaction, access, person_b, error) &&
         store_execute(transaction,
                       "UPDATE duplicate SET state = 'different', account_id = $4, decided_at = $5,"
                       " version = version + 1 WHERE program_id = $1 AND person_a = $2"
                       " AND person_b = $3 AND version = $6",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(person_a), STORE_T(person_b),
                                  STORE_T(care_account(access)), STORE_N(access->now),
                                  STORE_N(version)),
                       &changed, error) &&
         care_saved(changed, error);
}
