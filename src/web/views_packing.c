/*
 * /learn/packing: what to bring when treatment begins, and what stays at home: by the kind of
 * program, or of one program of this installation with its own lines (?program=). It asks nothing,
 * stores nothing and sets no cookie.
 */
#include "web/packing_sheet.h"
#include "web/views.h"

struct look {
  const struct web_request *request;
  struct program program; /* without an id: none was named */
  struct packing_said said;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct look *look = context;
  struct arena *arena = look->request->arena;
  struct text wanted = web_parameter_get(look->request, "program");
  struct program *programs;
  size_t count;
  look->program = (struct program){.id = TEXT("")};
  look->said = (struct packing_said){.line_count = 0};
  if (!uuid_is_valid(wanted)) return true;
  if (!program_list(transaction, arena, &programs, &count, error)) return false;
  for (size_t i = 0; i < count; i++)
    if (text_equal(programs[i].id, wanted) && programs[i].closed_at == 0)
      look->program = programs[i];
  return look->program.id.length == 0 ||
         packing_said_load(transaction, arena, look->program.id, &look->said, error);
}

static struct text kind_of(const struct web_request *request, const struct look *look)
{
  struct text kind = web_parameter_get(request, "kind");
  if (look->program.kind.length) return look->program.kind;
  bool is_known = care_code_is(request->application->records, CARE_PROGRAM_KINDS, kind);
  return is_known ? kind : care_code(request->application->records, CARE_PROGRAM_KINDS, 0);
}

static struct value *fill_kinds(const struct web_request *request, struct text chosen)
{
  const struct care *care = request->application->records;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < care_code_count(care, CARE_PROGRAM_KINDS); i++) {
    struct text code = care_code(care, CARE_PROGRAM_KINDS, i);
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "kind", code);
    view_set_text(request, item, "label",
                  care_code_label(care, CARE_PROGRAM_KINDS, code, request->language));
    view_set_flag(request, item, "chosen", text_equal(code, chosen));
    value_add(list, item);
  }
  return list;
}

static bool view_packing(struct web_request *request, struct web_view *view, struct error *error)
{
  struct look look = {.request = request};
  if (!request->application->intakes || !request->application->records)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no lists are kept here");
  if (!store_read(request->application->store, load, &look, error)) return false;
  struct text kind = kind_of(request, &look);
  view->page = value_object(request->arena);
  view->template_name = "packing";
  view->cache = WEB_CACHE_PUBLIC;
  value_set(view->page, "kinds", fill_kinds(request, kind));
  view_set_text(
      request, view->page, "kind_label",
      care_code_label(request->application->records, CARE_PROGRAM_KINDS, kind, request->language));
  view_set_text(request, view->page, "program", look.program.name);
  packing_sheet_fill(request, kind, &look.said, view->page);
  return true;
}

const struct web_route web_packing_routes[] = {
    {.methods = WEB_GET, .pattern = "/learn/packing", .handler = view_packing},
    {.pattern = NULL},
};
