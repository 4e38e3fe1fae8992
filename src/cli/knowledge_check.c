/*
 * fairlead knowledge check: load everything of the share folder that is knowledge or text, and
 * print what was looked at with counts; every problem is a line "file:line: what. mend." on
 * standard error.
 */
#include <stdio.h>
#include <string.h>

#include "admission/admission.h"
#include "assessment/assessment.h"
#include "cli/knowledge_work.h"
#include "coverage/coverage.h"
#include "directory/needs_check.h"
#include "directory/needs_expression.h"
#include "directory/notes.h"
#include "privacy/privacy.h"
#include "web/web.h"

struct check {
  struct knowledge_work *work;
  struct value *problems, *checked, *notes;
  struct care_proof proof;
  size_t count; /* problems so far */
};

static void keep_problem(void *context, const struct knowledge_problem *problem)
{
  struct check *check = context;
  struct arena *arena = check->work->arena;
  struct value *out = value_object(arena);
  value_set(out, "file", value_text(arena, text_copy(arena, text_from(problem->file))));
  value_set(out, "line", value_integer(arena, problem->line));
  value_set(out, "what", value_text(arena, text_copy(arena, text_from(problem->what))));
  value_set(out, "mend", value_text(arena, text_copy(arena, text_from(problem->mend))));
  value_add(check->problems, out);
  check->count++;
  if (knowledge_is_json(check->work)) return;
  fprintf(stderr, "%s:%lld: %s. %s.\n", problem->file, (long long)problem->line, problem->what,
          problem->mend);
}

/* An error of a loader that stops at the first: its text begins with the file when it knows it. */
static void keep_error(struct check *check, const char *file, struct error *error)
{
  struct text hint = text_trim(text_from(error->hint));
  if (text_ends_with(hint, TEXT("."))) error->hint[hint.length - 1] = 0;
  keep_problem(check, &(struct knowledge_problem){file, 0, error->log, error->hint});
}

static void count_checked(struct check *check, const char *what, size_t count)
{
  struct value *row = value_object(check->work->arena);
  value_set(row, "what", knowledge_text(check->work, text_from(what)));
  value_set(row, "count", value_integer(check->work->arena, (int64_t)count));
  value_add(check->checked, row);
}

static size_t count_expressions(const struct needs *needs)
{
  return needs_count(needs) + signs_count(needs);
}

static void check_needs(struct check *check)
{
  struct knowledge_work *work = check->work;
  needs_load_reporting(&work->needs, work->folder, keep_problem, check);
  if (!work->needs) return;
  needs_check(work->needs, work->folder, keep_problem, check);
  count_checked(check, "service codes", codes_count(work->needs));
  count_checked(check, "service categories", categories_count(work->needs));
  count_checked(check, "labels of the listings", labels_count(work->needs));
  count_checked(check, "need groups", needs_group_count(work->needs));
  count_checked(check, "needs", needs_count(work->needs));
  count_checked(check, "signs of quality", signs_count(work->needs));
  count_checked(check, "expressions", count_expressions(work->needs));
  count_checked(check, "synonyms", synonyms_count(work->needs));
  count_checked(check, "help lines", help_lines_count(work->needs));
}

static void check_notes(struct check *check)
{
  struct error error = {0};
  struct notes *notes = NULL;
  if (!check->work->needs) return;
  if (!notes_load(&notes, check->work->folder, check->work->needs, &error)) {
    keep_error(check, "cautions.csv, highlights.csv", &error);
    return;
  }
  count_checked(check, "cautions", cautions_count(notes));
  count_checked(check, "highlights", highlights_count(notes));
  notes_free(notes);
}

static void check_instruments(struct check *check)
{
  size_t items = 0, bands = 0;
  instruments_load_reporting(&check->work->instruments, check->work->folder, keep_problem, check);
  const struct instruments *instruments = check->work->instruments;
  if (!instruments) return;
  for (size_t i = 0; i < instruments_count(instruments); i++) {
    const struct instrument *instrument = instruments_get(instruments, i);
    items += instrument->item_count;
    for (size_t j = 0; j < instrument->band_set_count; j++)
      bands += instrument->band_sets[j].band_count;
  }
  count_checked(check, "instruments", instruments_count(instruments));
  count_checked(check, "items of instruments", items);
  count_checked(check, "bands of instruments", bands);
}

/* A problem, or a note, of the proof. */
static void keep_proof(void *context, const struct care_problem *problem)
{
  struct check *check = context;
  struct arena *arena = check->work->arena;
  if (!problem->is_note) {
    keep_problem(check, &(struct knowledge_problem){"level-of-care.md", problem->line,
                                                    problem->what, problem->mend});
    return;
  }
  struct text note = text_format(arena, "level-of-care.md:%lld: %s. %s.", (long long)problem->line,
                                 problem->what, problem->mend);
  value_add(check->notes, value_text(arena, note));
  if (!knowledge_is_json(check->work)) fprintf(stderr, "%.*s (note)\n", TEXT_PRINT(note));
}

/* A scale may only give facts that the table knows. */
static void check_given_fact(void *context, const struct instrument *instrument, struct text fact)
{
  struct check *check = context;
  size_t index;
  if (facts_find(check->work->care, fact, &index)) return;
  struct text what =
      text_format(check->work->arena, "%.*s gives the fact '%.*s', which the table does not know",
                  TEXT_PRINT(instrument->id), TEXT_PRINT(fact));
  keep_problem(check, &(struct knowledge_problem){"instrument-facts.csv", 0,
                                                  text_c(check->work->arena, what),
                                                  "use a fact of level-of-care.md"});
}

/* Load the level-of-care table in both languages, and prove it. */
static void check_care(struct check *check)
{
  struct knowledge_work *work = check->work;
  size_t rules[3] = {0};
  if (!work->needs) return;
  level_of_care_load_reporting(&work->care, work->folder, work->needs, keep_problem, check);
  if (!work->care) return;
  if (work->instruments) instruments_each_fact(work->instruments, check_given_fact, check);
  for (size_t i = 0; i < rules_count(work->care); i++) rules[rules_get(work->care, i)->kind]++;
  care_prove(work->care, work->arena, keep_proof, check, &check->proof);
  count_checked(check, "facts", facts_count(work->care));
  count_checked(check, "levels of care", levels_count(work->care));
  count_checked(check, "stop rules", rules[RULE_STOP]);
  count_checked(check, "need rules", rules[RULE_NEED]);
  count_checked(check, "cells proved", (size_t)check->proof.cells);
  count_checked(check, "joins proved", (size_t)check->proof.combinations);
  count_checked(check, "steps proved", (size_t)check->proof.comparisons);
}

static void check_articles(struct check *check)
{
  const struct knowledge_work *work = check->work;
  size_t count;
  if (!work->needs) return;
  if (web_articles_check(work->share, work->needs, web_all_routes, keep_problem, check, &count) ==
      0)
    count_checked(check, "articles", count);
}

/* What each kind of care is like; it needs the table, whose own problems are told elsewhere. */
static void check_settings(struct check *check)
{
  const struct knowledge_work *work = check->work;
  struct care_settings *settings = NULL;
  struct error error = {0};
  if (!work->care) return;
  if (care_settings_load(&settings, work->folder, work->care, &error))
    count_checked(check, "notes on kinds of care", care_notes_count(settings));
  else keep_error(check, "care-settings.csv", &error);
  care_settings_free(settings);
}

/* The interview; it needs table and instruments, whose own problems are told elsewhere. */
static void check_interview(struct check *check)
{
  const struct knowledge_work *work = check->work;
  struct interview *interview = NULL;
  struct error error = {0};
  if (!work->care || !work->instruments) return;
  if (interview_load(&interview, work->folder, work->care, work->instruments, &error))
    count_checked(check, "questions of the interview", questions_count(interview));
  else keep_error(check, "interview.md", &error);
  interview_free(interview);
}

static void count_row(void *context, struct text role, struct text object, struct text act,
                      enum role_scope scope, struct text source)
{
  (void)role, (void)object, (void)act, (void)scope, (void)source;
  ++*(size_t *)context;
}

static void check_roles(struct check *check)
{
  struct error error = {0};
  struct roles *roles = NULL;
  size_t count = 0;
  if (!roles_load(&roles, check->work->folder, &error)) {
    keep_error(check, "roles.csv", &error);
    return;
  }
  roles_each(roles, count_row, &count);
  roles_free(roles);
  count_checked(check, "permissions of roles", count);
  if (sign_in_check_file(check->work->folder, &error)) count_checked(check, "rules of sign-in", 1);
  else keep_error(check, "sign-in.csv", &error);
}

/* What the law asks of consents, what may leave, the notices. */
static void check_consents(struct check *check)
{
  struct error error = {0};
  struct consent_rules *rules = NULL;
  struct labels *labels = NULL;
  struct notices *notices = NULL;
  if (!consent_rules_load(&rules, check->work->folder, &error)) {
    keep_error(check, "consent-kinds.csv and its neighbours", &error);
    return;
  }
  count_checked(check, "kinds of consent", rules->kind_count);
  count_checked(check, "elements of consents", rules->element_count);
  count_checked(check, "bases of disclosure", rules->basis_count);
  if (labels_load(&labels, check->work->folder, rules, &error))
    count_checked(check, "fields with labels", labels_field_count(labels));
  else keep_error(check, "labels.csv", &error);
  if (!notices_load(&notices, check->work->folder, &error))
    keep_error(check, "notices.csv", &error);
  notices_free(notices);
  labels_free(labels);
  consent_rules_free(rules);
}

static void count_coverage(void *context, const char *what, size_t count)
{
  count_checked(context, what, count);
}

/* What pays for care: guidelines, fees, and the law about plans. */
static void check_coverage(struct check *check)
{
  struct coverage_rules *rules = NULL;
  if (coverage_rules_load_reporting(&rules, check->work->folder, keep_problem, check) == 0)
    coverage_rules_each_count(rules, count_coverage, check);
  coverage_rules_free(rules);
}

/* Requests, the order and clocks of waiting lists; after the texts, which hold their words. */
static void check_requests(struct check *check)
{
  struct error error = {0};
  struct request_rules *rules = NULL;
  if (!request_rules_load(&rules, check->work->folder, check->work->catalog, &error)) {
    keep_error(check, "waitlist-order.csv and its neighbours", &error);
    return;
  }
  count_checked(check, "rules of requests", request_rules_rows(rules));
  request_rules_free(rules);
}

/* What an intake asks, what cannot stay, what to bring. With the words, which are loaded before. */
static void check_intake(struct check *check)
{
  struct intake_rules *rules = NULL;
  if (!check->work->catalog) return;
  if (intake_rules_load_reporting(&rules, check->work->folder, check->work->catalog, keep_problem,
                                  check) == 0)
    intake_rules_each_count(rules, count_coverage, check);
  intake_rules_free(rules);
}

static void check_sources(struct check *check)
{
  struct error error = {0};
  struct import_source *sources;
  size_t count;
  if (!import_sources(check->work->arena, check->work->folder, &sources, &count, &error)) {
    keep_error(check, "sources.csv", &error);
    return;
  }
  count_checked(check, "sources of directories", count);
}

static void check_places(struct check *check)
{
  struct error error = {0};
  struct places *places;
  const char *path = file_join(check->work->arena, check->work->share, "places.tsv");
  if (check->work->is_copy && !file_exists(path)) return; /* the build makes it */
  if (!places_load(&places, path, &error)) {
    keep_error(check, "places.tsv", &error);
    return;
  }
  places_free(places);
  count_checked(check, "lists of places", 1);
}

/* Every other CSV file must at least be a table whose columns have names. */
struct count_files {
  struct check *check;
  const char *folder;
  size_t files;
};

static bool check_table(void *context, struct text path, struct error *error)
{
  struct count_files *files = context;
  struct arena *arena = files->check->work->arena;
  if (!text_ends_with(path, TEXT(".csv"))) return true;
  struct text document;
  struct table table;
  const char *name = text_c(arena, path);
  files->files++;
  if (!file_read(arena, file_join(arena, files->folder, name), LIMIT_KNOWLEDGE_FILE, &document,
                 error) ||
      !table_read_csv(arena, document, &table, error)) {
    keep_error(files->check, name, error);
    error_clear(error);
  }
  return true;
}

static void check_tables(struct check *check)
{
  struct error error = {0};
  struct count_files files = {check, check->work->folder, 0};
  if (!file_walk(files.folder, check_table, &files, &error))
    keep_error(check, check->work->folder, &error);
  count_checked(check, "CSV files", files.files);
}

/* Messages in every language, then the templates once for each. */
static void check_texts(struct check *check)
{
  struct knowledge_work *work = check->work;
  struct error error = {0};
  if (!catalog_load(&work->catalog, file_join(work->arena, work->share, "locale"), &error)) {
    keep_error(check, "locale", &error);
    return;
  }
  size_t languages = catalog_language_count(work->catalog), sets = 0;
  for (size_t i = 0; i < languages; i++) {
    struct template_set *set = NULL;
    if (template_set_load(&set, file_join(work->arena, work->share, "pages"), work->catalog, i,
                          &error))
      sets++;
    else keep_error(check, "pages", &error);
    template_set_free(set);
  }
  count_checked(check, "languages of messages", languages);
  count_checked(check, "languages of pages", sets);
}

static void print_checked(const struct check *check)
{
  for (size_t i = 0; i < value_count(check->checked); i++) {
    const struct value *row = value_item(check->checked, i);
    struct text what = value_text_get(value_get(row, TEXT("what")));
    struct text count = value_text_get(value_get(row, TEXT("count")));
    printf("%-24.*s %8.*s\n", TEXT_PRINT(what), TEXT_PRINT(count));
  }
  if (check->work->care) printf("%-24s %8.2f\n", "seconds of the proof", check->proof.seconds);
  printf("%-24s %8zu\n", "problems", check->count);
}

int knowledge_check(struct knowledge_work *work)
{
  struct check check = {.work = work,
                        .problems = value_list(work->arena),
                        .checked = value_list(work->arena),
                        .notes = value_list(work->arena)};
  check_tables(&check);
  check_needs(&check);
  check_notes(&check);
  check_articles(&check);
  check_instruments(&check);
  check_care(&check);
  check_settings(&check);
  check_interview(&check);
  check_roles(&check);
  check_consents(&check);
  check_coverage(&check);
  check_sources(&check);
  check_places(&check);
  check_texts(&check);
  check_requests(&check);
  check_intake(&check);
  if (knowledge_is_json(work)) {
    struct value *document = value_object(work->arena);
    value_set(document, "checked", check.checked);
    value_set(document, "problems", check.problems);
    value_set(document, "notes", check.notes);
    value_set(document, "proof_seconds", value_decimal(work->arena, check.proof.seconds, 3));
    knowledge_print_json(document);
  } else {
    print_checked(&check);
  }
  return check.count ? EXIT_REFUSED : EXIT_DONE;
}
