/*
 * fairlead knowledge: check, list and show what the program believes.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "admission/admission.h"
#include "cli/knowledge_show.h"
#include "cli/knowledge_work.h"
#include "directory/needs_check.h"
#include "directory/needs_expression.h"

static const struct cli_option options[] = {
    {"folder", "DIR", "the folder with knowledge/, locale/ and pages/ (default: the installed one)",
     false},
    CLI_OPTION_JSON,
    CLI_OPTION_END};

static const struct cli_command command = {
    .name = "knowledge",
    .operands = "check | list | show NAME",
    .summary = "Check, list and show what the program believes.",
    .details = "  check            load every file, test every expression, label and synonym, and "
               "prove the\n"
               "                   level-of-care table; status 1 with each problem on a line\n"
               "  list             files with their rows and SHA-256\n"
               "  show NAME        a need, service code, category, sign of quality or instrument "
               "in full;\n"
               "                   level-of-care, or a rule, fact or level of that table\n"
               "  roles            who may do what with which records, as docs/roles.md has it\n"
               "  routes           every route of the server, and what it guards\n",
    .options = options,
};

static void work_fini(struct knowledge_work *work)
{
  level_of_care_free(work->care);
  instruments_free(work->instruments);
  catalog_free(work->catalog);
  needs_free(work->needs);
  arena_free(work->arena);
}

bool knowledge_is_json(const struct knowledge_work *work)
{
  return cli_has(&work->arguments, "json");
}

void knowledge_print_json(const struct value *document)
{
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_KNOWLEDGE_ARENA);
  json_write_pretty(document, &out);
  fwrite(out.at, 1, out.length, stdout);
  text_buffer_fini(&out);
}

struct value *knowledge_text(struct knowledge_work *work, struct text t)
{
  return value_text(work->arena, t);
}

/* {"en": …, "es": …} in the catalog's order of languages. */
static struct value *languages_value(struct knowledge_work *work,
                                     const struct text texts[NEED_LANGUAGES])
{
  static const char *const codes[NEED_LANGUAGES] = {"en", "es"};
  struct value *out = value_object(work->arena);
  for (size_t i = 0; i < NEED_LANGUAGES; i++)
    value_set(out, codes[i], knowledge_text(work, texts[i]));
  return out;
}

/* --- list ----------------------------------------------------------------------------------- */

struct listing {
  struct knowledge_work *work;
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

static int run_list(struct knowledge_work *work)
{
  struct error error = {0};
  struct listing listing = {work, value_list(work->arena)};
  if (!file_walk(work->folder, list_file, &listing, &error)) return cli_fail("knowledge", &error);
  if (knowledge_is_json(work)) {
    struct value *document = value_object(work->arena);
    value_set(document, "files", listing.files);
    knowledge_print_json(document);
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

static void set_expression(struct knowledge_work *work, struct value *out, struct text expression)
{
  struct text words[NEED_LANGUAGES];
  for (size_t i = 0; i < NEED_LANGUAGES; i++)
    words[i] = needs_expression_words(work->needs, work->catalog, i, work->arena, expression);
  value_set(out, "expression", knowledge_text(work, expression));
  value_set(out, "in_words", languages_value(work, words));
}

static struct value *need_value(struct knowledge_work *work, size_t index)
{
  const struct need *need = needs_get(work->needs, index);
  const struct need_group *group = needs_group_get(work->needs, need->group);
  struct value *out = value_object(work->arena), *synonyms = value_list(work->arena);
  value_set(out, "need", knowledge_text(work, need->name));
  value_set(out, "group", knowledge_text(work, group->name));
  value_set(out, "match", knowledge_text(work, group->any ? TEXT("any") : TEXT("all")));
  value_set(out, "label", languages_value(work, need->label));
  value_set(out, "explanation", languages_value(work, need->explanation));
  set_expression(work, out, need->expression);
  for (size_t i = 0; i < synonyms_count(work->needs); i++) {
    const struct synonym *synonym = synonyms_get(work->needs, i);
    if (synonym->need == index) value_add(synonyms, knowledge_text(work, synonym->phrase));
  }
  value_set(out, "synonyms", synonyms);
  value_set(out, "source", knowledge_text(work, TEXT("knowledge/needs.csv")));
  return out;
}

static struct value *sign_value(struct knowledge_work *work, size_t index)
{
  const struct sign *sign = signs_get(work->needs, index);
  struct value *out = value_object(work->arena);
  value_set(out, "sign", knowledge_text(work, sign->name));
  value_set(out, "label", languages_value(work, sign->label));
  set_expression(work, out, sign->expression);
  value_set(out, "source", knowledge_text(work, sign->source));
  value_set(out, "grade", knowledge_text(work, sign->grade));
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

static struct value *code_value(struct knowledge_work *work, size_t index)
{
  const struct service_code *code = codes_get(work->needs, index);
  struct value *out = value_object(work->arena), *directories = value_list(work->arena);
  struct value *needs = value_list(work->arena), *signs = value_list(work->arena);
  if (code->substance_use) value_add(directories, knowledge_text(work, TEXT("su")));
  if (code->mental_health) value_add(directories, knowledge_text(work, TEXT("mh")));
  for (size_t i = 0; i < needs_count(work->needs); i++)
    if (names_code(needs_get(work->needs, i)->expression, code->code))
      value_add(needs, knowledge_text(work, needs_get(work->needs, i)->name));
  for (size_t i = 0; i < signs_count(work->needs); i++)
    if (names_code(signs_get(work->needs, i)->expression, code->code))
      value_add(signs, knowledge_text(work, signs_get(work->needs, i)->name));
  value_set(out, "code", knowledge_text(work, code->code));
  value_set(out, "category", knowledge_text(work, code->category));
  value_set(out, "official_label", knowledge_text(work, code->official_label));
  value_set(out, "label", languages_value(work, code->label));
  value_set(out, "directories", directories);
  value_set(out, "retired", value_boolean(work->arena, code->retired));
  value_set(out, "needs", needs);
  value_set(out, "signs", signs);
  value_set(out, "source",
            knowledge_text(work, TEXT("SAMHSA National Directory, service code "
                                      "reference; knowledge/service-codes.csv")));
  return out;
}

static struct value *category_value(struct knowledge_work *work, size_t index)
{
  const struct service_category *category = categories_get(work->needs, index);
  struct value *out = value_object(work->arena), *codes = value_list(work->arena);
  for (size_t i = 0; i < codes_count(work->needs); i++)
    if (text_equal(codes_get(work->needs, i)->category, category->category))
      value_add(codes, knowledge_text(work, codes_get(work->needs, i)->code));
  value_set(out, "category", knowledge_text(work, category->category));
  value_set(out, "official_label", knowledge_text(work, category->official_label));
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
static struct value *find_all(struct knowledge_work *work, struct text name)
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

/* What is believed of requests and waiting lists: a file, or "<file>.<code>". */
static bool find_requests(struct knowledge_work *work, struct text name, struct value *found,
                          struct error *error)
{
  struct request_rules *rules;
  if (!request_rules_load(&rules, work->folder, work->catalog, error)) return false;
  request_rules_find(rules, work->catalog, work->arena, name, time_now(), found);
  request_rules_free(rules);
  return true;
}

/* What is asked and told when somebody comes in. */
static bool find_intake(struct knowledge_work *work, struct text name, struct value *found,
                        struct error *error)
{
  struct intake_rules *rules = NULL;
  if (!intake_rules_load(&rules, work->folder, work->catalog, error)) return false;
  intake_rules_find(rules, work->catalog, work->arena, name, found);
  intake_rules_free(rules);
  return true;
}

static int run_show(struct knowledge_work *work)
{
  struct error error = {0};
  const char *name = work->arguments.operands[1];
  if (!needs_load(&work->needs, work->folder, &error) ||
      !instruments_load(&work->instruments, work->folder, &error) ||
      !level_of_care_load(&work->care, work->folder, work->needs, &error) ||
      !catalog_load(&work->catalog, file_join(work->arena, work->share, "locale"), &error))
    return cli_fail("knowledge", &error);
  struct value *found = find_all(work, text_from(name));
  if (!find_requests(work, text_from(name), found, &error)) return cli_fail("knowledge", &error);
  if (!find_intake(work, text_from(name), found, &error)) return cli_fail("knowledge", &error);
  if (value_count(found) == 0) {
    error_set(&error, ERROR_NOT_FOUND, "error.knowledge.unknown",
              "See knowledge/needs.csv, signs.csv, service-codes.csv, instruments.csv, "
              "level-of-care.md, intake-items.csv, and files of requests as waitlist-clocks.",
              "no need, sign, service code, category, instrument, rule or fact is called \"%s\"",
              name);
    return cli_fail("knowledge", &error);
  }
  if (knowledge_is_json(work)) {
    struct value *document = value_object(work->arena);
    value_set(document, "found", found);
    knowledge_print_json(document);
  } else {
    print_found(found);
  }
  return EXIT_DONE;
}

/* --- The command ------------------------------------------------------------------------------ */

static const struct {
  const char *name;
  int operands;
  int (*run)(struct knowledge_work *work);
} actions[] = {{"check", 1, knowledge_check},
               {"list", 1, run_list},
               {"show", 2, run_show},
               {"roles", 1, knowledge_roles},
               {"routes", 1, knowledge_routes}};

static int run(struct knowledge_work *work)
{
  const struct cli_arguments *arguments = &work->arguments;
  const char *folder = cli_get(arguments, "folder");
  struct error error = {0};
  if (arguments->operand_count == 0)
    return cli_fail_usage(&command, "check, list, show, roles or routes?");
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
  struct knowledge_work work = {0};
  int status;
  if (!cli_read(&work.arguments, &command, argc, argv, &status)) return status;
  work.arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  status = run(&work);
  work_fini(&work);
  return status;
}
