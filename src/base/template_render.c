/*
 * Templates, last step: run the program over a view. Nothing is allocated but the output: what a
 * partial or block adds (indentation, arguments) hangs in scopes on the C stack, whose depth
 * LIMIT_TEMPLATE_DEPTH bounds.
 */
#include "base/template_program.h"

/* Arguments of a parent; those of a parent further out go before them. */
struct arguments {
  uint32_t parent; /* operation */
  const struct arguments *outer;
};

struct indent {
  struct text text;
  const struct indent *outer; /* written first */
};

struct scope {
  const struct indent *indent;       /* NULL: none */
  const struct arguments *arguments; /* NULL: none */
};

struct rendering {
  const struct template_set *set;
  struct text_buffer *out;
  /* Contexts, the nearest last: the view, one a level, one pushed before the depth is checked. */
  const struct value *stack[LIMIT_TEMPLATE_DEPTH + 2];
  size_t stack_count;
  int depth;
  long steps;
  struct error *error;
};

static bool run(struct rendering *r, uint32_t from, uint32_t to, const struct scope *scope);

static bool fail(struct rendering *r, enum error_kind kind, const char *what)
{
  return error_set(r->error, kind, "error.template", "Mend the template or its view.", "%s", what);
}

/* Run a body one level deeper. */
static bool run_body(struct rendering *r, uint32_t from, uint32_t to, const struct scope *scope)
{
  if (r->out->over) return fail(r, ERROR_TOO_LARGE, "the page is too large");
  if (r->depth == LIMIT_TEMPLATE_DEPTH)
    return fail(r, ERROR_SYSTEM, "sections, partials and blocks nest too deep");
  if (r->steps++ == LIMIT_TEMPLATE_STEPS) return fail(r, ERROR_SYSTEM, "too many steps");
  r->depth++;
  bool good = run(r, from, to, scope);
  r->depth--;
  return good;
}

/* --- Values -------------------------------------------------------------------------------- */

/* The value at the operation's path, or NULL. The first part is looked for in every context. */
static const struct value *look_up(const struct rendering *r, const struct template_op *op)
{
  size_t top = r->stack_count;
  if (op->part_count == 0) return r->stack[top - 1];
  const struct text *part = &r->set->parts[op->part];
  const struct value *value = NULL;
  while (!value && top > 0) value = value_get(r->stack[--top], part[0]);
  for (uint32_t i = 1; value && i < op->part_count; i++) value = value_get(value, part[i]);
  return value;
}

static bool is_zero(struct text number)
{
  for (size_t i = 0; i < number.length; i++) {
    char c = number.at[i];
    if (c >= '1' && c <= '9') return false;
    if (c == 'e' || c == 'E') break;
  }
  return true;
}

static bool is_true(const struct value *value)
{
  if (!value) return false;
  switch (value_kind_get(value)) {
  case VALUE_NULL:
  case VALUE_FALSE:
    return false;
  case VALUE_TRUE:
  case VALUE_OBJECT:
  case VALUE_JSON:
    return true;
  case VALUE_NUMBER:
    return !is_zero(value_text_get(value));
  case VALUE_TEXT:
  case VALUE_HTML:
    return value_text_get(value).length > 0;
  default: /* VALUE_LIST */
    return value_count(value) > 0;
  }
}

static bool is_json(const struct value *value)
{
  return value && value_kind_get(value) == VALUE_JSON;
}

static void add_escaped(struct text_buffer *out, struct text t)
{
  static const struct text entities[256] = {['&'] = {"&amp;", 5},
                                            ['<'] = {"&lt;", 4},
                                            ['>'] = {"&gt;", 4},
                                            ['"'] = {"&quot;", 6},
                                            ['\''] = {"&#x27;", 6}};
  size_t from = 0;
  for (size_t i = 0; i < t.length; i++) {
    const struct text *entity = &entities[(unsigned char)t.at[i]];
    if (!entity->length) continue;
    text_buffer_add(out, (struct text){t.at + from, i - from});
    text_buffer_add(out, *entity);
    from = i + 1;
  }
  text_buffer_add(out, (struct text){t.at + from, t.length - from});
}

/* --- Operations ---------------------------------------------------------------------------- */

static void add_indent(struct text_buffer *out, const struct indent *indent)
{
  if (!indent) return;
  add_indent(out, indent->outer);
  text_buffer_add(out, indent->text);
}

static bool is_line_end(struct text t)
{
  return text_starts_with(t, TEXT("\n")) || text_starts_with(t, TEXT("\r\n"));
}

static bool run_text(struct rendering *r, const struct template_op *op, const struct scope *scope)
{
  struct text rest = op->text;
  bool begins = op->begins_line;
  while (scope->indent && rest.length) {
    if (begins && !is_line_end(rest)) add_indent(r->out, scope->indent);
    struct text line = text_slice(rest, 0, text_find(rest, TEXT("\n")) + 1);
    text_buffer_add(r->out, line);
    rest = text_slice(rest, line.length, rest.length);
    begins = true;
  }
  text_buffer_add(r->out, rest);
  return true;
}

static bool run_indent(struct rendering *r, const struct template_op *op, const struct scope *scope)
{
  (void)op;
  add_indent(r->out, scope->indent);
  return true;
}

static bool run_value(struct rendering *r, const struct template_op *op, const struct scope *scope)
{
  (void)scope;
  const struct value *value = look_up(r, op);
  enum value_kind kind = value ? value_kind_get(value) : VALUE_NULL;
  if (kind == VALUE_JSON) return fail(r, ERROR_SYSTEM, "a template may not show a JSON slice");
  if (kind == VALUE_TRUE) text_buffer_add(r->out, TEXT("true"));
  else if (kind == VALUE_FALSE) text_buffer_add(r->out, TEXT("false"));
  else if (kind == VALUE_TEXT && op->kind == OP_ESCAPED) add_escaped(r->out, value_text_get(value));
  else text_buffer_add(r->out, value_text_get(value));
  return true;
}

static bool run_section(struct rendering *r, const struct template_op *op,
                        const struct scope *scope)
{
  const struct value *value = look_up(r, op);
  if (is_json(value)) return fail(r, ERROR_SYSTEM, "a template may not open a JSON slice");
  if (!is_true(value)) return true;
  bool is_list = value_kind_get(value) == VALUE_LIST, good = true;
  size_t count = is_list ? value_count(value) : 1;
  uint32_t body = (uint32_t)(op - r->set->ops) + 1;
  for (size_t i = 0; good && i < count; i++) {
    r->stack[r->stack_count++] = is_list ? value_item(value, i) : value;
    good = run_body(r, body, op->end, scope);
    r->stack_count--;
  }
  return good;
}

static bool run_inverted(struct rendering *r, const struct template_op *op,
                         const struct scope *scope)
{
  const struct value *value = look_up(r, op);
  if (is_json(value)) return fail(r, ERROR_SYSTEM, "a template may not open a JSON slice");
  return is_true(value) || run_body(r, (uint32_t)(op - r->set->ops) + 1, op->end, scope);
}

/* Run a template or block: with more indentation where it stands alone, with none elsewhere. */
static bool run_indented(struct rendering *r, const struct template_op *op, uint32_t from,
                         uint32_t to, const struct scope *scope, const struct arguments *arguments)
{
  struct indent more = {op->text, scope->indent};
  struct scope inner = {NULL, arguments};
  if (op->is_alone) inner.indent = op->text.length ? &more : scope->indent;
  return run_body(r, from, to, &inner);
}

/* The template that a partial or parent runs, or NULL. */
static const struct template_source *target_of(const struct rendering *r,
                                               const struct template_op *op)
{
  uint32_t target = op->target;
  if (op->is_dynamic) target = template_find(r->set, value_text_get(look_up(r, op)));
  return target == TEMPLATE_NONE ? NULL : &r->set->templates[target];
}

static bool run_partial(struct rendering *r, const struct template_op *op,
                        const struct scope *scope)
{
  const struct template_source *target = target_of(r, op);
  return !target || run_indented(r, op, target->first, target->end, scope, NULL);
}

static bool run_parent(struct rendering *r, const struct template_op *op, const struct scope *scope)
{
  const struct template_source *target = target_of(r, op);
  struct arguments arguments = {(uint32_t)(op - r->set->ops), scope->arguments};
  return !target || run_indented(r, op, target->first, target->end, scope, &arguments);
}

/* The argument for a block: the outermost parent decides; of one parent, its last. NULL: none. */
static const struct template_op *find_argument(const struct template_set *set,
                                               const struct arguments *arguments, struct text name)
{
  if (!arguments) return NULL;
  const struct template_op *found = find_argument(set, arguments->outer, name);
  if (found) return found;
  uint32_t end = set->ops[arguments->parent].end;
  for (uint32_t i = arguments->parent + 1; i < end; i = set->ops[i].end)
    if (text_equal(set->ops[i].name, name)) found = &set->ops[i];
  return found;
}

static bool run_block(struct rendering *r, const struct template_op *op, const struct scope *scope)
{
  const struct template_op *argument = find_argument(r->set, scope->arguments, op->name);
  const struct template_op *body = argument ? argument : op;
  uint32_t from = (uint32_t)(body - r->set->ops) + 1;
  if (!argument && !op->is_alone) return run_body(r, from, body->end, scope);
  return run_indented(r, op, from, body->end, scope, scope->arguments);
}

static bool run(struct rendering *r, uint32_t from, uint32_t to, const struct scope *scope)
{
  static bool (*const runners[])(struct rendering *, const struct template_op *,
                                 const struct scope *) = {
      [OP_TEXT] = run_text,       [OP_INDENT] = run_indent,   [OP_ESCAPED] = run_value,
      [OP_RAW] = run_value,       [OP_SECTION] = run_section, [OP_INVERTED] = run_inverted,
      [OP_PARTIAL] = run_partial, [OP_PARENT] = run_parent,   [OP_BLOCK] = run_block};
  const struct template_op *ops = r->set->ops;
  bool good = true;
  for (uint32_t i = from; good && i < to; i = ops[i].end)
    good = runners[ops[i].kind](r, &ops[i], scope);
  return good;
}

bool template_render(const struct template_set *set, struct text name, const struct value *view,
                     struct text_buffer *out, struct error *error)
{
  uint32_t number = template_find(set, name);
  if (number == TEMPLATE_NONE)
    return error_set(error, ERROR_NOT_FOUND, "error.template", "Add the template.",
                     "no template \"%.*s\"", TEXT_PRINT(name));
  struct rendering r = {.set = set, .out = out, .stack = {view}, .stack_count = 1, .error = error};
  const struct template_source *source = &set->templates[number];
  struct scope scope = {NULL, NULL};
  size_t length = out->length;
  bool good = run(&r, source->first, source->end, &scope);
  if (good && out->over) good = fail(&r, ERROR_TOO_LARGE, "the page is too large");
  if (good) return true;
  out->length = length;
  return error_add_context(error, "template \"%.*s\"", TEXT_PRINT(name));
}
