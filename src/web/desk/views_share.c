/*
 * /desk/people/{id}/share: make a disclosure: to whom, why, which parts; a look at what would leave
 * and why each thing is kept back; then it leaves, to print or as a file, through disclose().
 * Threads: all state is the request's.
 */
#include "web/desk/about.h"

static const struct desk_field fields[] = {
    {.name = "recipient",
     .label = "share.recipient",
     .help = "share.recipient_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_FOCUS},
    {.name = "class", .label = "share.class", .help = "share.class_help", .kind = DESK_CHOICE},
    {.name = "purpose", .label = "share.purpose", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "parts", .label = "share.parts", .kind = DESK_CHOICES, .flags = DESK_REQUIRED},
    {.name = "language", .label = "share.language", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
};

struct sharing {
  struct web_request *request;
  struct desk_about about;
  struct desk_form *form;
  struct disclose_request wanted;
  struct disclose_preview preview;
  struct disclosed disclosed;
};

static bool open_sharing(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sharing *sharing = context;
  return desk_about_open(transaction, sharing->request, "disclosure", "write", &sharing->about,
                         error);
}

static void offer(struct sharing *sharing)
{
  static const char *const parts[] = {"person", "episode", "delivered-day", "delivered-service",
                                      "fact"};
  enum { PARTS = sizeof parts / sizeof *parts };
  struct web_request *request = sharing->request;
  const struct consent_rules *rules = request->application->privacy->consent_rules;
  size_t language = request->language, count = 0;
  struct desk_choice *purposes =
      arena_allocate_array(request->arena, rules->purpose_count + 1, sizeof *purposes);
  struct desk_choice *classes =
      arena_allocate_array(request->arena, rules->class_count + 1, sizeof *classes);
  struct desk_choice *documents = arena_allocate_array(request->arena, PARTS, sizeof *documents);
  struct desk_choice *languages = arena_allocate_array(request->arena, 2, sizeof *languages);
  for (size_t i = 0; i < rules->purpose_count; i++)
    purposes[count++] =
        (struct desk_choice){rules->purposes[i].code, rules->purposes[i].label[language]};
  desk_form_choices(sharing->form, "purpose", purposes, count);
  for (size_t i = 0; i < rules->class_count; i++)
    classes[i] = (struct desk_choice){rules->classes[i].name, rules->classes[i].label[language]};
  desk_form_choices(sharing->form, "class", classes, rules->class_count);
  for (size_t i = 0; i < PARTS; i++) {
    struct text key = text_format(request->arena, "document.%s", parts[i]);
    documents[i] =
        (struct desk_choice){text_from(parts[i]), view_text(request, text_c(request->arena, key))};
  }
  desk_form_choices(sharing->form, "parts", documents, PARTS);
  languages[0] = (struct desk_choice){TEXT("en"), view_text(request, "consents.english")};
  languages[1] = (struct desk_choice){TEXT("es"), view_text(request, "consents.spanish")};
  desk_form_choices(sharing->form, "language", languages, 2);
}

/* What is asked for, with the parts that were ticked of the record. */
static bool read_wanted(struct store_transaction *transaction, struct sharing *sharing,
                        struct error *error)
{
  struct desk_form *form = sharing->form;
  const struct value *record, *item;
  struct value *content = value_object(sharing->request->arena);
  struct text name;
  if (!open_sharing(transaction, sharing, error) ||
      !desk_about_record(transaction, &sharing->about, &record, error))
    return false;
  for (size_t i = 0; value_member(record, i, &name, &item); i++)
    if (desk_form_has(form, "parts", name)) value_append(content, name, item);
  sharing->wanted =
      (struct disclose_request){.document = TEXT("record"),
                                .content = content,
                                .person_id = sharing->about.person.id,
                                .recipient = {.name = desk_form_get(form, "recipient"),
                                              .class_name = desk_form_get(form, "class")},
                                .purpose_code = desk_form_get(form, "purpose"),
                                .basis = TEXT("consent"),
                                .language = desk_form_get(form, "language")};
  return true;
}

static bool look(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sharing *sharing = context;
  struct consent *consents;
  size_t count;
  if (!read_wanted(transaction, sharing, error) ||
      !consent_list(transaction, &sharing->about.access, sharing->request->arena, &consents, &count,
                    error))
    return false;
  disclose_preview(sharing->request->application->privacy, sharing->request->arena, consents, count,
                   &sharing->wanted, sharing->request->now, &sharing->preview);
  return true;
}

static bool send_out(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sharing *sharing = context;
  if (!read_wanted(transaction, sharing, error)) return false;
  if (disclose(transaction, &sharing->about.access, sharing->request->arena, &sharing->wanted,
               &sharing->disclosed, error))
    return true;
  disclose_deny(sharing->request->actor, &sharing->about.access);
  return false;
}

static struct value *fill_shown(struct web_request *request, const struct disclose_shown *shown)
{
  struct value *row = value_object(request->arena);
  struct text document = text_format(request->arena, "document.%.*s", TEXT_PRINT(shown->document));
  size_t from = shown->path.length;
  while (from > 0 && shown->path.at[from - 1] != '.') from--;
  struct text name = text_slice(shown->path, from, shown->path.length);
  name = text_slice(name, 0, text_find(name, TEXT("[")));
  struct text key = text_format(request->arena, "record.field.%.*s", TEXT_PRINT(name));
  struct text label = catalog_find(request->application->catalog, request->language, key);
  struct text title = catalog_find(request->application->catalog, request->language, document);
  view_set_text(request, row, "document", title.at ? title : shown->document);
  view_set_text(request, row, "field", label.at ? label : name);
  view_set_text(request, row, "why", view_text(request, disclose_why_key(shown->why)));
  view_set_text(request, row, "times", view_count(request->arena, (int64_t)shown->times));
  view_set_flag(request, row, "leaves", shown->why == WHY_GIVEN);
  return row;
}

static bool show(struct sharing *sharing, struct web_view *view)
{
  struct web_request *request = sharing->request;
  struct value *rows = value_list(request->arena);
  view->page = value_object(request->arena);
  desk_about_fill(&sharing->about, view->page);
  for (size_t i = 0; i < sharing->preview.shown_count; i++)
    value_add(rows, fill_shown(request, &sharing->preview.shown[i]));
  value_set(view->page, "rows", rows);
  view_set_flag(request, view->page, "has_rows", sharing->preview.shown_count > 0);
  view_set_flag(request, view->page, "may_leave", sharing->preview.content != NULL);
  return desk_form_show(sharing->form, view, "desk/share");
}

static bool view_share(struct web_request *request, struct web_view *view, struct error *error)
{
  struct desk_form form;
  struct sharing sharing = {.request = request, .form = &form};
  struct text act = web_parameter_get(request, "act");
  DESK_FORM_INIT(&form, request, fields);
  offer(&sharing);
  desk_form_set(&form, "language", request->application->languages[request->language]);
  bool is_read = request->method == WEB_POST && desk_form_read(&form);
  if (!is_read) {
    if (!desk_read(request, open_sharing, &sharing, error)) return false;
    return show(&sharing, view);
  }
  bool is_file = text_equal(act, TEXT("file"));
  if (is_file || text_equal(act, TEXT("print")))
    return desk_read(request, send_out, &sharing, error) &&
           desk_leave(request, view, &sharing.disclosed, is_file ? DESK_FILE : DESK_PRINT);
  return desk_read(request, look, &sharing, error) && show(&sharing, view);
}

const struct web_route desk_share_routes[] = {{.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/people/{id}/share",
                                               .handler = view_share,
                                               .guard = "disclosure",
                                               .get_act = "write",
                                               .post_act = "write"},
                                              {.pattern = NULL}};
