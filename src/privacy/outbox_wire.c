/*
 * The wire: one message by SMTP or to an HTTP gateway, through libcurl. It decides nothing but what
 * became of the message, from how far it had gone.
 *
 * A message has certainly not left while the last byte of it was not yet asked for (SMTP) or no
 * connection stood (HTTP); it has when the other side said so; in between nobody knows. No
 * redirect is followed, certificates are checked, and without TLS it goes to this machine alone.
 * Source: RFC 5321 4.2.1 (what replies mean), RFC 9110 15. Threads: any.
 */
#include <curl/curl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "privacy/outbox_private.h"

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static bool curl_ready;

static void start_curl(void)
{
  curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* --- Where to ------------------------------------------------------------------------------ */

static bool is_this_machine(const char *host)
{
  return strcmp(host, "127.0.0.1") == 0 || strcmp(host, "localhost") == 0 ||
         strcmp(host, "[::1]") == 0;
}

/* Look at an address: a scheme that fits, TLS or this machine. */
static bool check_url(const char *address, const char *plain, const char *secure, bool may_upgrade,
                      bool *is_local)
{
  char *scheme = NULL, *host = NULL;
  CURLU *url = curl_url();
  bool good = url && curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK &&
              curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK;
  *is_local = good && is_this_machine(host);
  good = good && (strcmp(scheme, secure) == 0 ||
                  (strcmp(scheme, plain) == 0 && (may_upgrade || *is_local)));
  curl_free(scheme);
  curl_free(host);
  curl_url_cleanup(url);
  return good;
}

bool outbox_wire_is_on(const struct outbox_options *options, enum outbox_channel channel)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  bool is_local, is_email = channel == OUTBOX_EMAIL;
  struct text url = is_email ? options->smtp_url : options->text_url;
  bool is_on = url.length && (!is_email || options->mail_from.length) &&
               check_url(text_c(arena, url), is_email ? "smtp" : "http",
                         is_email ? "smtps" : "https", is_email, &is_local);
  arena_free(arena);
  return is_on;
}

/* --- Bytes --------------------------------------------------------------------------------- */

/* What goes out, and how far it has gone. */
struct upload {
  struct text rest;
  bool is_whole; /* the last byte was asked for */
};

static size_t give_bytes(char *to, size_t size, size_t count, void *context)
{
  struct upload *upload = context;
  size_t length = size * count < upload->rest.length ? size * count : upload->rest.length;
  if (length) memcpy(to, upload->rest.at, length);
  upload->rest = text_slice(upload->rest, length, upload->rest.length);
  upload->is_whole = upload->rest.length == 0;
  return length;
}

/* An answer is read and forgotten; one that does not end is cut. */
static size_t take_bytes(char *at, size_t size, size_t count, void *context)
{
  size_t *taken = context;
  (void)at;
  *taken += size * count;
  return *taken <= LIMIT_OUTBOX_ANSWER ? size * count : 0;
}

static void add_base64(struct text_buffer *out, struct arena *arena, struct text bytes, bool lines)
{
  const size_t step = lines ? 57 : bytes.length; /* 76 characters a line: RFC 2045 6.8 */
  for (size_t from = 0; from < bytes.length; from += step) {
    struct text part = text_slice(bytes, from, from + step);
    size_t size = sodium_base64_encoded_len(part.length, sodium_base64_VARIANT_ORIGINAL);
    char *digits = arena_allocate(arena, size);
    sodium_bin2base64(digits, size, (const unsigned char *)part.at, part.length,
                      sodium_base64_VARIANT_ORIGINAL);
    text_buffer_add(out, text_from(digits));
    if (lines) text_buffer_add(out, TEXT("\r\n"));
  }
}

/* The mail with its headers (RFC 5322, RFC 2047). No value can begin a line of its own. */
static struct text write_mail(const struct outbox_options *options,
                              const struct outbox_letter *letter, struct arena *arena)
{
  struct text_buffer out;
  struct text from = options->mail_from;
  struct text host = text_slice(from, text_find(from, TEXT("@")) + 1, from.length);
  struct text date = time_format_http(arena, letter->at);
  text_buffer_init(&out, 4 * LIMIT_OUTBOX_FACTS + LIMIT_OUTBOX_ANSWER);
  text_buffer_add_format(&out,
                         "Date: %.*s +0000\r\nFrom: <%.*s>\r\nTo: <%.*s>\r\n"
                         "Message-ID: <%.*s@%.*s>\r\nAuto-Submitted: auto-generated\r\n"
                         "Subject: =?utf-8?B?",
                         (int)(date.length - 4), date.at, TEXT_PRINT(from),
                         TEXT_PRINT(letter->address), TEXT_PRINT(letter->id), TEXT_PRINT(host));
  add_base64(&out, arena, letter->subject, false);
  text_buffer_add(&out,
                  TEXT("?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                       "Content-Transfer-Encoding: base64\r\n\r\n"));
  add_base64(&out, arena, letter->text, true);
  struct text mail = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return mail;
}

/* --- What became of it --------------------------------------------------------------------- */

struct ending {
  CURLcode code;
  long reply;    /* the last of the other side, or 0 */
  bool is_whole; /* everything had gone out */
};

static const char *name_failure(CURLcode code)
{
  switch (code) {
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_CONNECT:
    return "connect";
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_USE_SSL_FAILED:
    return "tls";
  case CURLE_LOGIN_DENIED:
    return "sign-in";
  case CURLE_OPERATION_TIMEDOUT:
    return "no-answer";
  default:
    return "broken";
  }
}

/* SMTP: 4yz try again, 5yz never (but for a sign-in, which the administrator mends). */
static enum outbox_result judge_mail(const struct ending *ending, const char **why)
{
  *why = "";
  if (ending->code == CURLE_OK) return OUTBOX_SENT;
  bool refuses = ending->reply >= 400 && ending->reply < 600;
  *why = refuses && ending->code != CURLE_LOGIN_DENIED ? ending->reply >= 500 ? "refused" : "busy"
                                                       : name_failure(ending->code);
  if (ending->is_whole && !refuses) return OUTBOX_UNSURE;
  bool is_final = refuses && ending->reply >= 500 && ending->code != CURLE_LOGIN_DENIED &&
                  ending->code != CURLE_USE_SSL_FAILED;
  return is_final ? OUTBOX_NEVER : OUTBOX_LATER;
}

/* HTTP: 2xx sent; 408, 425, 429, 503 not now; other 3xx and 4xx never; what else the gateway says
 * after it had the message (500, …) leaves open whether it went out. */
static enum outbox_result judge_post(const struct ending *ending, const char **why)
{
  long reply = ending->reply;
  *why = "";
  if (reply >= 200 && reply < 300) return OUTBOX_SENT; /* also when the answer's end is missing */
  if (ending->code != CURLE_OK && !reply) {
    *why = name_failure(ending->code);
    return ending->is_whole ? OUTBOX_UNSURE : OUTBOX_LATER;
  }
  bool is_busy = reply == 408 || reply == 425 || reply == 429 || reply == 503;
  *why = is_busy ? "busy" : reply == 401 || reply == 403 ? "sign-in" : "refused";
  if (is_busy || reply == 401 || reply == 403) return OUTBOX_LATER;
  if (reply >= 300 && reply < 500) return OUTBOX_NEVER;
  *why = "no-answer";
  return OUTBOX_UNSURE;
}

/* --- Sending ------------------------------------------------------------------------------- */

static void set_common(CURL *curl, struct upload *upload, size_t *taken)
{
  static const char *const trust[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"};
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps,http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)LIMIT_OUTBOX_CONNECT_SECONDS);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)LIMIT_OUTBOX_SECONDS);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, taken);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_bytes);
  curl_easy_setopt(curl, CURLOPT_READDATA, upload);
  for (size_t i = 0; i < sizeof trust / sizeof *trust; i++) {
    const char *path = getenv(trust[i]);
    if (!path || !*path) continue;
    curl_easy_setopt(curl, CURLOPT_CAINFO, path);
    break;
  }
}

static struct ending perform(CURL *curl, struct upload *upload)
{
  struct ending ending = {0};
  ending.code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ending.reply);
  ending.is_whole = upload->is_whole;
  return ending;
}

static enum outbox_result send_mail(CURL *curl, const struct outbox_options *options,
                                    const struct outbox_letter *letter, struct arena *arena,
                                    const char **why)
{
  bool is_local = false;
  size_t taken = 0;
  const char *url = text_c(arena, options->smtp_url);
  struct upload upload = {.rest = write_mail(options, letter, arena)};
  (void)check_url(url, "smtp", "smtps", true, &is_local);
  set_common(curl, &upload, &taken);
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_USE_SSL, is_local ? (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL);
  if (options->smtp_user.length) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, text_c(arena, options->smtp_user));
    curl_easy_setopt(curl, CURLOPT_PASSWORD, text_c(arena, options->smtp_password));
  }
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM,
                   text_c(arena, text_format(arena, "<%.*s>", TEXT_PRINT(options->mail_from))));
  struct curl_slist *to = curl_slist_append(
      NULL, text_c(arena, text_format(arena, "<%.*s>", TEXT_PRINT(letter->address))));
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  struct ending ending = perform(curl, &upload);
  curl_slist_free_all(to);
  return judge_mail(&ending, why);
}

static struct text write_json(const struct outbox_letter *letter, struct arena *arena)
{
  struct value *document = value_object(arena);
  struct text_buffer out;
  value_set(document, "id", value_text(arena, letter->id));
  value_set(document, "to", value_text(arena, letter->address));
  value_set(document, "text", value_text(arena, letter->text));
  text_buffer_init(&out, LIMIT_OUTBOX_ANSWER);
  json_write(document, &out);
  struct text json = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return json;
}

static enum outbox_result send_text(CURL *curl, const struct outbox_options *options,
                                    const struct outbox_letter *letter, struct arena *arena,
                                    const char **why)
{
  size_t taken = 0;
  struct upload upload = {.rest = write_json(letter, arena)};
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Expect:");
  headers = curl_slist_append(
      headers, text_c(arena, text_format(arena, "Idempotency-Key: %.*s", TEXT_PRINT(letter->id))));
  if (options->text_token.length)
    headers =
        curl_slist_append(headers, text_c(arena, text_format(arena, "Authorization: Bearer %.*s",
                                                             TEXT_PRINT(options->text_token))));
  set_common(curl, &upload, &taken);
  curl_easy_setopt(curl, CURLOPT_URL, text_c(arena, options->text_url));
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)upload.rest.length);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  struct ending ending = perform(curl, &upload);
  curl_slist_free_all(headers);
  return judge_post(&ending, why);
}

enum outbox_result outbox_wire_send(const struct outbox_options *options,
                                    const struct outbox_letter *letter, struct arena *arena,
                                    const char **why)
{
  pthread_once(&curl_once, start_curl);
  CURL *curl = curl_ready ? curl_easy_init() : NULL;
  *why = "system";
  if (!curl) return OUTBOX_LATER;
  enum outbox_result result = letter->channel == OUTBOX_EMAIL
                                  ? send_mail(curl, options, letter, arena, why)
                                  : send_text(curl, options, letter, arena, why);
  curl_easy_cleanup(curl);
  return result;
}
