/*
 * leave: the one way out of the desk: what disclose() made, as a page to print or a file, with its
 * notice (42 CFR 2.32), the notice's version and the scope of the consent. See about.h.
 */
#include "web/desk/about.h"

/* --- A page ---------------------------------------------------------------------------------- */

struct showing {
  struct web_request *request;
  struct value *rows;
};

/* The last name of a path: "name.former[]" is "former". */
static struct text label_of(const struct showing *showing, struct text path)
{
  size_t from = path.length;
  while (from > 0 && path.at[from - 1] != '.') from--;
  struct text name = text_slice(path, from, path.length);
  size_t end = text_find(name, TEXT("["));
  name = text_slice(name, 0, end);
  struct text key = text_format(showing->request->arena, "record.field.%.*s", TEXT_PRINT(name));
  struct text label =
      catalog_find(showing->request->application->catalog, showing->request->language, key);
  return label.at ? label : name;
}

static struct text words_of(const struct showing *showing, const struct value *value)
{
  switch (value_kind_get(value)) {
  case VALUE_TRUE:
    return view_text(showing->request, "leave.yes");
  case VALUE_FALSE:
    return view_text(showing->request, "leave.no");
  default:
    return value_text_get(value);
  }
}

static void show(struct showing *showing, struct text path, const struct value *value)
{
  struct arena *arena = showing->request->arena;
  struct text key;
  const struct value *item;
  if (value_kind_get(value) == VALUE_OBJECT) {
    for (size_t i = 0; value_member(value, i, &key, &item); i++)
      show(showing,
           path.length ? text_format(arena, "%.*s.%.*s", TEXT_PRINT(path), TEXT_PRINT(key)) : key,
           item);
  } else if (value_kind_get(value) == VALUE_LIST) {
    for (size_t i = 0; i < value_count(value); i++)
      show(showing, text_format(arena, "%.*s[]", TEXT_PRINT(path)), value_item(value, i));
  } else {
    struct value *row = value_object(arena);
    view_set_text(showing->request, row, "label", label_of(showing, path));
    view_set_text(showing->request, row, "value", words_of(showing, value));
    value_add(showing->rows, row);
  }
}

/* One block for each object of a document. */
static void show_document(struct web_request *request, struct value *blocks, struct text name,
                          const struct value *content)
{
  if (value_kind_get(content) == VALUE_LIST) {
    for (size_t i = 0; i < value_count(content); i++)
      show_document(request, blocks, name, value_item(content, i));
    return;
  }
  struct showing showing = {request, value_list(request->arena)};
  struct value *block = value_object(request->arena);
  struct text key = text_format(request->arena, "document.%.*s", TEXT_PRINT(name));
  show(&showing, TEXT(""), content);
  view_set_text(request, block, "title", view_text(request, text_c(request->arena, key)));
  value_set(block, "rows", showing.rows);
  value_add(blocks, block);
}

/* Paragraphs of a text. */
static struct value *paragraphs(struct web_request *request, struct text text)
{
  struct value *list = value_list(request->arena);
  struct text rest = text, part;
  while (text_split_next(&rest, '\n', &part)) {
    part = text_trim(part);
    while (text_starts_with(part, TEXT("#"))) part = text_trim(text_slice(part, 1, part.length));
    if (!text_is_empty(part)) value_add(list, value_text(request->arena, part));
  }
  return list;
}

static bool print(struct web_request *request, struct web_view *view,
                  const struct disclosed *disclosed)
{
  struct value *page = value_object(request->arena), *blocks = value_list(request->arena);
  struct text name;
  const struct value *content;
  for (size_t i = 0; value_member(disclosed->content, i, &name, &content); i++)
    show_document(request, blocks, name, content);
  value_set(page, "blocks", blocks);
  value_set(page, "scope", paragraphs(request, disclosed->scope));
  view_set_text(request, page, "notice", disclosed->notice);
  view_set_text(request, page, "notice_version", disclosed->notice_version);
  view_set_text(request, page, "disclosure_id", disclosed->disclosure_id);
  view->page = page;
  view->template_name = "desk/leave";
  return true;
}

/* --- A file ---------------------------------------------------------------------------------- */

/* Labels of handling that go with whatever leaves, and none that would tell of what was kept. */
static struct value *handling(struct web_request *request)
{
  const struct consent_rules *rules = request->application->privacy->consent_rules;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < rules->sensitivity_count; i++)
    if (rules->sensitivities[i].cover == LABEL_OF_HANDLING)
      value_add(list, value_text(request->arena, rules->sensitivities[i].name));
  return list;
}

static bool save(struct web_request *request, struct web_view *view,
                 const struct disclosed *disclosed)
{
  struct arena *arena = request->arena;
  struct value *document = value_object(arena);
  value_set(document, "notice", value_text(arena, disclosed->notice));
  value_set(document, "notice_version", value_text(arena, disclosed->notice_version));
  value_set(document, "security", handling(request));
  value_set(document, "scope", value_text(arena, disclosed->scope));
  value_set(document, "disclosure_id", value_text(arena, disclosed->disclosure_id));
  value_set(document, "record", disclosed->content);
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_ARENA_REQUEST);
  json_write_pretty(document, &out);
  view->raw = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  view->content_type = "application/json; charset=utf-8";
  view->file_name = "record.json";
  return true;
}

bool desk_leave(struct web_request *request, struct web_view *view,
                const struct disclosed *disclosed, enum desk_leaving how)
{
  view->cache = WEB_CACHE_NONE;
  return how == DESK_FILE ? save(request, view, disclosed) : print(request, view, disclosed);
}
