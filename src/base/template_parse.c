/*
 * Templates, first step: cut a source into tags, tell which stand alone on their line, and pair
 * opening with closing tags. See template_program.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/template_program.h"

struct parser {
  struct text source;
  size_t at;
  struct text open, close; /* the delimiters in force */
  struct template_tokens tokens;
  size_t nested[LIMIT_TEMPLATE_DEPTH]; /* tokens that wait for their closing tag */
  size_t depth;
  struct error *error;
};

bool template_refuse(struct text source, size_t offset, const char *what, struct error *error)
{
  size_t line = 1;
  for (size_t i = 0; i < offset; i++) line += source.at[i] == '\n';
  return error_set(error, ERROR_REFUSED, "error.template", "Mend the template.", "line %zu: %s",
                   line, what);
}

static bool refuse(struct parser *p, size_t offset, const char *what)
{
  return template_refuse(p->source, offset, what, p->error);
}

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static bool has_space(struct text t)
{
  struct text word;
  text_word_next(&t, &word);
  return t.length > 0;
}

/* Note what surrounds the tag on its line. */
static void look_around(struct text source, struct template_token *token)
{
  size_t at = token->start;
  while (at > 0 && is_blank(source.at[at - 1])) at--;
  token->clear_left = at == 0 || source.at[at - 1] == '\n';
  token->line_start = token->clear_left ? at : token->start;

  at = token->end;
  while (at < source.length && is_blank(source.at[at])) at++;
  struct text rest = text_slice(source, at, source.length);
  size_t line_end = text_starts_with(rest, TEXT("\n"))     ? 1
                    : text_starts_with(rest, TEXT("\r\n")) ? 2
                                                           : 0;
  token->clear_right = line_end > 0 || token->end == source.length;
  token->line_end = line_end > 0 ? at + line_end : token->end;
}

static struct template_token *add_token(struct parser *p, const struct template_token *token)
{
  struct template_tokens *tokens = &p->tokens;
  if (tokens->count == tokens->capacity) {
    tokens->capacity = tokens->capacity ? tokens->capacity * 2 : 64;
    tokens->at = memory_resize(tokens->at, tokens->capacity * sizeof *tokens->at);
  }
  tokens->at[tokens->count] = *token;
  return &tokens->at[tokens->count++];
}

/* --- What is inside a tag ------------------------------------------------------------------ */

/* How tags begin and, before the closing delimiter, end. */
static const struct form {
  char sigil, ending;
  enum template_tag tag;
} forms[] = {
    {'{', '}', TAG_RAW},        {'&', 0, TAG_RAW},   {'#', 0, TAG_SECTION},
    {'^', 0, TAG_INVERTED},     {'/', 0, TAG_CLOSE}, {'>', 0, TAG_PARTIAL},
    {'<', 0, TAG_PARENT},       {'$', 0, TAG_BLOCK}, {'!', 0, TAG_COMMENT},
    {'=', '=', TAG_DELIMITERS},
};
static const struct form plain = {0, 0, TAG_ESCAPED};

static const struct form *form_of(struct text inner)
{
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
    if (inner.length && inner.at[0] == forms[i].sigil) return &forms[i];
  return &plain;
}

/* Find where the content of a tag ends; `*end` is behind the closing delimiter. */
static bool find_end(const struct parser *p, const struct form *form, size_t from, size_t *content,
                     size_t *end)
{
  struct text rest = text_slice(p->source, from, p->source.length);
  for (size_t skipped = 0;;) {
    size_t at = skipped + text_find(text_slice(rest, skipped, rest.length), p->close);
    if (at >= rest.length) return false;
    /* "}}}" holds "}}" twice: the last brace before the delimiter ends a raw tag. */
    if (!form->ending || (at > 0 && rest.at[at - 1] == form->ending)) {
      *content = from + at - (form->ending ? 1 : 0);
      *end = from + at + p->close.length;
      return true;
    }
    skipped = at + 1;
  }
}

/* "{{=<% %>=}}": two words without '='. */
static bool set_delimiters(struct parser *p, size_t offset, struct text content)
{
  struct text open, close, none;
  if (text_contains(content, TEXT("=")) || !text_word_next(&content, &open) ||
      !text_word_next(&content, &close) || text_word_next(&content, &none))
    return refuse(p, offset, "delimiters are two words without '='");
  p->open = open;
  p->close = close;
  return true;
}

/* A key is "." or parts between dots; behind {{> it may begin with '*'. */
static bool read_key(struct parser *p, struct template_token *token, struct text content)
{
  struct text key = text_trim(content);
  bool is_name = token->tag == TAG_PARTIAL || token->tag == TAG_PARENT || token->tag == TAG_BLOCK;
  if (token->tag == TAG_PARTIAL || token->tag == TAG_PARENT || token->tag == TAG_CLOSE)
    token->is_dynamic = text_starts_with(key, TEXT("*"));
  if (token->is_dynamic) key = text_trim(text_slice(key, 1, key.length));
  token->key = key;
  if (key.length == 0 || has_space(key)) return refuse(p, token->start, "a tag holds one name");
  if ((is_name && !token->is_dynamic) || token->tag == TAG_CLOSE || text_equal(key, TEXT(".")))
    return true;
  struct text rest = key, part;
  while (text_split_next(&rest, '.', &part))
    if (part.length == 0) return refuse(p, token->start, "a part of the name is empty");
  return true;
}

/* --- Pairs --------------------------------------------------------------------------------- */

static bool close_pair(struct parser *p, size_t index)
{
  struct template_token *token = &p->tokens.at[index];
  if (p->depth == 0) return refuse(p, token->start, "nothing is open that this tag could close");
  struct template_token *opening = &p->tokens.at[p->nested[--p->depth]];
  if (!text_equal(opening->key, token->key) || opening->is_dynamic != token->is_dynamic)
    return refuse(p, token->start, "the tag that is open has another name");
  opening->partner = index;
  return true;
}

static bool open_pair(struct parser *p, size_t index)
{
  const struct template_token *token = &p->tokens.at[index];
  bool in_parent = p->depth > 0 && p->tokens.at[p->nested[p->depth - 1]].tag == TAG_PARENT;
  if (in_parent && token->tag != TAG_BLOCK)
    return refuse(p, token->start, "only blocks may open in a parent");
  if (p->depth == LIMIT_TEMPLATE_DEPTH) return refuse(p, token->start, "nested too deep");
  p->nested[p->depth++] = index;
  return true;
}

static bool pair(struct parser *p, size_t index)
{
  switch (p->tokens.at[index].tag) {
  case TAG_SECTION:
  case TAG_INVERTED:
  case TAG_PARENT:
  case TAG_BLOCK:
    return open_pair(p, index);
  case TAG_CLOSE:
    return close_pair(p, index);
  default:
    return true;
  }
}

/* Read the tag whose opening delimiter stands at `start`. */
static bool read_tag(struct parser *p, size_t start)
{
  size_t inner = start + p->open.length, content_end;
  const struct form *form = form_of(text_slice(p->source, inner, p->source.length));
  struct template_token token = {.tag = form->tag, .start = start};
  if (form->sigil) inner++;
  if (!find_end(p, form, inner, &content_end, &token.end))
    return refuse(p, start, "the tag is not closed");
  struct text content = text_slice(p->source, inner, content_end);
  look_around(p->source, &token);
  p->at = token.end;
  if (token.tag == TAG_DELIMITERS && !set_delimiters(p, start, content)) return false;
  bool has_key = token.tag != TAG_DELIMITERS && token.tag != TAG_COMMENT;
  if (has_key && !read_key(p, &token, content)) return false;
  add_token(p, &token);
  return pair(p, p->tokens.count - 1);
}

bool template_tokens_read(struct text source, struct template_tokens *out, struct error *error)
{
  struct parser p = {.source = source, .open = TEXT("{{"), .close = TEXT("}}"), .error = error};
  bool good = true;
  while (good) {
    size_t start = p.at + text_find(text_slice(source, p.at, source.length), p.open);
    if (start >= source.length) break;
    good = read_tag(&p, start);
  }
  if (good && p.depth > 0)
    good = refuse(&p, p.tokens.at[p.nested[p.depth - 1]].start, "the section is not closed");
  if (good) *out = p.tokens;
  else template_tokens_fini(&p.tokens);
  return good;
}

void template_tokens_fini(struct template_tokens *tokens)
{
  free(tokens->at);
  *tokens = (struct template_tokens){0};
}
