/*
 * /desk/people/{id}/files: papers and pictures of a record: all, or (for=, of=) those of one row of
 * another room; adding one; …/file: its bytes, a picture to look at, a PDF only to save; …/remove:
 * taking one out, with a reason. /me/files: a person's own. Who may is the kind's object. Nothing
 * here is interpreted, and nothing leaves to anybody else. Threads: all state is the request's.
 */
#include <stdlib.h>
#include <string.h>

#include "admission/admission.h"
#include "coverage/coverage.h"
#include "web/desk/about.h"

struct files {
  struct web_request *request;
  struct web_view *view;
  struct person person;
  struct person_file *list; /* of all objects, as they come */
  size_t count;
  struct text owner, owner_id; /* what they belong to; "": anything */
  const char *owner_label;
  struct person_file file; /* the one that is shown, added or taken out */
  struct file_content content;
  struct text bytes, reason;
  int64_t version;
  bool wants_bytes, is_write; /* who may write also looks at one that was taken out */
};

static struct text person_of(const struct web_request *request)
{
  return desk_is_own(request) ? request->actor->person_id : request->captured;
}

/* An access to the person, for an object; its line in the audit names the file. */
static bool open_access(struct store_transaction *transaction, const struct files *files,
                        const char *object, const char *act, struct text file_id,
                        struct access *out, struct error *error)
{
  struct web_request *request = files->request;
  struct role_subject subject;
  struct text id = person_of(request);
  if (!care_subject_load(transaction, request->actor->program_id, id, request->actor, request->now,
                         &subject, error))
    return false;
  if (request->actor->kind == ACTOR_PERSON)
    subject.is_own = text_equal(id, request->actor->person_id);
  return access_open(transaction, request->application->privacy, request->actor, object, act,
                     &subject, file_id, request->now, out, error);
}

/* --- What they belong to ---------------------------------------------------------------------- */

static bool is_consent(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text id, struct error *error)
{
  struct consent consent;
  return consent_load(transaction, access, arena, id, &consent, error);
}

/* A word of intake-items.csv, as it is written there; rules of another day may have asked it. */
static bool is_code(struct text word)
{
  for (size_t i = 0; i < word.length; i++)
    if (!(word.at[i] >= 'a' && word.at[i] <= 'z') && word.at[i] != '-') return false;
  return word.length > 0;
}

/* "<intake>.<item>" */
static bool is_item(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct text id, struct error *error)
{
  struct intake intake;
  size_t dot = text_find(id, TEXT("."));
  if (dot >= id.length || !is_code(text_slice(id, dot + 1, id.length)))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "files of no item");
  return intake_load(transaction, access, arena, text_slice(id, 0, dot), &intake, error);
}

static bool is_inventory(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct text id, struct error *error)
{
  struct belonging *things;
  size_t count;
  return belongings_list(transaction, access, arena, id, &things, &count, error);
}

static bool is_plan(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct text id, struct error *error)
{
  struct coverage_plan plan;
  return coverage_plan_load(transaction, access, arena, id, &plan, error);
}

static bool is_authorization(struct store_transaction *transaction, const struct access *access,
                             struct arena *arena, struct text id, struct error *error)
{
  struct coverage_authorization authorization;
  return authorization_load(transaction, access, arena, id, &authorization, error);
}

static const struct owner {
  const char *name, *label, *object;
  bool (*is_there)(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, struct text id, struct error *error);
} owners[] = {{"intake-item", "files.of_item", "intake", is_item},
              {"belongings", "files.of_belongings", "belongings", is_inventory},
              {"consent", "files.of_consent", "consent", is_consent},
              {"plan", "files.of_plan", "coverage", is_plan},
              {"authorization", "files.of_authorization", "coverage", is_authorization}};

static const struct owner *find_owner(struct text name)
{
  for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
    if (text_equal(name, text_from(owners[i].name))) return &owners[i];
  return NULL;
}

/* The row that for= and of= name is one of this person, to this reader. */
static bool load_owner(struct store_transaction *transaction, struct files *files,
                       struct error *error)
{
  struct web_request *request = files->request;
  struct access access;
  files->owner = web_parameter_get(request, "for");
  files->owner_id = web_parameter_get(request, "of");
  if (text_is_empty(files->owner)) {
    files->owner_id = TEXT("");
    return true;
  }
  const struct owner *owner = find_owner(files->owner);
  if (!owner) return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "files of nothing");
  files->owner_label = owner->label;
  return open_access(transaction, files, owner->object, "read", files->owner_id, &access, error) &&
         owner->is_there(transaction, &access, request->arena, files->owner_id, error);
}

/* --- The list --------------------------------------------------------------------------------- */

static bool load_list(struct store_transaction *transaction, void *context, struct error *error)
{
  struct files *files = context;
  struct web_request *request = files->request;
  struct access access;
  files->count = 0;
  files->list = NULL;
  if (!open_access(transaction, files, "person", "read", TEXT(""), &access, error) ||
      !load_owner(transaction, files, error))
    return false;
  if (!desk_is_own(request) && !people_fill(transaction, request, &access, request->captured,
                                            "files", files->view, &files->person, error))
    return false;
  if (files->view->redirect.length) return true;
  for (size_t i = 0; i < FILE_OBJECTS; i++) {
    struct person_file *some;
    size_t count;
    if (!desk_may(request, file_objects[i], "read")) continue;
    if (!open_access(transaction, files, file_objects[i], "read", TEXT(""), &access, error) ||
        !file_list(transaction, request->application->records, &access, request->arena,
                   person_of(request), files->owner, files->owner_id, &some, &count, error))
      return false;
    struct person_file *all =
        arena_allocate_array(request->arena, files->count + count + 1, sizeof *all);
    if (files->count) memcpy(all, files->list, files->count * sizeof *all);
    if (count) memcpy(all + files->count, some, count * sizeof *all);
    files->list = all;
    files->count += count;
  }
  return true;
}

/* Newest first, whatever object guards them. */
static int compare_files(const void *a, const void *b)
{
  const struct person_file *one = a, *other = b;
  if (one->made_at != other->made_at) return one->made_at < other->made_at ? 1 : -1;
  return text_compare(other->id, one->id);
}

static struct text size_words(const struct web_request *request, int64_t size)
{
  int64_t kilobytes = (size + 1023) / 1024;
  return VIEW_FORMAT(request, "files.size", {"count", view_count(request->arena, kilobytes)});
}

static struct value *fill_file(const struct files *files, const struct person_file *file)
{
  const struct web_request *request = files->request;
  const struct care *care = request->application->records;
  const char *object = file_kind_object(care, file->kind);
  const struct owner *owner = find_owner(file->owner);
  bool may_write = object && !desk_is_own(request) && desk_may(request, object, "write");
  bool is_kept = !file->removed_at || !file_reason_destroys(care, file->removed_reason);
  bool has_bytes = is_kept && (may_write || !file->removed_at);
  struct value *row = value_object(request->arena);
  view_set_text(request, row, "file", file->id);
  view_set_text(request, row, "kind", people_label(request, CARE_FILE_KINDS, file->kind));
  view_set_text(request, row, "called", file->title);
  view_set_text(request, row, "owner", owner ? view_text(request, owner->label) : TEXT(""));
  view_set_text(request, row, "form",
                file->form == FILE_PDF ? view_text(request, "files.pdf")
                                       : view_text(request, "files.picture"));
  view_set_text(request, row, "size", size_words(request, file->size));
  value_set(row, "made", desk_time(request, file->made_at));
  view_set_flag(request, row, "removed", file->removed_at != 0);
  view_set_text(request, row, "reason",
                file->removed_at ? people_label(request, CARE_FILE_REASONS, file->removed_reason)
                                 : TEXT(""));
  view_set_flag(request, row, "has_bytes", has_bytes);
  view_set_flag(request, row, "saves", file->form == FILE_PDF);
  view_set_flag(request, row, "may_remove", may_write && !file->removed_at);
  return row;
}

static void fill_list(struct files *files)
{
  struct web_request *request = files->request;
  struct value *page = files->view->page, *rows = value_list(request->arena);
  if (files->count > 1) qsort(files->list, files->count, sizeof *files->list, compare_files);
  for (size_t i = 0; i < files->count; i++)
    if (!files->list[i].removed_at || !desk_is_own(request))
      value_add(rows, fill_file(files, &files->list[i]));
  value_set(page, "files", rows);
  view_set_flag(request, page, "any", value_count(rows) > 0);
  view_set_flag(request, page, "own", desk_is_own(request));
  view_set_text(request, page, "here",
                desk_is_own(request) ? TEXT("/me")
                                     : text_format(request->arena, "/desk/people/%.*s",
                                                   TEXT_PRINT(request->captured)));
  view_set_text(request, page, "owner",
                files->owner_label ? view_text(request, files->owner_label) : TEXT(""));
}

/* --- Adding ---------------------------------------------------------------------------------- */

static const struct desk_field fields[] = {
    {.name = "kind", .label = "files.kind", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "title",
     .label = "files.title",
     .help = "files.title_help",
     .kind = DESK_TEXT,
     .longest = LIMIT_FILE_TITLE},
    {.name = "for", .label = "files.kind", .kind = DESK_HIDDEN},
    {.name = "of", .label = "files.kind", .kind = DESK_HIDDEN},
};
static const struct desk_mapping mappings[] = {
    {"error.file.form", NULL},   {"error.care.text", "title"},    {"error.care.long", "title"},
    {"error.care.code", "kind"}, {"error.care.required", "kind"}, {NULL, NULL}};

/* Kinds whose object this actor may write. */
static size_t begin_form(struct desk_form *form, struct files *files)
{
  struct web_request *request = files->request;
  size_t all, count = 0;
  struct desk_choice *kinds = people_choices(request, CARE_FILE_KINDS, &all);
  for (size_t i = 0; i < all; i++) {
    const char *object = file_kind_object(request->application->records, kinds[i].value);
    if (object && desk_may(request, object, "write")) kinds[count++] = kinds[i];
  }
  DESK_FORM_INIT(form, request, fields);
  desk_form_choices(form, "kind", kinds, count);
  desk_form_set(form, "for", files->owner);
  desk_form_set(form, "of", files->owner_id);
  return count;
}

static bool show_list(struct files *files, struct desk_form *form, size_t kinds)
{
  fill_list(files);
  view_set_flag(files->request, files->view->page, "may_add",
                kinds > 0 && files->person.erase_at == 0);
  return desk_form_show(form, files->view, "desk/files");
}

static bool add(struct store_transaction *transaction, void *context, struct error *error)
{
  struct files *files = context;
  struct web_request *request = files->request;
  const struct care *care = request->application->records;
  struct person_file file = files->file;
  const char *object = file_kind_object(care, file.kind);
  struct access access;
  file.owner = files->owner;
  file.owner_id = files->owner_id;
  if (!object || !load_owner(transaction, files, error) ||
      !open_access(transaction, files, object, "write", TEXT(""), &access, error) ||
      !file_add(transaction, care, &access, request->arena, &file, &files->content, error))
    return false;
  desk_redirect(request, files->view, "/desk/people/%.*s/files%s%.*s%s%.*s",
                TEXT_PRINT(request->captured), file.owner.length ? "?for=" : "",
                TEXT_PRINT(file.owner), file.owner.length ? "&of=" : "", TEXT_PRINT(file.owner_id));
  return true;
}

static bool view_files(struct web_request *request, struct web_view *view, struct error *error)
{
  struct files files = {.request = request, .view = view};
  struct desk_form form;
  if (!desk_read(request, load_list, &files, error)) return false;
  if (view->redirect.length) return true;
  size_t kinds = begin_form(&form, &files);
  if (request->method == WEB_GET) return show_list(&files, &form, kinds);
  struct text taken = web_file_get(request, "camera");
  if (!desk_form_read(&form)) return show_list(&files, &form, kinds);
  files.file.kind = desk_form_get(&form, "kind");
  files.file.title = desk_form_get(&form, "title");
  if (file_content_make(request->arena, taken.length ? taken : web_file_get(request, "file"),
                        &files.content, error) &&
      desk_write(request, view, add, &files, error))
    return true;
  if (!desk_form_take(&form, error, mappings)) return false;
  error_clear(error);
  return show_list(&files, &form, kinds);
}

static bool view_own_files(struct web_request *request, struct web_view *view, struct error *error)
{
  struct files files = {.request = request, .view = view};
  view->page = value_object(request->arena);
  if (!desk_read(request, load_list, &files, error)) return false;
  fill_list(&files);
  view->template_name = "desk/files_own";
  return true;
}

/* --- One of them ------------------------------------------------------------------------------ */

static bool load_one(struct store_transaction *transaction, void *context, struct error *error)
{
  struct files *files = context;
  struct web_request *request = files->request;
  const struct care *care = request->application->records;
  struct text id = web_parameter_get(request, "file");
  const char *object;
  struct access access;
  return file_object_find(transaction, care, request->actor->program_id, id, &object, error) &&
         open_access(transaction, files, object, files->is_write ? "write" : "read", id, &access,
                     error) &&
         file_load(transaction, care, &access, request->arena, id, &files->file, error) &&
         (!files->wants_bytes || file_bytes_load(transaction, &access, request->arena, &files->file,
                                                 &files->bytes, error));
}

static bool view_bytes(struct web_request *request, struct web_view *view, struct error *error)
{
  struct files files = {.request = request, .view = view, .wants_bytes = true};
  files.is_write = text_equal(web_parameter_get(request, "taken_out"), TEXT("1"));
  if (!desk_read(request, load_one, &files, error)) return false;
  view->cache = WEB_CACHE_NONE;
  view->raw = files.bytes;
  view->content_type = file_form_type(files.file.form);
  if (files.file.form == FILE_PDF) view->file_name = "document.pdf";
  return true;
}

static const struct desk_field remove_fields[] = {
    {.name = "reason", .label = "files.reason", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "file", .label = "files.kind", .kind = DESK_HIDDEN},
};
static const struct desk_mapping remove_mappings[] = {
    {"error.care.stale", NULL}, {"error.care.code", "reason"}, {NULL, NULL}};

static bool load_remove(struct store_transaction *transaction, void *context, struct error *error)
{
  struct files *files = context;
  struct web_request *request = files->request;
  struct access access;
  return load_one(transaction, files, error) &&
         open_access(transaction, files, "person", "read", TEXT(""), &access, error) &&
         people_fill(transaction, request, &access, request->captured, "files", files->view,
                     &files->person, error);
}

static bool take_out(struct store_transaction *transaction, void *context, struct error *error)
{
  struct files *files = context;
  struct web_request *request = files->request;
  const struct care *care = request->application->records;
  const char *object = file_kind_object(care, files->file.kind);
  struct access access;
  if (!object ||
      !open_access(transaction, files, object, "write", files->file.id, &access, error) ||
      !file_remove(transaction, care, &access, files->file.id, files->reason, files->version,
                   error))
    return false;
  desk_redirect(request, files->view, "/desk/people/%.*s/files", TEXT_PRINT(request->captured));
  return true;
}

static bool view_remove(struct web_request *request, struct web_view *view, struct error *error)
{
  struct files files = {.request = request, .view = view, .is_write = true};
  struct desk_form form;
  if (!desk_read(request, load_remove, &files, error)) return false;
  if (view->redirect.length) return true;
  DESK_FORM_INIT(&form, request, remove_fields);
  people_choose(&form, "reason", CARE_FILE_REASONS);
  desk_form_set(&form, "file", files.file.id);
  desk_form_set_version(&form, files.file.version);
  value_set(view->page, "row", fill_file(&files, &files.file));
  if (request->method == WEB_GET || !desk_form_read(&form))
    return desk_form_show(&form, view, "desk/file_remove");
  files.reason = desk_form_get(&form, "reason");
  files.version = desk_form_version(&form);
  if (desk_write(request, view, take_out, &files, error)) return true;
  return desk_form_take(&form, error, remove_mappings) &&
         desk_form_show(&form, view, "desk/file_remove");
}

const struct web_route desk_file_routes[] = {
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/people/{id}/files",
     .handler = view_files,
     .guard = "person",
     .get_act = "read",
     .post_act = "read", /* the kind's object says who may add; asked in its transaction */
     .body_limit = LIMIT_FILE + LIMIT_HTTP_BODY_FORM,
     .flags = WEB_FILES},
    {.methods = WEB_GET,
     .pattern = "/desk/people/{id}/files/file",
     .handler = view_bytes,
     .guard = "person",
     .get_act = "read"},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/people/{id}/files/remove",
     .handler = view_remove,
     .guard = "person",
     .get_act = "read",
     .post_act = "read"},
    {.methods = WEB_GET,
     .pattern = "/me/files",
     .handler = view_own_files,
     .guard = "person",
     .get_act = "read"},
    {.methods = WEB_GET,
     .pattern = "/me/files/file",
     .handler = view_bytes,
     .guard = "person",
     .get_act = "read"},
    {.pattern = NULL}};
