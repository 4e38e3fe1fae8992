/*
 * Xapian behind a few C functions. See xapian.h. Facets are counted by one match spy over the bits
 * of each match; a ticked group's own facets need a second match without that group.
 */
#include "xapian.h"

#include <xapian.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace
{

enum { SLOT_POINT, SLOT_NEEDS, SLOT_ORDER, SLOT_ROW };

struct count_needs : Xapian::MatchSpy {
  int64_t *facets;
  uint64_t only[2];
  void operator()(const Xapian::Document &document, double) override
  {
    uint64_t bits[2];
    std::string value = document.get_value(SLOT_NEEDS);
    memcpy(bits, value.data(), sizeof bits);
    for (size_t word = 0; word < 2; word++)
      for (uint64_t rest = bits[word] & only[word]; rest; rest &= rest - 1)
        facets[word * 64 + static_cast<size_t>(__builtin_ctzll(rest))]++;
  }
};

std::string need_term(size_t need)
{
  return "XN" + std::to_string(need);
}

void add_needs(std::vector<Xapian::Query> &into, const uint64_t needs[2])
{
  for (size_t word = 0; word < 2; word++)
    for (uint64_t rest = needs[word]; rest; rest &= rest - 1)
      into.emplace_back(need_term(word * 64 + static_cast<size_t>(__builtin_ctzll(rest))));
}

Xapian::Query any_of(const std::vector<Xapian::Query> &parts)
{
  return Xapian::Query(Xapian::Query::OP_OR, parts.begin(), parts.end());
}

} // namespace

struct xapian {
  Xapian::WritableDatabase writable;
  Xapian::Database database;
};

extern "C" {

struct xapian *xapian_new(const char *folder)
{
  auto *it = new xapian;
  it->writable = Xapian::WritableDatabase(folder, Xapian::DB_CREATE_OR_OVERWRITE);
  return it;
}

void xapian_free(struct xapian *it)
{
  delete it;
}

void xapian_add(struct xapian *it, uint32_t row, const char *words, const char *state,
                const uint64_t needs[2], int located, double latitude, double longitude,
                uint32_t order)
{
  Xapian::Document document;
  std::string all(words);
  for (size_t at = 0; at < all.size();) {
    size_t end = all.find(' ', at);
    if (end == std::string::npos) end = all.size();
    if (end > at) document.add_term(all.substr(at, end - at).substr(0, 240));
    at = end + 1;
  }
  std::vector<Xapian::Query> met;
  for (size_t word = 0; word < 2; word++)
    for (uint64_t rest = needs[word]; rest; rest &= rest - 1)
      document.add_boolean_term(need_term(word * 64 + static_cast<size_t>(__builtin_ctzll(rest))));
  document.add_boolean_term(std::string("XS") + state);
  if (located) {
    Xapian::LatLongCoords coords;
    coords.append(Xapian::LatLongCoord(latitude, longitude));
    document.add_value(SLOT_POINT, coords.serialise());
  }
  document.add_value(SLOT_NEEDS, std::string(reinterpret_cast<const char *>(needs), 16));
  document.add_value(SLOT_ORDER, Xapian::sortable_serialise(order));
  document.add_value(SLOT_ROW, Xapian::sortable_serialise(row));
  it->writable.add_document(document);
}

void xapian_commit(struct xapian *it)
{
  it->writable.commit();
  it->database = it->writable;
}

static Xapian::Query build(const struct xapian_query *query, size_t but,
                           Xapian::LatLongDistancePostingSource *source)
{
  std::vector<Xapian::Query> all;
  add_needs(all, query->singles);
  for (size_t g = 0; g < query->group_count; g++) {
    std::vector<Xapian::Query> any;
    if (g == but) continue;
    add_needs(any, query->groups[g]);
    all.push_back(any_of(any));
  }
  if (query->state[0]) all.emplace_back(std::string("XS") + query->state);
  for (size_t u = 0; u < query->unit_count; u++) {
    std::vector<Xapian::Query> any;
    for (size_t t = 0; t < query->units[u].term_count; t++)
      any.emplace_back(query->units[u].terms[t]);
    add_needs(any, query->units[u].needs);
    all.push_back(any_of(any));
  }
  if (source) all.emplace_back(source);
  if (all.empty()) return Xapian::Query::MatchAll;
  return Xapian::Query(Xapian::Query::OP_FILTER, Xapian::Query::MatchAll,
                       Xapian::Query(Xapian::Query::OP_AND, all.begin(), all.end()));
}

size_t xapian_search(struct xapian *it, const struct xapian_query *query, int64_t *total,
                     int64_t *facets, uint32_t rows[20])
{
  const double metres = 1609.344;
  const Xapian::GreatCircleMetric metric(3958.7613 * metres);
  Xapian::LatLongCoords centre;
  centre.append(Xapian::LatLongCoord(query->latitude, query->longitude));
  Xapian::LatLongDistancePostingSource source(SLOT_POINT, centre, metric, query->within * metres);
  Xapian::LatLongDistancePostingSource *radius =
      query->has_point && query->within > 0 ? &source : nullptr;
  memset(facets, 0, query->need_count * sizeof *facets);

  Xapian::Enquire enquire(it->database);
  enquire.set_query(build(query, SIZE_MAX, radius));
  Xapian::LatLongDistanceKeyMaker near(SLOT_POINT, centre, metric);
  if (query->has_point) enquire.set_sort_by_key(&near, false);
  else enquire.set_sort_by_value(SLOT_ORDER, false);
  count_needs spy;
  spy.facets = facets;
  spy.only[0] = spy.only[1] = UINT64_MAX;
  enquire.add_matchspy(&spy);
  Xapian::MSet found = enquire.get_mset(0, 20, it->database.get_doccount());
  *total = static_cast<int64_t>(found.get_matches_estimated());
  size_t count = 0;
  for (auto at = found.begin(); at != found.end(); ++at)
    rows[count++] =
        static_cast<uint32_t>(Xapian::sortable_unserialise(at.get_document().get_value(SLOT_ROW)));

  for (size_t g = 0; g < query->group_count; g++) {
    Xapian::Enquire without(it->database);
    without.set_query(build(query, g, radius));
    without.set_weighting_scheme(Xapian::BoolWeight());
    std::vector<int64_t> counts(query->need_count);
    count_needs other;
    other.facets = counts.data();
    for (size_t word = 0; word < 2; word++) other.only[word] = query->group_members[g][word];
    without.add_matchspy(&other);
    without.get_mset(0, 0, it->database.get_doccount());
    for (size_t need = 0; need < query->need_count; need++)
      if (query->group_members[g][need / 64] >> (need % 64) & 1) facets[need] = counts[need];
  }
  return count;
}

const char *xapian_version(void)
{
  return Xapian::version_string();
}
}
