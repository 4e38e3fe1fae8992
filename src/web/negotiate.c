/*
 * Negotiation: see negotiate.h. Qualities are thousandths.
 */
#include "web/negotiate.h"

enum { QUALITY_FULL = 1000, QUALITY_NONE = -1 };

/* "0.5" is 500; RFC 9110 section 12.4.2: at most three digits. What is malformed counts 0. */
static int read_quality(struct text t)
{
  if (t.length == 0 || t.length > 5 || (t.length > 1 && t.at[1] != '.')) return 0;
  if (t.at[0] != '0' && t.at[0] != '1') return 0;
  int quality = t.at[0] == '1' ? QUALITY_FULL : 0, place = 100;
  for (size_t i = 2; i < t.length; i++, place /= 10) {
    if (t.at[i] < '0' || t.at[i] > '9') return 0;
    quality += (t.at[i] - '0') * place;
  }
  return quality > QUALITY_FULL ? 0 : quality;
}

/* Take the next "value;q=0.5" off the list: its value, trimmed, and its quality. */
static bool next_item(struct text *list, struct text *value, int *quality)
{
  struct text item, part;
  if (!text_split_next(list, ',', &item)) return false;
  *value = TEXT("");
  *quality = QUALITY_FULL;
  if (text_split_next(&item, ';', &part)) *value = text_trim(part);
  while (text_split_next(&item, ';', &part)) {
    part = text_trim(part);
    if (part.length >= 2 && (part.at[0] == 'q' || part.at[0] == 'Q') && part.at[1] == '=')
      *quality = read_quality(text_slice(part, 2, part.length));
  }
  return true;
}

/* The quality of a media type "type/subtype": the most specific range decides. */
static int media_quality(struct text accept, struct text type, struct text any_subtype)
{
  struct text value;
  int quality, best = 0, best_rank = 0;
  while (next_item(&accept, &value, &quality)) {
    int rank = text_equal_ignore_case(value, type)          ? 3
               : text_equal_ignore_case(value, any_subtype) ? 2
               : text_equal(value, TEXT("*/*"))             ? 1
                                                            : 0;
    if (rank > best_rank || (rank && rank == best_rank && quality > best)) {
      best = quality;
      best_rank = rank;
    }
  }
  return best;
}

enum web_form web_prefer_form(struct text accept, bool is_api)
{
  if (text_trim(accept).length == 0) return is_api ? WEB_JSON : WEB_HTML;
  int html = media_quality(accept, TEXT("text/html"), TEXT("text/*"));
  int json = media_quality(accept, TEXT("application/json"), TEXT("application/*"));
  if (is_api) return html > 0 && json == 0 ? WEB_HTML : WEB_JSON;
  return json > html ? WEB_JSON : WEB_HTML;
}

bool web_prefer_gzip(struct text accept_encoding)
{
  struct text value;
  int quality, gzip = QUALITY_NONE, any = QUALITY_NONE, identity = QUALITY_NONE;
  while (next_item(&accept_encoding, &value, &quality)) {
    if (text_equal_ignore_case(value, TEXT("gzip")) ||
        text_equal_ignore_case(value, TEXT("x-gzip")))
      gzip = quality;
    else if (text_equal(value, TEXT("*"))) any = quality;
    else if (text_equal_ignore_case(value, TEXT("identity"))) identity = quality;
  }
  if (gzip == QUALITY_NONE) gzip = any;
  return gzip > 0 && gzip >= identity;
}

size_t web_prefer_language(struct text accept_language, const struct text *codes, size_t count)
{
  struct text value;
  int quality, best = 0;
  size_t chosen = 0;
  while (next_item(&accept_language, &value, &quality)) {
    struct text primary = text_slice(value, 0, text_find(value, TEXT("-")));
    for (size_t i = 0; i < count; i++) {
      if (!text_equal_ignore_case(primary, codes[i]) || quality <= best) continue;
      best = quality;
      chosen = i;
    }
  }
  return chosen;
}

bool web_etag_matches(struct text if_none_match, struct text etag)
{
  struct text item;
  while (text_split_next(&if_none_match, ',', &item)) {
    item = text_trim(item);
    if (text_equal(item, TEXT("*"))) return true;
    if (text_starts_with(item, TEXT("W/"))) item = text_slice(item, 2, item.length);
    if (text_equal(item, etag)) return true;
  }
  return false;
}
