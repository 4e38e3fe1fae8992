/*
 * fairlead knowledge: check, list and show what the program believes.
 *
 * check loads everything of the share folder that is knowledge or text, and prints what was looked
 * at with counts; every problem is a line "file:line: what. mend." on standard error.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/knowledge_show.h"
#include "directory/directory.h"
#include "directory/needs_check.h"
#include "directory/needs_expression.h"
#include "directory/notes.h"
#include "web/web.h"

static const struct cli_option options[] = {
    {"folder", "DIR", "the folder with knowledge/, locale/ and pages/ (default: the installed one)",
     false},
    CLI_OPTION_JSON,
    CLI_OPTION_END};

static const struct cli_command command = {
    "knowledge", "check | list | show NAME", "Check, list and show what the program believes.",
    "  check            load every file, test every expression, label and synonym, and prove the\n"
    "                   level-of-care table; status 1 with each problem on a line\n"
    "  list             files with their rows and SHA-256\n"
    "  show NAME        a need, service code, category, sign of quality or instrument in full;\n"
    "                   level-of-care, or a rule, fact or level of that table\n",
    options};

/* What one call works with; everything lives in the arena or is freed by work_fini(). */
struct work {
  struct cli_arguments arguments;
  struct arena *arena;
  char *share, *folder; /* the share folder and its knowledge/ */
  bool is_copy;         /* the folder was named: it may lack what the build makes */
  struct needs *needs;
  struct catalog *catalog;
  struct instruments *instruments;
  struct level_of_care *care;
};

static void work_fini(struct work *work)
{
  level_of_care_free(work->care);
  instruments_free(work->instruments);
  catalog_free(work->catalog);
  needs_free(work->needs);
  arena_free(work->arena);
}

static bool is_json(const struct work *work)
{
  return cli_has(&work->arguments, "json");
}

static void print_json(const struct value *document)
{
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_KNOWLEDGE_ARENA);
  json_write_pretty(document, &out);
  fwrite(out.at, 1, out.length, stdout);
  text_buffer_fini(&out);
}

static struct value *text_value(struct work *work, struct text t)
{
  return value_text(work->arena, t);
}

/* {"en": …, "es": …} in the catalog's order of languages. */
static struct value *languages_value(struct work *work, const struct text texts[NEED_LANGUAGES])
{
  static const char *const codes[NEED_LANGUAGES] = {"en", "es"};
  struct value *out = value_object(work->arena);
  for (size_t i = 0; i < NEED_LANGUAGES; i++) value_set(out, codes[i], text_value(work, texts[i]));
  return out;
}

/* --- check ---------------------------------------------------------------------------------- */

struct check {
  struct work *work;
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
  if (is_json(check->work)) return;
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
  value_set(row, "what", text_value(check->work, text_from(what)));
  value_set(row, "count", value_integer(check->work->arena, (int64_t)count));
  value_add(check->checked, row);
}

static size_t count_expressions(const struct needs *needs)
{
  return needs_count(needs) + signs_count(needs);
}

static void check_needs(struct check *check)
{
  struct work *work = check->work;
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
  if (!is_json(check->work)) fprintf(stderr, "%.*s (note)\n", TEXT_PRINT(note));
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
  struct work *work = check->work;
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
  const struct work *work = check->work;
  size_t count;
  if (!work->needs) return;
  if (web_articles_check(work->share, work->needs, web_all_routes, keep_problem, check, &count) ==
      0)
    count_checked(check, "articles", count);
}

/* What each kind of care is like; it needs the table, whose own problems are told elsewhere. */
static void check_settings(struct check *check)
{
  const struct work *work = check->work;
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
  const struct work *work = check->work;
  struct interview *interview = NULL;
  struct error error = {0};
  if (!work->care || !work->instruments) return;
  if (interview_load(&interview, work->folder, work->care, work->instruments, &error))
    count_checked(check, "questions of the interview", questions_count(interview));
  else keep_error(check, "interview.md", &error);
  interview_free(interview);
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
  struct work *work = check->work;
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

static int run_check(struct work *work)
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
  check_sources(&check);
  check_places(&check);
  check_texts(&check);
  if (is_json(work)) {
    struct value *document = value_object(work->arena);
    value_set(document, "checked", check.checked);
    value_set(document, "problems", check.problems);
    value_set(document, "notes", check.notes);
    value_set(document, "proof_seconds", value_decimal(work->arena, check.proof.seconds, 3));
    print_json(document);
  } else {
    print_checked(&check);
  }
  return check.count ? EXIT_REFUSED : EXIT_DONE;
}

/* --- list ----------------------------------------------------------------------------------- */

struct listing {
  struct work *work;
  struct value *files;
};

static struct text sha256(struct arena *arena, struct text content)
{
  unsigned char hash[crypto_hash_sha256_BYTES];
  char *hexadecimal = arena_allocate(arena, 2 * sizeof hash + 1);
  crypto_hash_sha256(hash, (const unsigned char *)content.at, content.length);
  sodium_bin2hex(hexadecimal, 2 * sizeof hash + 1, hash, sizeof hash);
  return text_from(hexadecimal);
}

/* Rows of all pipe tables of a document. */
static size_t count_pipe_rows(struct arena *arena, struct text document)
{
  struct text heading = TEXT("");
  struct table table;
  size_t offset = 0, rows = 0;
  while (table_read_pipe(arena, document, &offset, &heading, &table, NULL)) rows += table.row_count;
  return rows;
}

static bool list_file(void *context, struct text path, struct error *error)
{
  struct listing *listing = context;
  struct arena *arena = listing->work->arena;
  struct text content;
  struct table table = {0};
  const char *full = file_join(arena, listing->work->folder, text_c(arena, path));
  if (!file_read(arena, full, LIMIT_KNOWLEDGE_FILE, &content, error)) return false;
  bool is_table = text_ends_with(path, TEXT(".csv"));
  if (is_table && !table_read_csv(arena, content, &table, error))
    return error_add_context(error, "%.*s", TEXT_PRINT(path));
  struct value *file = value_object(arena);
  value_set(file, "file", value_text(arena, text_copy(arena, path)));
  size_t rows =
      text_ends_with(path, TEXT(".md")) ? count_pipe_rows(arena, content) : table.row_count;
  value_set(file, "rows",
            is_table || rows ? value_integer(arena, (int64_t)rows) : value_null(arena));
  value_set(file, "sha256", value_text(arena, sha256(arena, content)));
  value_add(listing->files, file);
  return true;
}

static int run_list(struct work *work)
{
  struct error error = {0};
  struct listing listing = {work, value_list(work->arena)};
  if (!file_walk(work->folder, list_file, &listing, &error)) return cli_fail("knowledge", &error);
  if (is_json(work)) {
    struct value *document = value_object(work->arena);
    value_set(document, "files", listing.files);
    print_json(document);
    return EXIT_DONE;
  }
  for (size_t i = 0; i < value_count(listing.files); i++) {
    const struct value *file = value_item(listing.files, i);
    printf("%-28.*s %6.*s  %.*s\n", TEXT_PRINT(value_text_get(value_get(file, TEXT("file")))),
           TEXT_PRINT(value_text_get(value_get(file, TEXT("rows")))),
           TEXT_PRINT(value_text_get(value_get(file, TEXT("sha256")))));
  }
  return EXIT_DONE;
}

/* --- show ----------------------------------------------------------------------------------- */

static void set_expression(struct work *work, struct value *out, struct text expression)
{
  struct text words[NEED_LANGUAGES];
  for (size_t i = 0; i < NEED_LANGUAGES; i++)
    words[i] = needs_expression_words(work->needs, work->catalog, i, work->arena, expression);
  value_set(out, "expression", text_value(work, expression));
  value_set(out, "in_words", languages_value(work, words));
}

static struct value *need_value(struct work *work, size_t index)
{
  const struct need *need = needs_get(work->needs, index);
  const struct need_group *group = needs_group_get(work->needs, need->group);
  struct value *out = value_object(work->arena), *synonyms = value_list(work->arena);
  value_set(out, "need", text_value(work, need->name));
  value_set(out, "group", text_value(work, group->name));
  value_set(out, "match", text_value(work, group->any ? TEXT("any") : TEXT("all")));
  value_set(out, "label", languages_value(work, need->label));
  value_set(out, "explanation", languages_value(work, need->explanation));
  set_expression(work, out, need->expression);
  for (size_t i = 0; i < synonyms_count(work->needs); i++) {
    const struct synonym *synonym = synonyms_get(work->needs, i);
    if (synonym->need == index) value_add(synonyms, text_value(work, synonym->phrase));
  }
  value_set(out, "synonyms", synonyms);
  value_set(out, "source", text_value(work, TEXT("knowledge/needs.csv")));
  return out;
}

static struct value *sign_value(struct work *work, size_t index)
{
  const struct sign *sign = signs_get(work->needs, index);
  struct value *out = value_object(work->arena);
  value_set(out, "sign", text_value(work, sign->name));
  value_set(out, "label", languages_value(work, sign->label));
  set_expression(work, out, sign->expression);
  value_set(out, "source", text_value(work, sign->source));
  value_set(out, "grade", text_value(work, sign->grade));
  return out;
}

/* Does the expression name the code? */
static bool names_code(struct text expression, struct text code)
{
  size_t offset = 0;
  struct expression_token token;
  do {
    token = expression_token_next(expression, &offset);
    if (token.kind == TOKEN_CODE && text_equal(token.text, code)) return true;
  } while (token.kind != TOKEN_END);
  return false;
}

static struct value *code_value(struct work *work, size_t index)
{
  const struct service_code *code = codes_get(work->needs, index);
  struct value *out = value_object(work->arena), *directories = value_list(work->arena);
  struct value *needs = value_list(work->arena), *signs = value_list(work->arena);
  if (code->substance_use) value_add(directories, text_value(work, TEXT("su")));
  if (code->mental_health) value_add(directories, text_value(work, TEXT("mh")));
  for (size_t i = 0; i < needs_count(work->needs); i++)
    if (names_code(needs_get(work->needs, i)->expression, code->code))
      value_add(needs, text_value(work, needs_get(work->needs, i)->name));
  for (size_t i = 0; i < signs_count(work->needs); i++)
    if (names_code(signs_get(work->needs, i)->expression, code->code))
      value_add(signs, text_value(work, signs_get(work->needs, i)->name));
  value_set(out, "code", text_value(work, code->code));
  value_set(out, "category", text_value(work, code->category));
  value_set(out, "official_label", text_value(work, code->official_label));
  value_set(out, "label", languages_value(work, code->label));
  value_set(out, "directories", directories);
  value_set(out, "retired", value_boolean(work->arena, code->retired));
  value_set(out, "needs", needs);
  value_set(out, "signs", signs);
  value_set(out, "source",
            text_value(work, TEXT("SAMHSA National Directory, service code "
                                  "reference; knowledge/service-codes.csv")));
  return out;
}

static struct value *category_value(struct work *work, size_t index)
{
  const struct service_category *category = categories_get(work->needs, index);
  struct value *out = value_object(work->arena), *codes = value_list(work->arena);
  for (size_t i = 0; i < codes_count(work->needs); i++)
    if (text_equal(codes_get(work->needs, i)->category, category->category))
      value_add(codes, text_value(work, codes_get(work->needs, i)->code));
  value_set(out, "category", text_value(work, category->category));
  value_set(out, "official_label", text_value(work, category->official_label));
  value_set(out, "label", languages_value(work, category->label));
  value_set(out, "codes", codes);
  return out;
}

static bool find_sign(const struct needs *needs, struct text name, size_t *out)
{
  for (size_t i = 0; i < signs_count(needs); i++) {
    if (!text_equal(signs_get(needs, i)->name, name)) continue;
    *out = i;
    return true;
  }
  return false;
}

/* A member's text; lists with commas between, languages on lines of their own. */
static void print_member(struct text key, const struct value *value)
{
  if (value_kind_get(value) == VALUE_OBJECT) {
    struct text language;
    const struct value *item;
    for (size_t i = 0; value_member(value, i, &language, &item); i++)
      printf("  %.*s (%.*s)%*s%.*s\n", TEXT_PRINT(key), TEXT_PRINT(language),
             key.length < 14 ? (int)(14 - key.length) : 1, "", TEXT_PRINT(value_text_get(item)));
    return;
  }
  printf("  %-18.*s ", TEXT_PRINT(key));
  if (value_kind_get(value) == VALUE_LIST) {
    for (size_t i = 0; i < value_count(value); i++)
      printf("%s%.*s", i ? ", " : "", TEXT_PRINT(value_text_get(value_item(value, i))));
  } else if (value_kind_get(value) == VALUE_TRUE || value_kind_get(value) == VALUE_FALSE) {
    printf("%s", value_kind_get(value) == VALUE_TRUE ? "yes" : "no");
  } else {
    printf("%.*s", TEXT_PRINT(value_text_get(value)));
  }
  printf("\n");
}

static void print_found(const struct value *found)
{
  struct text key;
  const struct value *item;
  for (size_t i = 0; i < value_count(found); i++) {
    const struct value *one = value_item(found, i);
    for (size_t member = 0; value_member(one, member, &key, &item); member++) {
      if (member == 0) printf("%.*s %.*s\n", TEXT_PRINT(key), TEXT_PRINT(value_text_get(item)));
      else print_member(key, item);
    }
  }
}

/* A name may be a need and a sign: all that bear it are shown. */
static struct value *find_all(struct work *work, struct text name)
{
  struct value *found = value_list(work->arena);
  size_t index;
  if (needs_find(work->needs, name, &index)) value_add(found, need_value(work, index));
  if (find_sign(work->needs, name, &index)) value_add(found, sign_value(work, index));
  if (codes_find(work->needs, name, &index)) value_add(found, code_value(work, index));
  if (categories_find(work->needs, text_upper_ascii(work->arena, name), &index))
    value_add(found, category_value(work, index));
  const struct instrument *instrument = instruments_find(work->instruments, name);
  if (instrument) value_add(found, knowledge_instrument_value(work->arena, instrument));
  knowledge_care_find(&(struct knowledge_care){work->arena, work->care, work->catalog}, name,
                      found);
  return found;
}

static int run_show(struct work *work)
{
  struct error error = {0};
  const char *name = work->arguments.operands[1];
  if (!needs_load(&work->needs, work->folder, &error) ||
      !instruments_load(&work->instruments, work->folder, &error) ||
      !level_of_care_load(&work->care, work->folder, work->needs, &error) ||
      !catalog_load(&work->catalog, file_join(work->arena, work->share, "locale"), &error))
    return cli_fail("knowledge", &error);
  struct value *found = find_all(work, text_from(name));
  if (value_count(found) == 0) {
    error_set(&error, ERROR_NOT_FOUND, "error.knowledge.unknown",
              "See knowledge/needs.csv, signs.csv, service-codes.csv, instruments.csv and "
              "level-of-care.md.",
              "no need, sign, service code, category, instrument, rule or fact is called \"%s\"",
              name);
    return cli_fail("knowledge", &error);
  }
  if (is_json(work)) {
    struct value *document = value_object(work->arena);
    value_set(document, "found", found);
    print_json(document);
  } else {
    print_found(found);
  }
  return EXIT_DONE;
}

/* --- The command ------------------------------------------------------------------------------ */

static const struct {
  const char *name;
  int operands;
  int (*run)(struct work *work);
} actions[] = {{"check", 1, run_check}, {"list", 1, run_list}, {"show", 2, run_show}};

static int run(struct work *work)
{
  const struct cli_arguments *arguments = &work->arguments;
  const char *folder = cli_get(arguments, "folder");
  struct error error = {0};
  if (arguments->operand_count == 0) return cli_fail_usage(&command, "check, list or show?");
  work->is_copy = folder != NULL;
  if (folder) work->share = text_c(work->arena, text_from(folder));
  else if (!file_share_folder(work->arena, &work->share, &error))
    return cli_fail("knowledge", &error);
  work->folder = file_join(work->arena, work->share, "knowledge");
  for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
    if (strcmp(actions[i].name, arguments->operands[0]) != 0) continue;
    if (arguments->operand_count != actions[i].operands)
      return cli_fail_usage(&command, "\"%s\" takes %s", actions[i].name,
                            actions[i].operands == 1 ? "nothing more" : "one name");
    return actions[i].run(work);
  }
  return cli_fail_usage(&command, "there is no \"%s\"", arguments->operands[0]);
}

int command_knowledge(int argc, char **argv)
{
  struct work work = {0};
  int status;
  if (!cli_read(&work.arguments, &command, argc, argv, &status)) return status;
  work.arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  status = run(&work);
  work_fini(&work);
  return status;
}
