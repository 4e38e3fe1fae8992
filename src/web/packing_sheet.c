/*
 * packing_sheet: see packing_sheet.h.
 */
#include "web/packing_sheet.h"

struct value *packing_words(const struct web_request *in, const char *prefix,
                            const char *const *names, size_t count)
{
  struct value *words = value_object(in->arena);
  for (size_t i = 0; i < count; i++) {
    struct text key = text_format(in->arena, "%s%s", prefix, names[i]);
    view_set_text(in, words, names[i], view_text(in, text_c(in->arena, key)));
  }
  return words;
}

bool packing_said_load(struct store_transaction *transaction, struct arena *arena,
                       struct text program_id, struct packing_said *out, struct error *error)
{
  return packing_line_list(transaction, arena, program_id, &out->lines, &out->line_count, error) &&
         packing_choice_list(transaction, arena, program_id, &out->choices, &out->choice_count,
                             error);
}

struct text packing_own(const struct web_request *in, const struct text words[2])
{
  bool is_spanish = text_equal(in->application->languages[in->language], TEXT("es"));
  return words[is_spanish];
}

static struct text word_of(const struct web_request *in, struct text code, const char *after)
{
  struct text key = text_format(in->arena, "packing-list.%.*s%s", TEXT_PRINT(code), after);
  struct text words = catalog_find(in->application->catalog, in->language, key);
  return words.at ? words : TEXT("");
}

static void add(const struct web_request *in, struct value *items, struct text words,
                struct text why)
{
  struct value *item = value_object(in->arena);
  view_set_text(in, item, "text", words);
  view_set_text(in, item, "why", why);
  value_add(items, item);
}

/* {"title", "items"}: what of one kind is brought, or all that stays at home (kind ""). */
static struct value *group_of(const struct web_request *in, struct text program_kind,
                              const struct packing_said *said, struct text kind)
{
  const struct intake_rules *rules = intakes_rules(in->application->intakes);
  const struct packing_line *lines = said->lines;
  struct value *group = value_object(in->arena), *items = value_list(in->arena);
  bool is_brought = kind.length > 0;
  const struct packing_item **ours =
      arena_allocate_array(in->arena, packing_items_count(rules) + 1, sizeof *ours);
  size_t our_count =
      packing_order(rules, program_kind, kind, said->choices, said->choice_count, false, ours);
  for (size_t i = 0; i < our_count; i++)
    add(in, items, word_of(in, ours[i]->code, ""), word_of(in, ours[i]->code, ".why"));
  for (size_t i = 0; i < said->line_count; i++)
    if (lines[i].is_brought == is_brought && (!is_brought || text_equal(lines[i].kind, kind)))
      add(in, items, packing_own(in, lines[i].words), TEXT(""));
  struct text key =
      text_format(in->arena, "packing.kind.%.*s", TEXT_PRINT(is_brought ? kind : TEXT("leave")));
  view_set_text(in, group, "title", view_text(in, text_c(in->arena, key)));
  value_set(group, "items", items);
  return group;
}

void packing_sheet_fill(const struct web_request *in, struct text program_kind,
                        const struct packing_said *said, struct value *page)
{
  static const char *const kinds[] = {"medicine", "paper", "thing"};
  static const char *const names[] = {"title", "lead", "bring", "nothing", "unsure"};
  struct value *packing = value_object(in->arena), *groups = value_list(in->arena);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    struct value *group = group_of(in, program_kind, said, text_from(kinds[i]));
    if (value_count(value_get(group, TEXT("items")))) value_add(groups, group);
  }
  value_set(packing, "word", packing_words(in, "packing.", names, sizeof names / sizeof *names));
  view_set_text(in, packing, "language", in->application->languages[in->language]);
  value_set(packing, "groups", groups);
  value_set(packing, "leave", group_of(in, program_kind, said, TEXT("")));
  value_set(page, "packing", packing);
}
