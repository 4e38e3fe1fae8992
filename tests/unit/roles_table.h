/*
 * knowledge/roles.csv as a test reads it by itself: lines cut at commas, no reader of the program.
 * Include after cmocka.h; run from the repository's root.
 */
#ifndef FAIRLEAD_TESTS_ROLES_TABLE_H
#define FAIRLEAD_TESTS_ROLES_TABLE_H

#include <stdio.h>
#include <string.h>

enum { TABLE_ROWS = 400, TABLE_WORD = 40, TABLE_LINE = 512 };

struct table_line {
  char role[TABLE_WORD], object[TABLE_WORD], act[TABLE_WORD], scope[TABLE_WORD], proof[TABLE_WORD];
};
static struct table_line lines[TABLE_ROWS];
static size_t line_count;

static inline void cut_word(const char **at, char *out)
{
  size_t length = strcspn(*at, ",");
  assert_true(length < TABLE_WORD && (*at)[length] == ',');
  memcpy(out, *at, length);
  out[length] = 0;
  *at += length + 1;
}

static inline void read_lines(void)
{
  char line[TABLE_LINE];
  FILE *file = fopen("knowledge/roles.csv", "r");
  assert_non_null(file);
  assert_non_null(fgets(line, sizeof line, file)); /* the header */
  while (fgets(line, sizeof line, file)) {
    const char *at = line;
    assert_true(line_count < TABLE_ROWS);
    struct table_line *read = &lines[line_count++];
    cut_word(&at, read->role);
    cut_word(&at, read->object);
    cut_word(&at, read->act);
    cut_word(&at, read->scope);
    cut_word(&at, read->proof);
  }
  (void)fclose(file);
}

/* The scope's word for a role, object and act; "" when no line names them. */
static inline const char *line_scope(const char *role, const char *object, const char *act)
{
  for (size_t i = 0; i < line_count; i++)
    if (!strcmp(lines[i].role, role) && !strcmp(lines[i].object, object) &&
        !strcmp(lines[i].act, act))
      return lines[i].scope;
  return "";
}

static inline bool line_proof(const char *object, const char *act)
{
  for (size_t i = 0; i < line_count; i++)
    if (!strcmp(lines[i].object, object) && !strcmp(lines[i].act, act))
      return lines[i].proof[0] == '1';
  return false;
}

#endif
