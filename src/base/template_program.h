/*
 * What a template becomes: source -> tokens -> a flat program. Private to template*.c.
 *
 * template_parse.c cuts a source into tags and pairs them, template_build.c writes the program,
 * template_render.c runs it, template.c keeps the set of templates.
 */
#ifndef FAIRLEAD_BASE_TEMPLATE_PROGRAM_H
#define FAIRLEAD_BASE_TEMPLATE_PROGRAM_H

#include "base/template.h"

/* --- Tokens -------------------------------------------------------------------------------- */

enum template_tag {
  TAG_ESCAPED,
  TAG_RAW,
  TAG_SECTION,
  TAG_INVERTED,
  TAG_CLOSE,
  TAG_PARTIAL,
  TAG_PARENT,
  TAG_BLOCK,
  TAG_COMMENT,
  TAG_DELIMITERS
};

/* A tag. Offsets are bytes of the source. */
struct template_token {
  enum template_tag tag;
  bool is_dynamic;              /* {{>*key}} */
  bool clear_left, clear_right; /* nothing but blanks to the line's begin; to its end */
  struct text key;
  size_t start, end;           /* the tag itself */
  size_t line_start, line_end; /* with the blanks before and the line end behind it, where clear */
  size_t partner;              /* the closing token of a section, parent or block */
};

struct template_tokens {
  struct template_token *at; /* heap */
  size_t count, capacity;
};

/* Cut and pair the tags of a source. The result is freed by template_tokens_fini. */
bool template_tokens_read(struct text source, struct template_tokens *out, struct error *error);
void template_tokens_fini(struct template_tokens *tokens);
/* "line N: what", N counted up to the offset. */
bool template_refuse(struct text source, size_t offset, const char *what, struct error *error);

/* --- The program --------------------------------------------------------------------------- */

enum template_op_kind {
  OP_TEXT,     /* write `text` */
  OP_INDENT,   /* a line begins here: write the indentation in force */
  OP_ESCAPED,  /* write the value at the path, escaped */
  OP_RAW,      /* write the value at the path */
  OP_SECTION,  /* run the body for the value at the path */
  OP_INVERTED, /* run the body if the value at the path is false */
  OP_PARTIAL,  /* run another template */
  OP_PARENT,   /* the same; the body is its OP_ARGUMENTs */
  OP_ARGUMENT, /* a block handed to a parent: its body stands in for the block of that name */
  OP_BLOCK     /* run the argument of that name, or else the body */
};

#define TEMPLATE_NONE UINT32_MAX

struct template_op {
  enum template_op_kind kind;
  bool begins_line; /* OP_TEXT: its first byte begins a line */
  bool is_alone;    /* OP_PARTIAL, OP_PARENT, OP_BLOCK: what runs is indented by `text` more */
  bool is_dynamic;  /* OP_PARTIAL, OP_PARENT: the path leads to the name */
  uint32_t end;     /* the operation behind this one and its body */
  uint32_t part, part_count; /* the path, in the set's parts; no part: "." */
  uint32_t target;           /* OP_PARTIAL, OP_PARENT: template, or TEMPLATE_NONE */
  struct text text;          /* the text, or the indentation added */
  struct text name;          /* fixed name of a template, or name of a block */
};

struct template_source {
  struct text name, text; /* with messages spliced in */
  uint32_t first, end;    /* its operations */
};

struct template_set {
  struct arena *arena;               /* names, sources, cut texts */
  struct template_source *templates; /* in order of name */
  size_t template_count;
  struct template_op *ops; /* heap */
  size_t op_count, op_capacity;
  struct text *parts; /* heap: the parts of all paths */
  size_t part_count, part_capacity;
};

/* Append the program of a template, and note where it stands. */
void template_build(struct template_set *set, struct template_source *source,
                    const struct template_tokens *tokens);
/* The template of that name, or TEMPLATE_NONE. */
uint32_t template_find(const struct template_set *set, struct text name);

#endif
