/*
 * /desk/people/{id}/consents/sheet and /me/consents/sheet: one consent as a page made for paper:
 * its words as they were signed, the signature, the hashes, the notice of 42 CFR 2.32. …/paper: the
 * signed words, or the scan or drawing, to the byte. A role check with audit, within the program
 * and for the person; nothing here leaves to anybody else. Threads: all state is the request's.
 */
#include "web/desk/consents.h"

struct sheet {
  struct web_request *request;
  struct desk_about about;
  struct consent consent;
  struct signature signature;
  struct text witness; /* who saw it signed, by name */
};

static bool load_witness(struct store_transaction *transaction, struct sheet *sheet,
                         struct error *error)
{
  struct account account;
  struct text id = sheet->signature.witness_account_id;
  sheet->witness = id;
  if (text_is_empty(id)) return true;
  if (account_load(transaction, sheet->request->arena, id, &account, error)) {
    if (account.shown_name.length) sheet->witness = account.shown_name;
    return true;
  }
  if (error->kind != ERROR_NOT_FOUND) return false;
  error_clear(error);
  return true;
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sheet *sheet = context;
  struct web_request *request = sheet->request;
  struct access access;
  return desk_about_open(transaction, request, "consent", "read", &sheet->about, error) &&
         desk_about_member(transaction, &sheet->about, &access, error) &&
         consent_load(transaction, &access, request->arena, web_parameter_get(request, "consent"),
                      &sheet->consent, error) &&
         signature_load(transaction, &access, request->arena, sheet->consent.signature_id,
                        &sheet->signature, error) &&
         load_witness(transaction, sheet, error);
}

/* --- The page -------------------------------------------------------------------------------- */

/* {"heading", "text"} for each line that was signed; nothing is left out or put in. */
static struct value *fill_words(struct web_request *request, struct text words)
{
  struct value *list = value_list(request->arena);
  struct text line;
  while (text_split_next(&words, '\n', &line)) {
    bool is_heading = text_starts_with(line, TEXT("# "));
    if (text_is_empty(text_trim(line))) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "heading",
                  is_heading ? text_slice(line, 2, line.length) : TEXT(""));
    view_set_text(request, item, "text", is_heading ? TEXT("") : line);
    value_add(list, item);
  }
  return list;
}

static struct text hex(const struct web_request *request, const char *hash)
{
  return text_copy(request->arena, text_from(hash));
}

static void fill_signature(struct sheet *sheet, struct value *page)
{
  struct web_request *request = sheet->request;
  const struct signature *signature = &sheet->signature;
  struct value *out = value_object(request->arena), *lines = value_list(request->arena);
  struct text method = signature_method_name(signature->method);
  struct text key = text_format(request->arena, "consents.method.%.*s", TEXT_PRINT(method));
  const struct text *strokes;
  size_t count = 0;
  bool is_lines = signature->method == SIGNATURE_DRAWN &&
                  signature_strokes_read(request->arena, signature->image, &strokes, &count);
  for (size_t i = 0; is_lines && i < count; i++)
    value_add(lines, value_text(request->arena, strokes[i]));
  value_set(out, "lines", lines);
  view_set_flag(request, out, "is_drawn", is_lines);
  view_set_text(request, out, "signer", signature->signer);
  view_set_text(request, out, "authority", signature->authority);
  view_set_text(request, out, "method", view_text(request, text_c(request->arena, key)));
  view_set_text(request, out, "role",
                view_text(request, text_equal(signature->role, TEXT("patient"))
                                       ? "consents.by_patient"
                                       : "consents.by_representative"));
  view_set_text(request, out, "witness", sheet->witness);
  view_set_text(request, out, "hash", hex(request, signature->sha256));
  view_set_flag(request, out, "has_image", signature->image.length > 0);
  view_set_text(request, out, "image_type", signature->content_type);
  view_set_text(request, out, "image_hash", hex(request, signature->image_sha256));
  view_set_text(request, out, "image_label",
                view_text(request, signature->method == SIGNATURE_SCANNED
                                       ? "consents.paper_scan"
                                       : "consents.paper_drawn"));
  value_set(out, "at", desk_time(request, signature->at));
  value_set(page, "signature", out);
}

static bool view_sheet(struct web_request *request, struct web_view *view, struct error *error)
{
  struct sheet sheet = {.request = request};
  struct notice notice;
  if (!desk_read(request, load, &sheet, error) ||
      !notice_find(request->application->privacy->notices, NOTICE_REDISCLOSURE_LONG,
                   sheet.consent.language, request->now, &notice, error))
    return false;
  const struct consent *consent = &sheet.consent;
  struct value *page = view->page = value_object(request->arena);
  desk_about_fill(&sheet.about, page);
  view->template_name = "desk/consent_sheet";
  view_set_text(request, page, "consent", consent->id);
  view_set_text(request, page, "record", consent->person_id);
  view_set_text(request, page, "words_language", consent->language);
  view_set_text(request, page, "state", view_text(request, desk_consent_state(request, consent)));
  view_set_text(request, page, "closed", desk_consent_closed(request, consent));
  view_set_text(request, page, "form_version", consent->form_version);
  view_set_text(request, page, "notice", notice.body);
  view_set_text(request, page, "notice_version", notice.version);
  value_set(page, "words", fill_words(request, sheet.signature.signed_bytes));
  fill_signature(&sheet, page);
  return true;
}

/* --- To the byte ----------------------------------------------------------------------------- */

static const char *type_of(struct text type)
{
  static const char *const types[] = {"application/pdf", "image/jpeg", "image/png"};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (text_equal(type, text_from(types[i]))) return types[i];
  return "text/plain; charset=utf-8";
}

static bool view_paper(struct web_request *request, struct web_view *view, struct error *error)
{
  struct sheet sheet = {.request = request};
  bool is_image = text_equal(web_parameter_get(request, "part"), TEXT("image"));
  if (!desk_read(request, load, &sheet, error)) return false;
  if (is_image && text_is_empty(sheet.signature.image))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "it was typed");
  view->cache = WEB_CACHE_NONE;
  view->raw = is_image ? sheet.signature.image : sheet.signature.signed_bytes;
  view->content_type =
      is_image ? type_of(sheet.signature.content_type) : "text/plain; charset=utf-8";
  return true;
}

const struct web_route desk_consent_paper_routes[] = {
    {.methods = WEB_GET,
     .pattern = "/desk/people/{id}/consents/sheet",
     .handler = view_sheet,
     .guard = "consent",
     .get_act = "read"},
    {.methods = WEB_GET,
     .pattern = "/me/consents/sheet",
     .handler = view_sheet,
     .guard = "consent",
     .get_act = "read"},
    {.methods = WEB_GET,
     .pattern = "/desk/people/{id}/consents/paper",
     .handler = view_paper,
     .guard = "consent",
     .get_act = "read"},
    {.methods = WEB_GET,
     .pattern = "/me/consents/paper",
     .handler = view_paper,
     .guard = "consent",
     .get_act = "read"},
    {.pattern = NULL}};
