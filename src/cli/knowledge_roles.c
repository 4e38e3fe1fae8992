/*
 * fairlead knowledge roles, routes: who may do what with which records, written from the same table
 * that decides (docs/roles.md is this output, a test holds them equal); and every route of the
 * server with what it guards, for the test that walks them as every role.
 */
#include <stdio.h>

#include "cli/knowledge_work.h"
#include "privacy/privacy.h"
#include "web/web.h"

enum { ROWS_MOST = 2048, WORDS_MOST = 64 };

struct row {
  struct text role, object, act, source;
  enum role_scope scope;
};

struct report {
  struct arena *arena;
  struct roles *roles;
  struct labels *labels;
  struct row rows[ROWS_MOST];
  size_t count;
};

static void keep_row(void *context, struct text role, struct text object, struct text act,
                     enum role_scope scope, struct text source)
{
  struct report *report = context;
  if (report->count < ROWS_MOST)
    report->rows[report->count++] = (struct row){role, object, act, source, scope};
}

/* A set of words in the order in which they came. */
struct words {
  struct text at[WORDS_MOST];
  size_t count;
};

static void add_word(struct words *words, struct text word)
{
  for (size_t i = 0; i < words->count; i++)
    if (text_equal(words->at[i], word)) return;
  if (words->count < WORDS_MOST) words->at[words->count++] = word;
}

/* --- One object ------------------------------------------------------------------------------ */

static void print_cells(const struct report *report, struct text role, struct text object,
                        const struct words *acts)
{
  printf("| %.*s |", TEXT_PRINT(role));
  for (size_t i = 0; i < acts->count; i++) {
    struct text scope = role_scope_name(roles_scope(report->roles, role, object, acts->at[i]));
    printf(" %.*s |", TEXT_PRINT(scope.length ? scope : TEXT("-")));
  }
  printf("\n");
}

static void print_table(const struct report *report, struct text object)
{
  struct words acts = {.count = 0}, roles = {.count = 0};
  for (size_t i = 0; i < report->count; i++)
    if (text_equal(report->rows[i].object, object)) {
      add_word(&acts, report->rows[i].act);
      add_word(&roles, report->rows[i].role);
    }
  printf("| role |");
  for (size_t i = 0; i < acts.count; i++)
    printf(" %.*s%s |", TEXT_PRINT(acts.at[i]),
           roles_needs_proof(report->roles, object, acts.at[i]) ? " (proof)" : "");
  printf("\n| --- |");
  for (size_t i = 0; i < acts.count; i++) printf(" --- |");
  printf("\n");
  for (size_t i = 0; i < roles.count; i++) print_cells(report, roles.at[i], object, &acts);
}

static void print_fields(const struct report *report, struct text object)
{
  struct text document = TEXT("");
  for (size_t i = 0; i < labels_field_count(report->labels); i++) {
    const struct label_field *field = labels_field(report->labels, i);
    if (!text_equal(field->object, object)) continue;
    bool is_first = !text_equal(field->document, document);
    document = field->document;
    if (is_first) printf("\n\nFields of %.*s, for who may read it: ", TEXT_PRINT(document));
    printf("%s`%.*s`", is_first ? "" : ", ", TEXT_PRINT(field->path));
    if (field->share == SHARE_NEVER) printf(" (leaves never)");
    if (field->share == SHARE_PERSON) printf(" (leaves to the person alone)");
  }
  if (document.length) printf("\n");
}

static void print_sources(const struct report *report, struct text object)
{
  struct words sources = {.count = 0};
  for (size_t i = 0; i < report->count; i++)
    if (text_equal(report->rows[i].object, object)) add_word(&sources, report->rows[i].source);
  printf("\nSources: ");
  for (size_t i = 0; i < sources.count; i++)
    printf("%s%.*s", i ? " · " : "", TEXT_PRINT(sources.at[i]));
  printf("\n");
}

/* --- The whole ------------------------------------------------------------------------------- */

static const char head[] =
    "# Roles\n"
    "\n"
    "<!-- Written by `fairlead knowledge roles > docs/roles.md`; change knowledge/roles.csv. -->\n"
    "\n"
    "Who may do what with which records. What stands in no table here is denied. The program is a\n"
    "wall: no scope reaches into another one. Scopes, from narrow to wide:\n"
    "\n"
    "- **own**: one's own record, or what one wrote oneself\n"
    "- **caseload**: people whom one looks after\n"
    "- **site**: people at the site where one works, and what belongs to the site\n"
    "- **program**: everybody in the program\n"
    "- **(proof)**: asks again for password or PIN, and the code, within five minutes\n"
    "\n"
    "A role that was given for one site reaches no further than that site. Emergency access "
    "widens\n"
    "caseload and site to one person for a time, gives no new act, and never opens what is its\n"
    "author's own. Family reaches only what a consent names, through a disclosure. `[P]`: "
    "proposed\n"
    "by us and signed by nobody yet.\n";

static bool load(struct knowledge_work *work, struct report *report, struct consent_rules **rules,
                 struct error *error)
{
  return roles_load(&report->roles, work->folder, error) &&
         consent_rules_load(rules, work->folder, error) &&
         labels_load(&report->labels, work->folder, *rules, error);
}

static void print_report(struct report *report)
{
  struct words objects = {.count = 0};
  roles_each(report->roles, keep_row, report);
  for (size_t i = 0; i < report->count; i++) add_word(&objects, report->rows[i].object);
  printf("%s", head);
  for (size_t i = 0; i < objects.count; i++) {
    printf("\n## %.*s\n", TEXT_PRINT(objects.at[i]));
    print_table(report, objects.at[i]);
    print_fields(report, objects.at[i]);
    print_sources(report, objects.at[i]);
  }
}

int knowledge_roles(struct knowledge_work *work)
{
  struct error error = {0};
  struct consent_rules *rules = NULL;
  struct report *report = arena_allocate(work->arena, sizeof *report);
  int status = EXIT_DONE;
  report->arena = work->arena;
  if (load(work, report, &rules, &error)) print_report(report);
  else status = cli_fail("knowledge", &error);
  labels_free(report->labels);
  consent_rules_free(rules);
  roles_free(report->roles);
  return status;
}

/* --- Routes ---------------------------------------------------------------------------------- */

static struct value *route_value(struct arena *arena, const struct web_route *route)
{
  struct value *out = value_object(arena), *methods = value_list(arena);
  if (route->methods & WEB_GET) value_add(methods, value_text(arena, TEXT("GET")));
  if (route->methods & WEB_POST) value_add(methods, value_text(arena, TEXT("POST")));
  value_set(out, "methods", methods);
  value_set(out, "pattern", value_text(arena, text_from(route->pattern)));
  value_set(out, "guard", value_text(arena, text_from(route->guard)));
  value_set(out, "get_act", value_text(arena, text_from(route->get_act)));
  value_set(out, "post_act", value_text(arena, text_from(route->post_act)));
  value_set(out, "open", value_boolean(arena, (route->flags & WEB_OPEN) != 0));
  value_set(out, "step", value_boolean(arena, (route->flags & WEB_STEP) != 0));
  value_set(out, "no_program", value_boolean(arena, (route->flags & WEB_NO_PROGRAM) != 0));
  return out;
}

int knowledge_routes(struct knowledge_work *work)
{
  struct value *document = value_object(work->arena), *routes = value_list(work->arena);
  for (const struct web_route *const *table = web_all_routes; *table; table++)
    for (const struct web_route *route = *table; route->pattern; route++) {
      value_add(routes, route_value(work->arena, route));
      if (knowledge_is_json(work)) continue;
      printf("%-8s %-40s %s%s%s%s%s%s%s\n",
             route->methods & WEB_POST ? (route->methods & WEB_GET ? "GET POST" : "POST") : "GET",
             route->pattern, route->guard ? route->guard : "", route->get_act ? " " : "",
             route->get_act ? route->get_act : "", route->post_act ? " " : "",
             route->post_act ? route->post_act : "", route->flags & WEB_OPEN ? "open" : "",
             route->flags & WEB_STEP ? "while signing in" : "");
    }
  value_set(document, "routes", routes);
  if (knowledge_is_json(work)) knowledge_print_json(document);
  return EXIT_DONE;
}
