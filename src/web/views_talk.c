/*
 * /talk: a person to talk to: the line of whoever runs the installation and its hours, the nation's
 * lines, what a call will be like, and being called back: a request with a place in the queue of
 * the site that the operator names. Nothing is kept but what the form asks for.
 */
#include <string.h>

#include "web/views_ask.h"

static const struct ask_field fields[] = {
    {"given", "ask.given", "ask.given_help", ASK_LINE, false},
    {"phone", "talk.phone", NULL, ASK_PHONE, true},
    {"when", "talk.when", NULL, ASK_ONE, false},
    {"language", "ask.language", NULL, ASK_ONE, true},
    {"consents", "talk.consents", "talk.consents_help", ASK_ANY, false},
    {"words", "ask.words", "talk.words_help", ASK_LINES, false},
};
static const char *const times[] = {"any", "morning", "afternoon", "evening"};
enum { TIMES = sizeof times / sizeof *times, WEEK = 7 };

struct talking {
  struct web_request *request;
  struct web_view *view;
  struct talk_line line;
  struct front_door door;
  bool has_door;
  struct ask_form form;
  struct front_ask ask;
};

static bool load_line(struct store_transaction *transaction, void *context, struct error *error)
{
  struct talking *talking = context;
  struct arena *arena = talking->request->arena;
  talking->has_door = false;
  return talk_line_load(transaction, arena, &talking->line, error) &&
         (!talking->line.site_id.length ||
          front_door_find(transaction, arena, FRONT_TALK, talking->line.site_id, &talking->door,
                          &talking->has_door, error));
}

/* --- The line ------------------------------------------------------------------------------- */

static struct text day_name(const struct web_request *request, int day)
{
  return view_text(request,
                   text_c(request->arena, text_format(request->arena, "talk.day.%d", day)));
}

static bool has_day(struct text days, int day)
{
  struct text word;
  while (text_word_next(&days, &word))
    if (word.at[0] - '0' == day) return true;
  return false;
}

/* "Monday to Friday, Sunday": runs of days, the week from Monday. */
static struct text days_text(const struct web_request *request, struct text days)
{
  struct text out = TEXT("");
  for (int i = 0; i < WEEK;) {
    int first = i, last;
    while (i < WEEK && has_day(days, (i + 1) % WEEK)) i++;
    if (i == first) {
      i++;
      continue;
    }
    last = i - 1;
    struct text from = day_name(request, (first + 1) % WEEK);
    struct text part = last == first ? from
                                     : VIEW_FORMAT(request, "talk.days", {"from", from},
                                                   {"to", day_name(request, (last + 1) % WEEK)});
    out = out.length ? text_format(request->arena, "%.*s, %.*s", TEXT_PRINT(out), TEXT_PRINT(part))
                     : part;
  }
  return out;
}

static struct text clock_text(const struct web_request *request, int64_t minutes)
{
  return text_format(request->arena, "%02d:%02d", (int)(minutes / 60), (int)(minutes % 60));
}

static struct text hours_text(const struct web_request *request, const struct talk_line *line)
{
  struct text days = days_text(request, line->days);
  bool is_all = text_equal(line->days, TEXT("0 1 2 3 4 5 6"));
  if (line->begins == line->ends)
    return is_all ? view_text(request, "talk.always")
                  : VIEW_FORMAT(request, "talk.whole_days", {"days", days});
  return VIEW_FORMAT(request, "talk.hours", {"days", days},
                     {"from", clock_text(request, line->begins)},
                     {"to", clock_text(request, line->ends)}, {"zone", line->zone});
}

static void fill_line(const struct talking *talking)
{
  struct web_request *request = talking->request;
  const struct talk_line *line = &talking->line;
  struct value *out = value_object(request->arena);
  if (!line->phone.length && !line->text_phone.length) return;
  bool is_open = line->days.length && talk_line_is_open(line, time_now());
  view_set_text(request, out, "name", line->name);
  value_set(out, "call", view_ask_phone(request, line->phone));
  if (line->text_phone.length)
    view_set_text(request, out, "sms",
                  text_format(request->arena, "sms:+1%.*s", TEXT_PRINT(line->text_phone)));
  view_set_text(request, out, "hours", line->days.length ? hours_text(request, line) : TEXT(""));
  view_set_flag(request, out, "open", is_open);
  view_set_flag(request, out, "closed", line->days.length && !is_open);
  value_set(talking->view->page, "line", out);
}

/* --- Being called back ------------------------------------------------------------------------ */

static void begin_form(struct talking *talking)
{
  struct web_request *request = talking->request;
  struct ask_choice *choices = arena_allocate_array(request->arena, TIMES, sizeof *choices);
  for (size_t i = 0; i < TIMES; i++) {
    struct text key = text_format(request->arena, "talk.when.%s", times[i]);
    choices[i] =
        (struct ask_choice){text_from(times[i]), view_text(request, text_c(request->arena, key))};
  }
  VIEW_ASK_BEGIN(&talking->form, request, fields);
  view_ask_choices(&talking->form, "when", choices, TIMES, choices[0].value);
  view_ask_languages(&talking->form, "language");
  view_ask_consents(&talking->form, "consents", "send call email");
  talking->form.site_id = talking->door.site_id;
  if (!view_ask_is_sent(request)) talking->form.key = view_ask_key(request, FRONT_TALK);
}

/* When to call stands before what was written, in the words that were chosen. */
static struct text words_of(const struct talking *talking)
{
  const struct ask_form *form = &talking->form;
  const struct web_request *request = talking->request;
  struct text when = view_ask_get(form, "when"), words = view_ask_get(form, "words");
  if (!when.length || text_equal(when, text_from(times[0]))) return words;
  struct text key = text_format(request->arena, "talk.when.%.*s", TEXT_PRINT(when));
  struct text said = VIEW_FORMAT(request, "talk.when_words",
                                 {"when", view_text(request, text_c(request->arena, key))});
  return words.length
             ? text_format(request->arena, "%.*s\n%.*s", TEXT_PRINT(said), TEXT_PRINT(words))
             : said;
}

static bool send(struct talking *talking, struct error *error)
{
  struct ask_form *form = &talking->form;
  struct request *request = &talking->ask.request;
  struct arena *arena = talking->request->arena;
  if (!view_ask_read(form)) {
    talking->view->status = 400;
    return true;
  }
  struct text yes = view_ask_get(form, "consents");
  *request = (struct request){
      .source = TEXT("call"),
      .urgency = talking->line.urgency,
      .level_of_care = TEXT(""),
      .pregnant = REQUEST_UNKNOWN,
      .injecting = REQUEST_UNKNOWN,
      .language = view_ask_get(form, "language"),
      .consents = text_format(arena, "call%s%.*s", yes.length ? " " : "", TEXT_PRINT(yes)),
      .words = words_of(talking)};
  for (int i = 0; i < REQUEST_FIELDS; i++)
    request->identity.at[i] = view_ask_get(form, request_field_name((enum request_field)i));
  return view_ask_send(form, &talking->ask, &talking->door, talking->view, error);
}

static bool show_form(struct talking *talking, struct error *error)
{
  struct web_request *request = talking->request;
  struct value *page = talking->view->page;
  begin_form(talking);
  value_set(page, "place", view_ask_place(request, &talking->door));
  if (view_ask_is_sent(request) && !send(talking, error)) return false;
  view_ask_fill(&talking->form, page);
  view_set_flag(request, page, "asking", value_get(page, TEXT("done")) == NULL);
  return true;
}

static bool view_talk(struct web_request *request, struct web_view *view, struct error *error)
{
  struct talking talking = {
      .request = request, .view = view, .ask = {.way = FRONT_TALK, .wants_call = true}};
  const struct web_application *application = request->application;
  bool is_kept = application->requests && application->records && application->key;
  if (is_kept && !store_read(application->store, load_line, &talking, error)) return false;
  view->page = value_object(request->arena);
  view->template_name = "talk";
  view->cache = WEB_CACHE_NONE;
  view_set_text(request, view->page, "action", TEXT("/talk"));
  view_help_lines(request, view->page);
  if (is_kept) fill_line(&talking);
  return !talking.has_door || show_form(&talking, error);
}

const struct web_route web_talk_routes[] = {
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/talk",
     .handler = view_talk,
     .body_limit = LIMIT_DOOR_BODY,
     .flags = WEB_LINES},
    {.pattern = NULL},
};
