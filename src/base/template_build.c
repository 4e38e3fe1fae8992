/*
 * Templates, second step: write the program of a source from its tokens.
 *
 * Indentation is decided here as far as can be. A partial or block that stands alone indents every
 * line of what it runs; so each place where a line of a source begins is known to the program, as
 * the first byte of an OP_TEXT, a byte behind a line end inside one, or an OP_INDENT. Lines of
 * values are never indented.
 *
 * A block's content is a text of its own: its first line begins where it begins, and the
 * indentation of its first line is cut from all its lines (the block adds it again, or what stands
 * in for it).
 */
#include <string.h>

#include "base/template_program.h"

/* A text that is being built: a template or the content of a block. */
struct content {
  size_t from, to;             /* of the source */
  bool begins_line;            /* does a line begin at `from`, whatever stands before it */
  struct text cut;             /* indentation to cut from each line */
  const struct content *outer; /* what cuts before it */
};

struct builder {
  struct template_set *set;
  struct text source;
  const struct template_token *tokens;
};

/* Bounds of a tag, or of a pair of tags that counts as one: what it replaces. */
struct bounds {
  size_t start, end;
  bool is_alone;
  struct text indent;
};

/* --- Writing operations -------------------------------------------------------------------- */

static struct template_op *add_op(struct builder *b, enum template_op_kind kind)
{
  struct template_set *set = b->set;
  if (set->op_count == set->op_capacity) {
    set->op_capacity = set->op_capacity ? set->op_capacity * 2 : 256;
    set->ops = memory_resize(set->ops, set->op_capacity * sizeof *set->ops);
  }
  struct template_op *op = &set->ops[set->op_count++];
  *op = (struct template_op){.kind = kind, .end = (uint32_t)set->op_count, .target = TEMPLATE_NONE};
  return op;
}

static void add_part(struct template_set *set, struct text part)
{
  if (set->part_count == set->part_capacity) {
    set->part_capacity = set->part_capacity ? set->part_capacity * 2 : 256;
    set->parts = memory_resize(set->parts, set->part_capacity * sizeof *set->parts);
  }
  set->parts[set->part_count++] = part;
}

static void set_path(struct builder *b, struct template_op *op, struct text key)
{
  struct text part;
  op->part = (uint32_t)b->set->part_count;
  if (text_equal(key, TEXT("."))) return;
  while (text_split_next(&key, '.', &part)) add_part(b->set, part);
  op->part_count = (uint32_t)b->set->part_count - op->part;
}

/* --- Text ---------------------------------------------------------------------------------- */

static bool begins_line(const struct builder *b, const struct content *c, size_t at)
{
  return at == c->from ? c->begins_line : b->source.at[at - 1] == '\n';
}

/* Cut from a line's beginning what the contents around it cut, the outermost first. */
static struct text cut_line(const struct content *c, struct text line)
{
  if (!c) return line;
  line = cut_line(c->outer, line);
  return text_starts_with(line, c->cut) ? text_slice(line, c->cut.length, line.length) : line;
}

static bool cuts(const struct content *c)
{
  return c && (c->cut.length || cuts(c->outer));
}

/* The source between two offsets, each line cut. */
static struct text cut_lines(struct builder *b, const struct content *c, size_t from, size_t to)
{
  struct text whole = text_slice(b->source, from, to), line;
  if (!cuts(c)) return whole;
  char *copy = arena_allocate(b->set->arena, whole.length + 1);
  size_t length = 0;
  for (size_t at = from; at < to; at += line.length) {
    line = text_slice(b->source, at, to);
    size_t end = text_find(line, TEXT("\n"));
    line = text_slice(line, 0, end + 1);
    struct text kept = begins_line(b, c, at) ? cut_line(c, line) : line;
    memcpy(copy + length, kept.at, kept.length);
    length += kept.length;
  }
  return (struct text){copy, length};
}

/* Write the text between two offsets. If a tag follows on a line that has nothing yet, the line
 * begins with the tag. */
static void add_text(struct builder *b, const struct content *c, size_t from, size_t to,
                     bool tag_follows)
{
  struct text t = cut_lines(b, c, from, to);
  bool begins = begins_line(b, c, from);
  if (t.length) {
    struct template_op *op = add_op(b, OP_TEXT);
    op->text = t;
    op->begins_line = begins;
    begins = t.at[t.length - 1] == '\n';
  }
  if (tag_follows && begins) add_op(b, OP_INDENT);
}

/* --- Bounds -------------------------------------------------------------------------------- */

/*
 * Bounds of a tag (`open` is `close`), or of a parent or block with its closing tag. The edges of a
 * block's content count as a line's, so that what fills a block is indented with it; a line end is
 * taken away only where the line is clear in the source.
 */
static struct bounds bounds_of(const struct builder *b, const struct content *c,
                               const struct template_token *open,
                               const struct template_token *close)
{
  struct text before = text_slice(b->source, c->from, open->start);
  bool at_begin =
      c->begins_line && text_trim(before).length == 0 && !text_contains(before, TEXT("\n"));
  bool at_end = close->end == c->to;
  if ((!open->clear_left && !at_begin) || (!close->clear_right && !at_end))
    return (struct bounds){open->start, close->end, false, TEXT("")};
  bool is_clear = open->clear_left && close->clear_right;
  size_t start = open->clear_left ? open->line_start : c->from;
  return (struct bounds){start, is_clear ? close->line_end : close->end, true,
                         cut_line(c, text_slice(b->source, start, open->start))};
}

/* Write the text before a tag, and answer where the text behind it begins. */
static size_t add_text_before(struct builder *b, const struct content *c, size_t from,
                              struct bounds bounds)
{
  add_text(b, c, from, bounds.start, !bounds.is_alone);
  return bounds.end;
}

/* --- Tags ---------------------------------------------------------------------------------- */

static void build_range(struct builder *b, const struct content *c, size_t token, size_t token_end,
                        size_t from, size_t to, bool tag_follows);

static void finish_body(struct builder *b, size_t op)
{
  b->set->ops[op].end = (uint32_t)b->set->op_count;
}

static size_t build_section(struct builder *b, const struct content *c, size_t index, size_t from)
{
  const struct template_token *open = &b->tokens[index], *close = &b->tokens[open->partner];
  struct bounds head = bounds_of(b, c, open, open), tail = bounds_of(b, c, close, close);
  size_t inner = add_text_before(b, c, from, head);
  size_t op = b->set->op_count;
  set_path(b, add_op(b, open->tag == TAG_SECTION ? OP_SECTION : OP_INVERTED), open->key);
  build_range(b, c, index + 1, open->partner, inner, tail.start, !tail.is_alone);
  finish_body(b, op);
  return tail.end;
}

/* Name what a partial or parent runs. */
static void set_target(struct builder *b, size_t index, const struct template_token *token,
                       const struct bounds *bounds)
{
  struct template_op *op = &b->set->ops[index];
  op->is_alone = bounds->is_alone;
  op->text = bounds->indent;
  op->is_dynamic = token->is_dynamic;
  op->name = token->key;
  if (token->is_dynamic) set_path(b, op, token->key);
  else op->target = template_find(b->set, token->key);
}

static size_t build_partial(struct builder *b, const struct content *c, size_t index, size_t from)
{
  const struct template_token *token = &b->tokens[index];
  struct bounds bounds = bounds_of(b, c, token, token);
  size_t behind = add_text_before(b, c, from, bounds);
  size_t op = b->set->op_count;
  add_op(b, OP_PARTIAL);
  set_target(b, op, token, &bounds);
  return behind;
}

/*
 * What a block holds. When its opening tag ends a line and it stands alone (or fills a parent's
 * block), its lines are those between the tags, and lose the indentation of the first.
 */
static struct content content_of_block(const struct builder *b, const struct content *outer,
                                       size_t index, bool is_alone)
{
  const struct template_token *open = &b->tokens[index], *close = &b->tokens[open->partner];
  struct content content = {open->end, close->start, is_alone, TEXT(""), outer};
  size_t last_line = close->line_start;
  if (close->clear_left && last_line > open->line_end) last_line--; /* its line end */
  if (close->clear_left && last_line > open->line_end && b->source.at[last_line - 1] == '\r')
    last_line--;
  bool has_lines = open->partner > index + 1 || last_line > open->line_end;
  if (!is_alone || !open->clear_right || !has_lines) return content;
  content.from = open->line_end;
  content.to = close->line_start;
  struct text first = cut_line(outer, text_slice(b->source, content.from, content.to));
  size_t blanks = 0;
  while (first.at[blanks] == ' ' || first.at[blanks] == '\t')
    blanks++; /* a tag or line end follows */
  content.cut = text_slice(first, 0, blanks);
  return content;
}

/* Write a block's content as the body of an operation that names it. */
static void build_block_body(struct builder *b, enum template_op_kind kind, size_t index,
                             const struct content *content, const struct bounds *bounds)
{
  const struct template_token *open = &b->tokens[index];
  size_t number = b->set->op_count;
  struct template_op *op = add_op(b, kind);
  op->name = open->key;
  op->is_alone = bounds->is_alone;
  bool has_lines = content->from != open->end;
  op->text = has_lines ? content->cut : bounds->indent;
  build_range(b, content, index + 1, open->partner, content->from, content->to, false);
  finish_body(b, number);
}

static size_t build_block(struct builder *b, const struct content *c, size_t index, size_t from)
{
  const struct template_token *open = &b->tokens[index], *close = &b->tokens[open->partner];
  struct bounds bounds = bounds_of(b, c, open, close);
  struct content content = content_of_block(b, c, index, bounds.is_alone);
  size_t behind = add_text_before(b, c, from, bounds);
  build_block_body(b, OP_BLOCK, index, &content, &bounds);
  /* A line that ends with the content's last line keeps its end. */
  return bounds.is_alone && !close->clear_left ? close->end : behind;
}

static size_t build_parent(struct builder *b, const struct content *c, size_t index, size_t from)
{
  const struct template_token *open = &b->tokens[index], *close = &b->tokens[open->partner];
  struct bounds bounds = bounds_of(b, c, open, close), none = {.is_alone = true};
  size_t behind = add_text_before(b, c, from, bounds);
  size_t op = b->set->op_count;
  add_op(b, OP_PARENT);
  set_target(b, op, open, &bounds);
  for (size_t i = index + 1; i < open->partner; i++) {
    if (b->tokens[i].tag != TAG_BLOCK) continue;
    struct content content = content_of_block(b, c, i, true);
    build_block_body(b, OP_ARGUMENT, i, &content, &none);
    i = b->tokens[i].partner;
  }
  finish_body(b, op);
  return behind;
}

static size_t build_value(struct builder *b, const struct content *c, size_t index, size_t from)
{
  const struct template_token *token = &b->tokens[index];
  add_text(b, c, from, token->start, true);
  set_path(b, add_op(b, token->tag == TAG_RAW ? OP_RAW : OP_ESCAPED), token->key);
  return token->end;
}

/* Comments and delimiters leave nothing. */
static size_t build_nothing(struct builder *b, const struct content *c, size_t index, size_t from)
{
  const struct template_token *token = &b->tokens[index];
  return add_text_before(b, c, from, bounds_of(b, c, token, token));
}

/* Write the tags from `token` to before `token_end`, and the text around them. */
static void build_range(struct builder *b, const struct content *c, size_t token, size_t token_end,
                        size_t from, size_t to, bool tag_follows)
{
  static size_t (*const builders[])(struct builder *, const struct content *, size_t, size_t) = {
      [TAG_ESCAPED] = build_value,     [TAG_RAW] = build_value,
      [TAG_SECTION] = build_section,   [TAG_INVERTED] = build_section,
      [TAG_PARTIAL] = build_partial,   [TAG_PARENT] = build_parent,
      [TAG_BLOCK] = build_block,       [TAG_COMMENT] = build_nothing,
      [TAG_DELIMITERS] = build_nothing};
  for (size_t i = token; i < token_end; i++) {
    const struct template_token *tag = &b->tokens[i];
    from = builders[tag->tag](b, c, i, from);
    if (tag->partner) i = tag->partner;
  }
  add_text(b, c, from, to, tag_follows);
}

void template_build(struct template_set *set, struct template_source *source,
                    const struct template_tokens *tokens)
{
  struct builder b = {set, source->text, tokens->at};
  struct content whole = {0, source->text.length, true, TEXT(""), NULL};
  source->first = (uint32_t)set->op_count;
  build_range(&b, &whole, 0, tokens->count, 0, source->text.length, false);
  source->end = (uint32_t)set->op_count;
}
