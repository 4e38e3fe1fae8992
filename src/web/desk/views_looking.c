/*
 * Looking after the program: the history (/desk/audit), messages (/desk/outbox), clocks
 * (/desk/due). Each shows what its room reads; the history is also handed out as CSV, an act of its
 * own. Threads: all state is the request's.
 */
#include "web/desk/desk_private.h"

/* Names of those whom rows are about, for whoever may see people. */
static bool load_names(struct store_transaction *transaction, struct web_request *request,
                       const struct text *ids, size_t count, struct person_names *out,
                       struct error *error)
{
  struct access access;
  *out = (struct person_names){.count = 0};
  if (!request->actor->program_id.length || !desk_may(request, "person", "search")) return true;
  return access_open_list(transaction, request->application->privacy, request->actor, "person",
                          "search", request->now, &access, error) &&
         person_names_load(transaction, &access, request->arena, ids, count, out, error);
}

enum { PAGE_ROWS = 50, EXPORT_ROWS = 10000, OUTBOX_ROWS = 200, DUE_ROWS = 500, AHEAD_HOURS = 24 };
static const int64_t DAY = 24LL * 3600 * 1000000;

/* The label "<prefix><word>" of the catalog, else the word itself. */
static struct text label_of(const struct web_request *request, const char *prefix, struct text word)
{
  struct text key = text_format(request->arena, "%s%.*s", prefix, TEXT_PRINT(word));
  struct text label = catalog_find(request->application->catalog, request->language, key);
  return label.at ? label : word;
}

/* --- /desk/audit --------------------------------------------------------------------------- */

static const struct desk_field audit_fields[] = {
    {.name = "person",
     .label = "audit.person",
     .help = "audit.id_help",
     .kind = DESK_TEXT,
     .longest = 64},
    {.name = "account", .label = "audit.account", .kind = DESK_TEXT, .longest = 64},
    {.name = "object", .label = "audit.object", .kind = DESK_CHOICE},
    {.name = "act", .label = "audit.act", .kind = DESK_CHOICE},
    {.name = "from", .label = "audit.from", .kind = DESK_DATE},
    {.name = "until", .label = "audit.until", .kind = DESK_DATE},
};

/* Words of roles.csv, each once. */
struct words {
  const struct web_request *request;
  struct desk_choice objects[64], acts[64];
  size_t object_count, act_count;
};

static void add_word(const struct web_request *request, struct desk_choice *choices, size_t *count,
                     const char *prefix, struct text word)
{
  for (size_t i = 0; i < *count; i++)
    if (text_equal(choices[i].value, word)) return;
  if (*count < 64)
    choices[(*count)++] = (struct desk_choice){word, label_of(request, prefix, word)};
}

static void take_words(void *context, struct text role, struct text object, struct text act,
                       enum role_scope scope, struct text source)
{
  struct words *words = context;
  (void)role, (void)scope, (void)source;
  add_word(words->request, words->objects, &words->object_count, "audit.object.", object);
  add_word(words->request, words->acts, &words->act_count, "audit.act.", act);
}

/* When a date that was checked begins where the reader works, 0 for none; or the day after it. */
static int64_t read_day(const struct web_request *request, struct text t, bool is_after)
{
  const struct zone *zone = request->zone;
  int year, month, day;
  int64_t at = 0;
  if (!time_read_date(t, &year, &month, &day)) return 0;
  if (!zone && !zone_find(TEXT("UTC"), &zone)) return 0;
  int64_t days = time_days_from_date(year, month, day) + is_after;
  return zone_day_begin(zone, time_format_date(request->arena, days * DAY), &at) ? at : 0;
}

struct history {
  struct web_request *request;
  const char *act;
  struct audit_query query;
  struct audit_row *rows;
  struct person_names names;
  size_t count;
};

static bool name_rows(struct store_transaction *transaction, struct history *history,
                      struct error *error)
{
  struct web_request *request = history->request;
  struct text *ids = arena_allocate_array(request->arena, history->count + 1, sizeof *ids);
  for (size_t i = 0; i < history->count; i++) ids[i] = history->rows[i].person_id;
  return load_names(transaction, request, ids, history->count, &history->names, error);
}

/* Read the filters; the form keeps what was typed. */
static bool read_filters(struct history *history, struct desk_form *form, struct words *words)
{
  struct web_request *request = history->request;
  words->request = request;
  roles_each(request->application->privacy->roles, take_words, words);
  DESK_FORM_INIT(form, request, audit_fields);
  desk_form_choices(form, "object", words->objects, words->object_count);
  desk_form_choices(form, "act", words->acts, words->act_count);
  if (!desk_form_read(form)) return false;
  int64_t before = 0;
  (void)text_read_integer(web_parameter_get(request, "before"), &before);
  history->query =
      (struct audit_query){.program_id = request->actor->program_id,
                           .person_id = desk_form_get(form, "person"),
                           .account_id = desk_form_get(form, "account"),
                           .object = desk_form_get(form, "object"),
                           .act = desk_form_get(form, "act"),
                           .from = read_day(request, desk_form_get(form, "from"), false),
                           .until = read_day(request, desk_form_get(form, "until"), true),
                           .before_seq = before};
  return true;
}

static bool load_history(struct store_transaction *transaction, void *context, struct error *error)
{
  struct history *history = context;
  struct web_request *request = history->request;
  struct access access;
  return access_open_list(transaction, request->application->privacy, request->actor, "audit",
                          history->act, request->now, &access, error) &&
         audit_read(transaction, request->arena, &history->query, request->now, &history->rows,
                    &history->count, error) &&
         (history->query.limit > PAGE_ROWS || name_rows(transaction, history, error));
}

static struct value *fill_entry(const struct history *history, const struct audit_row *row)
{
  const struct web_request *request = history->request;
  struct value *out = value_object(request->arena);
  view_set_text(request, out, "seq", text_format(request->arena, "%lld", (long long)row->seq));
  value_set(out, "at", desk_time(request, row->at));
  view_set_text(request, out, "who",
                row->actor_name.length ? row->actor_name
                                       : label_of(request, "audit.kind.", row->actor_kind));
  view_set_text(request, out, "account", row->account_id);
  view_set_text(request, out, "object", label_of(request, "audit.object.", row->object));
  view_set_text(request, out, "act", label_of(request, "audit.act.", row->act));
  view_set_text(request, out, "object_id", row->object_id);
  view_set_text(request, out, "person", row->person_id);
  people_set_name(request, out, &history->names, row->person_id);
  view_set_text(request, out, "outcome", label_of(request, "audit.outcome.", row->outcome));
  view_set_flag(request, out, "is_denied", !text_equal(row->outcome, TEXT("done")));
  view_set_text(request, out, "purpose", row->purpose);
  view_set_text(request, out, "detail",
                text_equal(row->detail, TEXT("{}")) ? TEXT("") : row->detail);
  return out;
}

/* The filters again, for the forms that go on with them. */
static void fill_kept(const struct history *history, struct value *page)
{
  static const char *const names[] = {"person", "account", "object", "act", "from", "until"};
  const struct web_request *request = history->request;
  struct value *kept = value_list(request->arena);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "name", text_from(names[i]));
    view_set_text(request, item, "value", web_parameter_get(request, names[i]));
    value_add(kept, item);
  }
  value_set(page, "kept", kept);
  view_set_text(
      request, page, "older",
      history->count == PAGE_ROWS
          ? text_format(request->arena, "%lld", (long long)history->rows[history->count - 1].seq)
          : TEXT(""));
}

static bool view_audit(struct web_request *request, struct web_view *view, struct error *error)
{
  struct history history = {.request = request, .act = "read"};
  struct words words = {0};
  struct desk_form form;
  bool good = read_filters(&history, &form, &words);
  view->page = value_object(request->arena);
  if (good) {
    history.query.limit = PAGE_ROWS;
    if (!desk_read(request, load_history, &history, error)) return false;
  }
  struct value *entries = value_list(request->arena);
  for (size_t i = 0; i < history.count; i++)
    value_add(entries, fill_entry(&history, &history.rows[i]));
  value_set(view->page, "entries", entries);
  view_set_flag(request, view->page, "has_entries", history.count > 0);
  view_set_flag(request, view->page, "may_export", desk_may(request, "audit", "export"));
  fill_kept(&history, view->page);
  return desk_form_show(&form, view, "desk/audit");
}

static void write_line(struct text_buffer *out, const struct web_request *request,
                       const struct audit_row *row)
{
  const struct text fields[] = {
      text_format(request->arena, "%lld", (long long)row->seq),
      time_format(request->arena, row->at),
      row->actor_kind,
      row->account_id,
      row->actor_name,
      row->station_id,
      row->object,
      row->act,
      row->object_id,
      row->person_id,
      row->purpose,
      row->outcome,
      row->detail,
  };
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    table_csv_write_field(fields[i], i == 0, out);
  text_buffer_add(out, TEXT("\r\n"));
}

/* What the page shows, as a file: from the newest, or behind where the page stands. */
static bool view_export(struct web_request *request, struct web_view *view, struct error *error)
{
  struct history history = {.request = request, .act = "export"};
  struct words words = {0};
  struct desk_form form;
  if (!read_filters(&history, &form, &words)) {
    desk_redirect(request, view, "/desk/audit");
    return true;
  }
  history.query.limit = EXPORT_ROWS;
  if (!desk_read(request, load_history, &history, error)) return false;
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_TEMPLATE_OUTPUT);
  text_buffer_add(&out, TEXT("seq,at,actor_kind,account_id,actor_name,station_id,object,act,"
                             "object_id,person_id,purpose,outcome,detail\r\n"));
  for (size_t i = 0; i < history.count; i++) write_line(&out, request, &history.rows[i]);
  bool is_over = out.over;
  view->raw = text_copy(request->arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  view->content_type = "text/csv; charset=utf-8";
  view->file_name = "audit.csv";
  return !is_over || error_set(error, ERROR_TOO_LARGE, "error.audit.export",
                               "Choose a shorter time.", "the export is too large");
}

/* --- /desk/outbox -------------------------------------------------------------------------- */

struct mail {
  struct web_request *request;
  struct outbox_message *messages;
  struct person_names names;
  size_t count;
};

static bool load_outbox(struct store_transaction *transaction, void *context, struct error *error)
{
  struct mail *mail = context;
  struct web_request *request = mail->request;
  struct access access;
  if (!access_open_list(transaction, request->application->privacy, request->actor, "outbox",
                        "read", request->now, &access, error) ||
      !outbox_list(transaction, request->arena, access.program_id, TEXT(""), OUTBOX_ROWS,
                   &mail->messages, &mail->count, error))
    return false;
  struct text *ids = arena_allocate_array(request->arena, mail->count + 1, sizeof *ids);
  for (size_t i = 0; i < mail->count; i++) ids[i] = mail->messages[i].person_id;
  return load_names(transaction, request, ids, mail->count, &mail->names, error);
}

static struct value *fill_message(const struct mail *mail, const struct outbox_message *message)
{
  const struct web_request *request = mail->request;
  struct value *out = value_object(request->arena);
  bool is_open =
      text_equal(message->state, TEXT("unsure")) || text_equal(message->state, TEXT("failed"));
  view_set_text(request, out, "id", message->id);
  view_set_text(request, out, "person", message->person_id);
  people_set_name(request, out, &mail->names, message->person_id);
  view_set_text(request, out, "channel",
                label_of(request, "outbox.channel.",
                         message->channel == OUTBOX_EMAIL ? TEXT("email") : TEXT("text")));
  view_set_text(request, out, "state", label_of(request, "outbox.state.", message->state));
  view_set_text(request, out, "why",
                message->why.length ? label_of(request, "outbox.why.", message->why) : TEXT(""));
  value_set(out, "made", desk_time(request, message->made_at));
  view_set_text(request, out, "attempts", view_count(request->arena, message->attempts));
  view_set_flag(request, out, "may_decide", is_open && desk_may(request, "outbox", "write"));
  view_set_flag(request, out, "is_late", is_open);
  return out;
}

struct decision {
  struct web_request *request;
  struct web_view *view;
};

static bool decide(struct store_transaction *transaction, void *context, struct error *error)
{
  struct decision *decision = context;
  struct web_request *request = decision->request;
  bool again = text_equal(web_parameter_get(request, "decision"), TEXT("again"));
  desk_redirect(request, decision->view, "/desk/outbox");
  return outbox_decide(transaction, request->application->privacy, request->actor,
                       web_parameter_get(request, "id"), again, request->now, error);
}

static bool view_outbox(struct web_request *request, struct web_view *view, struct error *error)
{
  struct decision decision = {request, view};
  if (request->method == WEB_POST) return desk_write(request, view, decide, &decision, error);
  struct mail mail = {.request = request};
  if (!desk_read(request, load_outbox, &mail, error)) return false;
  struct value *messages = value_list(request->arena);
  for (size_t i = 0; i < mail.count; i++)
    value_add(messages, fill_message(&mail, &mail.messages[i]));
  view->page = value_object(request->arena);
  value_set(view->page, "messages", messages);
  view_set_flag(request, view->page, "has_messages", mail.count > 0);
  view->template_name = "desk/outbox";
  return true;
}

/* --- /desk/due ----------------------------------------------------------------------------- */

struct clocks {
  struct web_request *request;
  struct due_item *items;
  struct desk_clock_names names;
  size_t count;
  int64_t late;
};

static bool load_due(struct store_transaction *transaction, void *context, struct error *error)
{
  struct clocks *clocks = context;
  struct web_request *request = clocks->request;
  struct access access;
  return access_open_list(transaction, request->application->privacy, request->actor, "due", "read",
                          request->now, &access, error) &&
         care_clock_list(transaction, &access, request->arena,
                         request->now + AHEAD_HOURS * DAY / 24, DUE_ROWS, &clocks->items,
                         &clocks->count, error) &&
         care_clock_count_late(transaction, &access, request->now, &clocks->late, error) &&
         desk_clocks_name(transaction, request, clocks->items, clocks->count, &clocks->names,
                          error);
}

static bool view_due(struct web_request *request, struct web_view *view, struct error *error)
{
  struct clocks clocks = {.request = request};
  if (!desk_read(request, load_due, &clocks, error)) return false;
  struct value *late = value_list(request->arena), *next = value_list(request->arena);
  for (size_t i = 0; i < clocks.count; i++) {
    const struct due_item *item = &clocks.items[i];
    value_add(item->at <= request->now ? late : next, desk_clock(request, item, &clocks.names));
  }
  view->page = value_object(request->arena);
  value_set(view->page, "late", late);
  value_set(view->page, "next", next);
  view_set_flag(request, view->page, "has_late", value_count(late) > 0);
  view_set_flag(request, view->page, "has_next", value_count(next) > 0);
  view_set_text(request, view->page, "late_count", view_count(request->arena, clocks.late));
  view->template_name = "desk/due";
  return true;
}

const struct web_route desk_looking_routes[] = {{.methods = WEB_GET,
                                                 .pattern = "/desk/audit",
                                                 .handler = view_audit,
                                                 .guard = "audit",
                                                 .get_act = "read",
                                                 .flags = WEB_NO_PROGRAM},
                                                {.methods = WEB_POST,
                                                 .pattern = "/desk/audit/export",
                                                 .handler = view_export,
                                                 .guard = "audit",
                                                 .post_act = "export",
                                                 .flags = WEB_NO_PROGRAM},
                                                {.methods = WEB_GET | WEB_POST,
                                                 .pattern = "/desk/outbox",
                                                 .handler = view_outbox,
                                                 .guard = "outbox",
                                                 .get_act = "read",
                                                 .post_act = "write",
                                                 .flags = WEB_NO_PROGRAM},
                                                {.methods = WEB_GET,
                                                 .pattern = "/desk/due",
                                                 .handler = view_due,
                                                 .guard = "due",
                                                 .get_act = "read"},
                                                {.pattern = NULL}};
