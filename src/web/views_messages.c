/*
 * POST /api/messages/heard: what came back to a number that messages went from, as the gateway
 * tells it. Not a page, and no way to read anything: the answer is the same whether the words meant
 * something or not. Who knows the gateway's token (sms-token-file) is the gateway; without one
 * there is no such route. Threads: all state is the request's.
 */
#include <sodium.h>

#include "web/web.h"

/* In a time that says nothing about where they differ, nor about their lengths. */
static bool is_same(struct text a, struct text b)
{
  unsigned char hashes[2][crypto_generichash_BYTES];
  crypto_generichash(hashes[0], sizeof hashes[0], (const unsigned char *)a.at, a.length, NULL, 0);
  crypto_generichash(hashes[1], sizeof hashes[1], (const unsigned char *)b.at, b.length, NULL, 0);
  return sodium_memcmp(hashes[0], hashes[1], sizeof hashes[0]) == 0;
}

static bool check_gateway(const struct web_request *request, struct error *error)
{
  static const struct text scheme = {"Bearer ", 7};
  const struct text token = request->application->gateway_token;
  if (!request->application->privacy || text_is_empty(token))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no gateway is set up");
  struct text given = request->authorization;
  bool has_scheme = text_equal_ignore_case(text_slice(given, 0, scheme.length), scheme);
  return (has_scheme && is_same(text_slice(given, scheme.length, given.length), token)) ||
         error_set(error, ERROR_FORBIDDEN, "error.403.text", "", "not the gateway's token");
}

struct heard {
  const struct web_request *request;
  struct text id, from, words;
};

/* A member that is a text of 1 to `longest` bytes. */
static bool read_member(const struct value *document, const char *name, size_t longest,
                        struct text *out, struct error *error)
{
  const struct value *member = document && value_kind_get(document) == VALUE_OBJECT
                                   ? value_get(document, text_from(name))
                                   : NULL;
  bool is_text = member && value_kind_get(member) == VALUE_TEXT;
  struct text t = is_text ? value_text_get(member) : TEXT("");
  if (!is_text || t.length == 0 || t.length > longest)
    return error_set(error, ERROR_REFUSED, "error.outbox.heard",
                     "Send {\"id\": \"…\", \"from\": \"+1…\", \"text\": \"…\"}.",
                     "%s is no text of 1 to %zu bytes", name, longest);
  *out = t;
  return true;
}

static bool read_heard(struct heard *heard, struct error *error)
{
  const struct web_request *request = heard->request;
  const struct value *document = NULL;
  return json_read(request->arena, request->body, &document, error) &&
         read_member(document, "id", LIMIT_OUTBOX_HEARD_ID, &heard->id, error) &&
         read_member(document, "from", LIMIT_OUTBOX_ADDRESS, &heard->from, error) &&
         read_member(document, "text", LIMIT_OUTBOX_HEARD_TEXT, &heard->words, error);
}

static bool hear(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct heard *heard = context;
  return outbox_heard(transaction, heard->request->application->privacy, OUTBOX_TEXT, heard->from,
                      heard->words, heard->id, time_now(), error);
}

static bool api_heard(struct web_request *request, struct web_view *view, struct error *error)
{
  struct heard heard = {.request = request};
  if (!check_gateway(request, error) || !read_heard(&heard, error) ||
      !store_write(request->application->store, hear, &heard, error))
    return false;
  struct value *result = value_object(request->arena);
  value_set(result, "heard", value_boolean(request->arena, true));
  view->result = result;
  return true;
}

const struct web_route web_messages_routes[] = {
    {.methods = WEB_POST, .pattern = "/api/messages/heard", .handler = api_heard, .is_api = true},
    {.pattern = NULL},
};
