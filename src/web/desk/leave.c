/*
 * leave: the one way out of the desk: what disclose() made, as a page to print, as a readable file
 * and as data, with its notice (42 CFR 2.32), the notice's version and the scope of the consent.
 * Both files are made and kept with the disclosure and are handed out to the byte, as often as they
 * are asked for. See about.h.
 */
#include "web/desk/leave.h"

#include "coverage/coverage.h"

/* --- Names and codes in words ---------------------------------------------------------------- */

/* Codes of a document's fields: the list of care whose words they have. */
static const struct {
  const char *document, *field, *list;
} coded[] = {{"person", "sex", "administrative-sexes"},
             {"person", "gender_identity", "gender-identities"},
             {"person", "pronouns", "pronouns"},
             {"person", "language", "languages"},
             {"person", "phones[].kind", "phone-uses"},
             {"person", "contacts[].relationship", "relationships"},
             {"person", "identifiers[].kind", "identifier-kinds"},
             {"episode", "status", "episode-statuses"},
             {"episode", "steps[].status", "episode-statuses"},
             {"episode", "level_of_care", "levels-of-care"},
             {"episode", "steps[].level_of_care", "levels-of-care"},
             {"episode", "referral_source", "referral-sources"},
             {"episode", "end_reason", "end-reasons"},
             {"delivered-day", "level_of_care", "levels-of-care"},
             {"delivered-day", "error_reason", "correction-reasons"},
             {"delivered-service", "kind", "service-kinds"},
             {"delivered-service", "error_reason", "correction-reasons"},
             {"belonging", "condition", "belongings-conditions"},
             {"belonging", "cannot_stay", "restricted-items"},
             {"belonging", "whereabouts", "belongings-states"},
             {"coverage-answers", "level_of_care", "levels-of-care"},
             {"coverage-authorization", "level_of_care", "levels-of-care"},
             {"coverage-denial", "level_of_care", "levels-of-care"},
             {"file", "kind", "file-kinds"},
             {"fact", "kind", "fact-kinds"},
             {"fact", "value", "fact-values"},
             {"fact", "error_reason", "correction-reasons"}};

struct showing {
  struct web_request *request;
  struct text document;
  struct value *groups, *rows; /* rows: of the group that is being filled */
};

static struct text message(const struct web_request *request, struct text key)
{
  return catalog_find(request->application->catalog, request->language, key);
}

/* The last name of a path: "name.former[]" is "former". */
static struct text name_of(struct text path)
{
  size_t from = path.length;
  while (from > 0 && path.at[from - 1] != '.') from--;
  struct text name = text_slice(path, from, path.length);
  return text_slice(name, 0, text_find(name, TEXT("[")));
}

struct text desk_field_label(const struct web_request *request, struct text path)
{
  struct text name = name_of(path);
  struct text label =
      message(request, text_format(request->arena, "record.field.%.*s", TEXT_PRINT(name)));
  return label.at ? label : name;
}

static bool is_date(struct text t)
{
  int year, month, day;
  return t.length >= 10 && time_read_date(text_slice(t, 0, 10), &year, &month, &day);
}

/* A code by its list, a date or a moment as people write it, else as it stands. */
static struct text in_words(const struct showing *showing, struct text path, struct text t)
{
  const struct web_request *request = showing->request;
  for (size_t i = 0; i < sizeof coded / sizeof *coded; i++) {
    if (!text_equal(showing->document, text_from(coded[i].document)) ||
        !text_equal(path, text_from(coded[i].field)))
      continue;
    struct text words =
        message(request, text_format(request->arena, "%s.%.*s", coded[i].list, TEXT_PRINT(t)));
    return words.at ? words : t;
  }
  if (!is_date(t)) return t;
  struct text date = view_date(request, text_slice(t, 0, 10));
  if (t.length == 10) return date;
  bool is_moment = t.length > 16 && t.at[10] == 'T' && t.at[t.length - 1] == 'Z';
  return is_moment ? VIEW_FORMAT(request, "desk.time", {"date", date},
                                 {"clock", text_slice(t, 11, sizeof "YYYY-MM-DDTHH:MM" - 1)})
                   : t;
}

static struct text words_of(const struct showing *showing, struct text path,
                            const struct value *value)
{
  switch (value_kind_get(value)) {
  case VALUE_TRUE:
    return view_text(showing->request, "leave.yes");
  case VALUE_FALSE:
    return view_text(showing->request, "leave.no");
  case VALUE_TEXT:
    return in_words(showing, path, value_text_get(value));
  default:
    return value_text_get(value);
  }
}

/* --- A document in blocks -------------------------------------------------------------------- */

static void begin_group(struct showing *showing, struct text title)
{
  struct value *group = value_object(showing->request->arena);
  showing->rows = value_list(showing->request->arena);
  view_set_text(showing->request, group, "heading", title);
  value_set(group, "rows", showing->rows);
  value_add(showing->groups, group);
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
    struct text below = text_format(arena, "%.*s[]", TEXT_PRINT(path));
    struct value *outer = showing->rows;
    for (size_t i = 0; i < value_count(value); i++) {
      bool is_object = value_kind_get(value_item(value, i)) == VALUE_OBJECT;
      if (is_object)
        begin_group(showing,
                    text_format(arena, "%.*s %zu",
                                TEXT_PRINT(desk_field_label(showing->request, path)), i + 1));
      show(showing, below, value_item(value, i));
    }
    showing->rows = outer;
  } else {
    struct value *row = value_object(arena);
    view_set_text(showing->request, row, "label", desk_field_label(showing->request, path));
    view_set_text(showing->request, row, "value", words_of(showing, path, value));
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
  struct showing showing = {
      .request = request, .document = name, .groups = value_list(request->arena)};
  struct value *block = value_object(request->arena);
  if (text_equal(name, TEXT("letter"))) { /* as a letter is read, word for word */
    struct value *letter = value_object(request->arena);
    struct text written = value_text_get(value_get(content, TEXT("text")));
    value_set(letter, "blocks", letter_blocks(request->arena, written));
    value_set(block, "letter", letter);
    value_add(blocks, block);
    return;
  }
  struct text key = text_format(request->arena, "document.%.*s", TEXT_PRINT(name));
  begin_group(&showing, TEXT(""));
  show(&showing, TEXT(""), content);
  view_set_text(request, block, "title", view_text(request, text_c(request->arena, key)));
  value_set(block, "groups", showing.groups);
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

/* What stands on the page and in the readable file alike, from the document as it left. */
bool desk_leave_fill(struct web_request *request, struct text document, struct value *page,
                     struct error *error)
{
  struct value *blocks = value_list(request->arena);
  const struct value *left, *item;
  struct text name;
  if (!json_read(request->arena, document, &left, error)) return false;
  const struct value *record = value_get(left, TEXT("record"));
  for (size_t i = 0; value_member(record, i, &name, &item); i++)
    show_document(request, blocks, name, item);
  value_set(page, "blocks", blocks);
  value_set(page, "scope", paragraphs(request, value_text_get(value_get(left, TEXT("scope")))));
  view_set_flag(request, page, "is_question", value_get(record, TEXT("x12-question")) != NULL);
  view_set_text(request, page, "notice", value_text_get(value_get(left, TEXT("notice"))));
  view_set_text(request, page, "notice_version",
                value_text_get(value_get(left, TEXT("notice_version"))));
  view_set_text(request, page, "disclosure_id",
                value_text_get(value_get(left, TEXT("disclosure_id"))));
  return true;
}

/* --- Keeping --------------------------------------------------------------------------------- */

static bool find_program(struct store_transaction *transaction, struct web_request *request,
                         struct text *out, struct error *error)
{
  struct program *programs;
  size_t count;
  *out = TEXT("");
  if (!program_list(transaction, request->arena, &programs, &count, error)) return false;
  for (size_t i = 0; i < count; i++)
    if (text_equal(programs[i].id, request->actor->program_id)) *out = programs[i].name;
  return true;
}

/* The readable file, in the language of the disclosure: one page that needs nothing else. */
static bool write_page(struct store_transaction *transaction, const struct desk_about *about,
                       const struct disclosed *disclosed, struct text language, struct text *out,
                       struct error *error)
{
  struct web_request request = *about->request; /* in another language, perhaps */
  const struct web_application *application = request.application;
  struct value *page = value_object(request.arena), *view = value_object(request.arena);
  struct text_buffer bytes;
  struct text program;
  for (size_t i = 0; i < application->language_count; i++)
    if (text_equal(application->languages[i], language)) request.language = i;
  if (!find_program(transaction, &request, &program, error) ||
      !desk_leave_fill(&request, disclosed->document, page, error))
    return false;
  view_set_text(&request, page, "language", application->languages[request.language]);
  view_set_text(&request, page, "program", program);
  view_set_text(&request, page, "sha256", text_copy(request.arena, text_from(disclosed->sha256)));
  value_set(page, "made", desk_time(&request, request.now));
  value_set(view, "page", page);
  text_buffer_init(&bytes, LIMIT_DISCLOSURE_COPY);
  bool is_done = template_render(application->templates[request.language], TEXT("desk/copy_file"),
                                 view, &bytes, error);
  if (is_done) *out = text_copy(request.arena, text_buffer_get(&bytes));
  text_buffer_fini(&bytes);
  return is_done;
}

bool desk_leave_keep(struct store_transaction *transaction, const struct desk_about *about,
                     struct web_view *view, const struct disclosed *disclosed, struct text language,
                     struct error *error)
{
  struct web_request *request = about->request;
  struct disclosure_copy page = {.form = TEXT("html")};
  size_t slash = request->path.length;
  if (!write_page(transaction, about, disclosed, language, &page.bytes, error) ||
      !disclosure_copy_keep(transaction, &about->access, request->arena, disclosed, &page, error))
    return false;
  while (slash > 0 && request->path.at[slash - 1] != '/') slash--;
  desk_redirect(request, view, "%.*scopy?number=%.*s", (int)slash, request->path.at,
                TEXT_PRINT(disclosed->disclosure_id));
  return true;
}

/* --- Handing out ----------------------------------------------------------------------------- */

struct handing {
  struct web_request *request;
  const char *object, *act;
  struct desk_about about;
  struct disclosure made;
  struct disclosure_copy data, page;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct handing *handing = context;
  struct web_request *request = handing->request;
  struct desk_about *about = &handing->about;
  struct access access;
  return desk_about_open(transaction, request, handing->object, handing->act, about, error) &&
         desk_about_member(transaction, about, &access, error) &&
         disclosure_load(transaction, &access, request->arena, web_parameter_get(request, "number"),
                         &handing->made, error) &&
         disclosure_copy_load(transaction, &access, request->arena, &handing->made, TEXT("json"),
                              &handing->data, error) &&
         disclosure_copy_load(transaction, &access, request->arena, &handing->made, TEXT("html"),
                              &handing->page, error);
}

static bool hand_out(struct web_view *view, const struct disclosure_copy *copy, bool is_page)
{
  view->cache = WEB_CACHE_NONE;
  view->raw = copy->bytes;
  view->content_type = is_page ? "text/html; charset=utf-8" : "application/json; charset=utf-8";
  view->file_name = is_page ? "record.html" : "record.json";
  return true;
}

/* The file for a plan (X12 270) that stands in the document, to the byte. */
static bool hand_out_question(struct web_request *request, struct web_view *view,
                              const struct disclosure_copy *copy, struct error *error)
{
  const struct value *left;
  if (!json_read(request->arena, copy->bytes, &left, error)) return false;
  const struct value *question = value_get(value_get(left, TEXT("record")), TEXT("x12-question"));
  struct text file = value_text_get(value_get(question, TEXT("text")));
  if (text_is_empty(file))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no file for a plan");
  view->cache = WEB_CACHE_NONE;
  view->raw = file;
  view->content_type = "application/EDI-X12"; /* RFC 1767 */
  view->file_name = "question.edi";
  return true;
}

bool desk_leave(struct web_request *request, struct web_view *view, const char *object,
                const char *act, struct error *error)
{
  struct handing handing = {.request = request, .object = object, .act = act};
  struct text as = web_parameter_get(request, "as");
  if (!desk_read(request, load, &handing, error)) return false;
  if (text_equal(as, TEXT("json"))) return hand_out(view, &handing.data, false);
  if (text_equal(as, TEXT("html"))) return hand_out(view, &handing.page, true);
  if (text_equal(as, TEXT("edi"))) return hand_out_question(request, view, &handing.data, error);
  view->page = value_object(request->arena);
  view->cache = WEB_CACHE_NONE;
  view->template_name = "desk/leave";
  if (!desk_leave_fill(request, handing.data.bytes, view->page, error)) return false;
  desk_about_fill(&handing.about, view->page);
  view_set_text(request, view->page, "action", request->path);
  view_set_text(request, view->page, "record", handing.made.person_id);
  value_set(view->page, "made", desk_time(request, handing.made.at));
  view_set_text(request, view->page, "recipient",
                handing.made.recipient.length ? handing.made.recipient
                                              : view_text(request, "disclosures.the_person"));
  view_set_text(request, view->page, "sha256",
                text_copy(request->arena, text_from(handing.data.sha256)));
  view_set_text(request, view->page, "page_sha256",
                text_copy(request->arena, text_from(handing.page.sha256)));
  return true;
}
