/*
 * Acts: reading with its audit, and changing once however often a form arrives. See desk.h.
 *
 * A form's key is kept with a digest of what was sent, so that the same page's other forms, or the
 * same form sent again with a correction, are acts of their own.
 */
#include <sodium.h>
#include <string.h>
#include <time.h>

#include "base/seal.h"
#include "web/desk/desk_private.h"

enum { DIGEST_BYTES = 32 };

/* A form that was sent: whose, its key, and a digest of its path and fields. */
struct sent {
  struct web_request *request;
  struct web_view *view;
  store_function *function;
  void *context;
  struct text account_id, key;
  unsigned char digest[DIGEST_BYTES];
  bool is_repeat;
};

/* --- Reading ------------------------------------------------------------------------------- */

bool desk_read(struct web_request *request, store_function *function, void *context,
               struct error *error)
{
  bool was_looking = request->actor && request->actor->is_looking;
  if (request->actor) request->actor->is_looking = true;
  bool is_done = store_write(request->application->store, function, context, error);
  if (request->actor) request->actor->is_looking = was_looking;
  return is_done;
}

/* --- What was sent ------------------------------------------------------------------------- */

static void digest_add(crypto_generichash_state *state, struct text t)
{
  uint64_t length = t.length;
  crypto_generichash_update(state, (const unsigned char *)&length, sizeof length);
  crypto_generichash_update(state, (const unsigned char *)text_start(t), t.length);
}

/* Tokens are no part of what was asked, and nothing is kept of a secret, not even a digest. */
static bool is_asked(struct text name)
{
  return !text_equal(name, TEXT("form_token")) && !text_equal(name, TEXT("form_key")) &&
         !desk_is_secret(name);
}

static void digest_write(const struct web_request *request, unsigned char out[DIGEST_BYTES])
{
  crypto_generichash_state state;
  crypto_generichash_init(&state, NULL, 0, DIGEST_BYTES);
  digest_add(&state, request->path);
  for (size_t i = 0; i < request->parameter_count; i++) {
    if (!is_asked(request->parameters[i].name)) continue;
    digest_add(&state, request->parameters[i].name);
    digest_add(&state, request->parameters[i].value);
  }
  crypto_generichash_final(&state, out, DIGEST_BYTES);
}

static bool sent_read(struct sent *sent, struct web_request *request, struct web_view *view,
                      struct error *error)
{
  const struct actor *actor = request->actor;
  struct text key = web_parameter_get(request, "form_key");
  if (request->method != WEB_POST || !desk_is_token(key))
    return error_set(error, ERROR_REFUSED, "error.desk.form", "Open the page again.",
                     "a form came without its key");
  *sent = (struct sent){.request = request,
                        .view = view,
                        .account_id = actor ? actor->account_id : TEXT(""),
                        .key = key};
  digest_write(request, sent->digest);
  return true;
}

static struct text digest_of(const struct sent *sent)
{
  return (struct text){(const char *)sent->digest, DIGEST_BYTES};
}

/* Take the key; `*mine` false when it was taken before. */
static bool key_take(struct store_transaction *transaction, const struct sent *sent, bool *mine,
                     struct error *error)
{
  int64_t changed = 0;
  if (!store_execute(transaction,
                     "INSERT INTO desk_key (account_id, key, digest, redirect, answer, made_at) "
                     "VALUES ($1, $2, $3, '', '', $4) ON CONFLICT DO NOTHING",
                     STORE_BIND(STORE_T(sent->account_id), STORE_T(sent->key),
                                STORE_B(digest_of(sent)), STORE_N(sent->request->now)),
                     &changed, error))
    return false;
  *mine = changed == 1;
  return true;
}

/* Keep the answer with the key. */
static bool key_keep(struct store_transaction *transaction, const struct sent *sent,
                     struct text redirect, struct text answer, struct error *error)
{
  return store_execute(
      transaction,
      "UPDATE desk_key SET redirect = $4, answer = $5 WHERE account_id = $1 AND key = "
      "$2 AND digest = $3",
      STORE_BIND(STORE_T(sent->account_id), STORE_T(sent->key), STORE_B(digest_of(sent)),
                 STORE_T(redirect), STORE_T(answer)),
      NULL, error);
}

static bool key_drop(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct sent *sent = context;
  return store_execute(
      transaction, "DELETE FROM desk_key WHERE account_id = $1 AND key = $2 AND digest = $3",
      STORE_BIND(STORE_T(sent->account_id), STORE_T(sent->key), STORE_B(digest_of(sent))), NULL,
      error);
}

/* Where the first one led; "" while it is under way; `*is_there` false when it failed meanwhile. */
static bool key_find(struct store_transaction *transaction, const struct sent *sent, bool *is_there,
                     struct text *redirect, struct error *error)
{
  struct store_cursor *cursor;
  if (!store_query(
          transaction, &cursor,
          "SELECT redirect FROM desk_key WHERE account_id = $1 AND key = $2 AND digest = $3",
          STORE_BIND(STORE_T(sent->account_id), STORE_T(sent->key), STORE_B(digest_of(sent))),
          error))
    return false;
  bool is_good = store_next(cursor, is_there, error);
  if (is_good && *is_there)
    *redirect = text_copy(sent->request->arena, store_column_text(cursor, 0));
  store_cursor_close(cursor);
  return is_good;
}

/* --- In one transaction -------------------------------------------------------------------- */

static bool write_once(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sent *sent = context;
  bool mine, is_there;
  sent->view->redirect = TEXT("");
  if (!key_take(transaction, sent, &mine, error)) return false;
  sent->is_repeat = !mine;
  if (!mine) return key_find(transaction, sent, &is_there, &sent->view->redirect, error);
  return sent->function(transaction, sent->context, error) &&
         key_keep(transaction, sent, sent->view->redirect, TEXT(""), error);
}

bool desk_write(struct web_request *request, struct web_view *view, store_function *function,
                void *context, struct error *error)
{
  struct sent sent;
  if (!sent_read(&sent, request, view, error)) return false;
  sent.function = function;
  sent.context = context;
  if (!store_write(request->application->store, write_once, &sent, error)) return false;
  if (text_is_empty(view->redirect))
    desk_redirect(request, view, "%.*s", TEXT_PRINT(request->path));
  return true;
}

/* --- Around transactions of others --------------------------------------------------------- */

static bool claim(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sent *sent = context;
  bool mine;
  if (!key_take(transaction, sent, &mine, error)) return false;
  sent->is_repeat = !mine;
  return true;
}

static bool look(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sent *sent = context;
  bool is_there = false;
  if (!key_find(transaction, sent, &is_there, &sent->view->redirect, error)) return false;
  sent->is_repeat = is_there;
  return true;
}

/* Wait for the first one's answer. */
static bool wait_for_first(struct sent *sent, struct error *error)
{
  enum { LOOKS_A_SECOND = 20 };
  struct store *store = sent->request->application->store;
  for (int i = 0; i < LIMIT_DESK_WAIT_SECONDS * LOOKS_A_SECOND; i++) {
    if (!store_read(store, look, sent, error)) return false;
    if (!text_is_empty(sent->view->redirect)) return true;
    if (!sent->is_repeat) break; /* it was refused, and took its key back */
    nanosleep(&(struct timespec){.tv_nsec = 1000 * 1000 * 1000 / LOOKS_A_SECOND}, NULL);
  }
  return error_set(error, ERROR_CONFLICT, "error.desk.unsure", "",
                   "a form came again, and the first one left no answer");
}

struct keeping {
  const struct sent *sent;
  struct text redirect, answer;
};

static bool keep(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct keeping *keeping = context;
  return key_keep(transaction, keeping->sent, keeping->redirect, keeping->answer, error);
}

/* Seal what is shown once, and tell the redirect where to find it. */
static struct text seal_once(const struct sent *sent)
{
  const struct web_application *application = sent->request->application;
  struct web_view *view = sent->view;
  if (text_is_empty(view->once)) return TEXT("");
  view->redirect = text_format(sent->request->arena, "%.*s?shown=%.*s", TEXT_PRINT(view->redirect),
                               TEXT_PRINT(sent->key));
  return seal_write(sent->request->arena, application->key, TEXT("desk.once"), view->once,
                    sent->request->now, LIMIT_DESK_ONCE_SECONDS);
}

bool desk_act(struct web_request *request, struct web_view *view, desk_function *function,
              void *context, struct error *error)
{
  struct store *store = request->application->store;
  struct error second = {0};
  struct sent sent;
  if (!sent_read(&sent, request, view, error) || !store_write(store, claim, &sent, error))
    return false;
  if (sent.is_repeat) return wait_for_first(&sent, error);
  if (!function(request, view, context, error)) {
    if (!store_write(store, key_drop, &sent, &second)) log_error("desk.key", &second);
    return false;
  }
  if (text_is_empty(view->redirect))
    desk_redirect(request, view, "%.*s", TEXT_PRINT(request->path));
  struct text answer = seal_once(&sent);
  struct keeping keeping = {.sent = &sent, .redirect = view->redirect, .answer = answer};
  return store_write(store, keep, &keeping, error);
}

/* --- What is shown once -------------------------------------------------------------------- */

struct once {
  struct web_request *request;
  struct text key, sealed;
};

static bool once_find(struct store_transaction *transaction, void *context, struct error *error)
{
  struct once *once = context;
  const struct actor *actor = once->request->actor;
  struct store_cursor *cursor;
  bool more = false;
  if (!store_query(
          transaction, &cursor,
          "SELECT answer FROM desk_key WHERE account_id = $1 AND key = $2 AND answer <> '' "
          "ORDER BY made_at DESC",
          STORE_BIND(STORE_T(actor->account_id), STORE_T(once->key)), error))
    return false;
  bool is_good = store_next(cursor, &more, error);
  if (is_good && more) once->sealed = text_copy(once->request->arena, store_column_text(cursor, 0));
  store_cursor_close(cursor);
  return is_good;
}

bool desk_once(struct web_request *request, struct text *out, struct error *error)
{
  struct once once = {.request = request, .key = web_parameter_get(request, "shown")};
  struct error closed = {0};
  struct seal seal;
  *out = TEXT("");
  if (!request->actor || !desk_is_token(once.key)) return true;
  if (!store_read(request->application->store, once_find, &once, error)) return false;
  if (once.sealed.length && seal_read(request->arena, request->application->key, TEXT("desk.once"),
                                      once.sealed, request->now, &seal, &closed))
    *out = seal.bytes;
  return true;
}

static bool forget(struct store_transaction *transaction, void *context, struct error *error)
{
  const int64_t *before = context;
  return store_execute(transaction, "DELETE FROM desk_key WHERE made_at < $1",
                       STORE_BIND(STORE_N(*before)), NULL, error);
}

bool desk_forget(struct store *store, int64_t now, struct error *error)
{
  int64_t before = now - (int64_t)LIMIT_DESK_KEY_SECONDS * 1000000;
  return store_write(store, forget, &before, error);
}
