/*
 * Responses: see response.h. The only file that knows response headers.
 */
#include "web/response.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "web/cookies.h"
#include "web/negotiate.h"

enum {
  GZIP_WORTH = 1024,     /* bytes; a shorter body goes out as it is */
  GZIP_LEVEL_ANSWER = 4, /* made for each answer */
  GZIP_WINDOW = 15 + 16, /* 32 KiB, with the gzip wrapper */
  GZIP_MEMORY = 8
};

/* --- Headers ------------------------------------------------------------------------------- */

struct header {
  const char *name, *value;
};

/* On every answer. */
static const struct header everywhere[] = {
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

/* The policy names nothing but ourselves: no script, style, image, font or frame from elsewhere,
 * none inline. */
#define POLICY                                                                                     \
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "  \
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
#define NO_DEVICES                                                                                 \
  "browsing-topics=(), camera=(), display-capture=(), microphone=(), payment=(), usb=()"
static const struct header of_public[] = {
    {"Content-Security-Policy", POLICY},
    {"Permissions-Policy", "geolocation=(self), " NO_DEVICES},
};
/* Where records are shown, script cannot write markup, and no place is ever asked for. */
static const struct header of_desk[] = {
    {"Content-Security-Policy",
     POLICY "; require-trusted-types-for 'script'; trusted-types 'none'"},
    {"Permissions-Policy", "geolocation=(), " NO_DEVICES},
    {"X-Frame-Options", "DENY"},
    {"X-Robots-Tag", "noindex, nofollow"},
};

/* A file that somebody brought, shown by itself: it is nobody's page and runs nothing. */
static const struct header of_file[] = {
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"},
    {"X-Frame-Options", "DENY"},
    {"X-Robots-Tag", "noindex, nofollow"},
};

static bool add(struct MHD_Response *response, const char *name, const char *value)
{
  return MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool add_all(struct MHD_Response *response, const struct header *headers, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (!add(response, headers[i].name, headers[i].value)) return false;
  return true;
}

enum kind { PUBLIC, DESK, DESK_FILE };

static bool add_common(struct MHD_Response *response, const struct web_client *client,
                       enum kind kind)
{
  static const struct {
    const struct header *at;
    size_t count;
  } own[] = {[PUBLIC] = {of_public, sizeof of_public / sizeof *of_public},
             [DESK] = {of_desk, sizeof of_desk / sizeof *of_desk},
             [DESK_FILE] = {of_file, sizeof of_file / sizeof *of_file}};
  if (!add_all(response, everywhere, sizeof everywhere / sizeof *everywhere) ||
      !add_all(response, own[kind].at, own[kind].count))
    return false;
  if (client->is_secure && !add(response, "Strict-Transport-Security", "max-age=31536000"))
    return false;
  return !client->is_closing || add(response, "Connection", "close");
}

/* A slice that an arena keeps may lack its NUL; header values are short. */
static bool add_text(struct MHD_Response *response, const char *name, struct text value)
{
  char copy[LIMIT_HTTP_TARGET + 1];
  if (value.length >= sizeof copy) return false;
  memcpy(copy, value.at, value.length);
  copy[value.length] = 0;
  return add(response, name, copy);
}

/* --- Compression --------------------------------------------------------------------------- */

/* A compressor is 256 KiB; each thread keeps one. */
static pthread_key_t compressor_key;
static pthread_once_t compressor_once = PTHREAD_ONCE_INIT;

static void compressor_free(void *stream)
{
  deflateEnd(stream);
  free(stream);
}

static void compressor_key_make(void)
{
  pthread_key_create(&compressor_key, compressor_free);
}

static z_stream *compressor_get(int level)
{
  pthread_once(&compressor_once, compressor_key_make);
  z_stream *stream = pthread_getspecific(compressor_key);
  if (!stream) {
    stream = memory_allocate_zero(1, sizeof *stream);
    if (deflateInit2(stream, level, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
      free(stream);
      return NULL;
    }
    pthread_setspecific(compressor_key, stream);
  }
  if (deflateReset(stream) != Z_OK) return NULL;
  return deflateParams(stream, level, Z_DEFAULT_STRATEGY) == Z_OK ? stream : NULL;
}

bool web_gzip(struct text plain, int level, struct text_buffer *out)
{
  z_stream *stream = plain.length < UINT32_MAX ? compressor_get(level) : NULL;
  if (!stream) return false;
  char *packed = memory_allocate(plain.length);
  stream->next_in = (z_const Bytef *)(uintptr_t)plain.at;
  stream->avail_in = (uInt)plain.length;
  stream->next_out = (Bytef *)packed;
  stream->avail_out = (uInt)plain.length;
  if (deflate(stream, Z_FINISH) != Z_STREAM_END) { /* did not fit: not smaller */
    free(packed);
    return false;
  }
  *out = (struct text_buffer){.at = packed,
                              .length = plain.length - stream->avail_out,
                              .capacity = plain.length,
                              .ceiling = plain.length};
  return true;
}

/* --- Entity tags --------------------------------------------------------------------------- */

/* Two words of 64 bits into one: the product's halves, folded. */
static uint64_t mix(uint64_t a, uint64_t b)
{
  __extension__ unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

struct lanes {
  uint64_t a, b, c, d; /* four, so that no product waits for another */
};

/* The keys are digits of pi. */
static const uint64_t hash_keys[] = {0x243F6A8885A308D3, 0x13198A2E03707345, 0xA4093822299F31D1,
                                     0x082EFA98EC4E6C89};
enum { HASH_WORD = sizeof(uint64_t), HASH_STEP = 8 * HASH_WORD };

static uint64_t word_at(const char *bytes)
{
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

/* A lane behind the next two words. */
static inline uint64_t hash_lane(uint64_t lane, const char *bytes, uint64_t key)
{
  return mix(lane ^ word_at(bytes), key ^ word_at(bytes + HASH_WORD));
}

static inline void hash_step(struct lanes *lanes, const char *bytes)
{
  lanes->a = hash_lane(lanes->a, bytes, hash_keys[0]);
  lanes->b = hash_lane(lanes->b, bytes + 2 * HASH_WORD, hash_keys[1]);
  lanes->c = hash_lane(lanes->c, bytes + 4 * HASH_WORD, hash_keys[2]);
  lanes->d = hash_lane(lanes->d, bytes + 6 * HASH_WORD, hash_keys[3]);
}

/* A fast hash of 64 bits, 64 bytes a step in four lanes. It tells two versions of one answer apart;
 * nothing is trusted because of it. */
static uint64_t hash_bytes(struct text bytes)
{
  struct lanes lanes = {hash_keys[3] ^ bytes.length, hash_keys[2], hash_keys[1], hash_keys[0]};
  char last[HASH_STEP] = {0};
  size_t at = 0;
  for (; bytes.length - at >= HASH_STEP; at += HASH_STEP) hash_step(&lanes, bytes.at + at);
  if (at < bytes.length) memcpy(last, bytes.at + at, bytes.length - at);
  hash_step(&lanes, last);
  return mix(mix(lanes.a ^ hash_keys[0], lanes.b ^ hash_keys[1]) ^ hash_keys[2],
             mix(lanes.c ^ hash_keys[2], lanes.d ^ hash_keys[3]) ^ hash_keys[1]);
}

void web_etag_write(struct text body, bool packed, char out[24])
{
  static const char digits[] = "0123456789abcdef";
  enum { DIGITS = 16 };
  uint64_t hash = hash_bytes(body);
  out[0] = '"';
  for (int i = 0; i < DIGITS; i++) out[1 + i] = digits[(hash >> (60 - 4 * i)) & 15];
  memcpy(out + 1 + DIGITS, packed ? "-g\"" : "\"", packed ? sizeof "-g\"" : sizeof "\"");
}

/* --- Answers ------------------------------------------------------------------------------- */

static void pack(struct web_answer *answer, const struct web_client *client, bool *packed)
{
  struct text plain = text_buffer_get(&answer->body);
  struct text_buffer smaller;
  if (plain.length < GZIP_WORTH || !web_prefer_gzip(client->accept_encoding)) return;
  if (!web_gzip(plain, GZIP_LEVEL_ANSWER, &smaller)) return;
  text_buffer_fini(&answer->body);
  answer->body = smaller;
  *packed = true;
}

static bool add_caching(struct MHD_Response *response, const struct web_answer *answer,
                        const char *etag)
{
  static const char *const control[] = {[WEB_CACHE_NONE] = "no-store",
                                        [WEB_CACHE_PRIVATE] = "private, no-cache",
                                        [WEB_CACHE_PUBLIC] = "public, max-age=60"};
  if (!add(response, "Cache-Control", control[answer->cache])) return false;
  if (*etag && !add(response, "ETag", etag)) return false;
  return !answer->vary || add(response, "Vary", answer->vary);
}

/* `name` is ours: plain characters. */
static bool add_file_name(struct MHD_Response *response, const char *name)
{
  char value[128];
  snprintf(value, sizeof value, "attachment; filename=\"%s\"", name);
  return add(response, "Content-Disposition", value);
}

static bool add_cookies(struct MHD_Response *response, const struct web_answer *answer)
{
  struct text_buffer value;
  bool is_good = true;
  text_buffer_init(&value, LIMIT_HTTP_COOKIE_BYTES);
  for (size_t i = 0; is_good && i < answer->cookie_count; i++) {
    text_buffer_clear(&value);
    is_good = web_cookie_write(&answer->cookies[i], &value) &&
              add_text(response, "Set-Cookie", text_buffer_get(&value));
  }
  text_buffer_fini(&value);
  return is_good;
}

static bool add_own(struct MHD_Response *response, const struct web_answer *answer)
{
  if (!add_cookies(response, answer)) return false;
  if (answer->file_name && !add_file_name(response, answer->file_name)) return false;
  bool has_type = answer->content_type && answer->status != 304;
  if (has_type && !add(response, "Content-Type", answer->content_type)) return false;
  if (answer->allow && !add(response, "Allow", answer->allow)) return false;
  if (answer->retry_after && !add(response, "Retry-After", answer->retry_after)) return false;
  if (answer->location.length && !add_text(response, "Location", answer->location)) return false;
  return answer->content_language.length == 0 ||
         add_text(response, "Content-Language", answer->content_language);
}

struct MHD_Response *web_response_make(struct web_answer *answer, const struct web_client *client,
                                       size_t *sent)
{
  char etag[24] = "";
  bool packed = false;
  pack(answer, client, &packed);
  struct text body = text_buffer_get(&answer->body);
  if (answer->status == 200 && answer->cache != WEB_CACHE_NONE && client->is_get) {
    web_etag_write(body, packed, etag);
    if (web_etag_matches(client->if_none_match, text_from(etag))) answer->status = 304;
  }
  *sent = answer->status == 304 ? 0 : body.length;
  /* A 304 keeps its body here: the library sends none, but its true length. */
  struct MHD_Response *response =
      MHD_create_response_from_buffer_with_free_callback(body.length, answer->body.at, free);
  if (!response) {
    text_buffer_fini(&answer->body);
    return NULL;
  }
  answer->body = (struct text_buffer){0};
  if (add_own(response, answer) && add_caching(response, answer, etag) &&
      (!packed || answer->status == 304 || add(response, "Content-Encoding", "gzip")) &&
      add_common(response, client,
                 !answer->is_desk  ? PUBLIC
                 : answer->is_file ? DESK_FILE
                                   : DESK))
    return response;
  MHD_destroy_response(response);
  return NULL;
}

struct MHD_Response *web_response_stream(struct web_stream *stream, const struct web_client *client)
{
  enum { PIECE = 1024 };
  struct MHD_Response *response =
      MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE, web_stream_read, stream, NULL);
  if (!response) return NULL;
  /* The last one asks a proxy to hand each piece on at once. */
  if (add(response, "Content-Type", "text/event-stream") &&
      add(response, "Cache-Control", "no-store") && add(response, "X-Accel-Buffering", "no") &&
      add_common(response, client, DESK))
    return response;
  MHD_destroy_response(response);
  return NULL;
}

struct MHD_Response *web_response_static(const struct web_static *file,
                                         const struct web_client *client, int *status, size_t *sent)
{
  bool packed = file->packed.length && web_prefer_gzip(client->accept_encoding);
  struct text body = packed ? file->packed : file->plain;
  const char *etag = packed ? file->packed_etag : file->etag;
  bool is_known = web_etag_matches(client->if_none_match, text_from(etag));
  *status = is_known ? 304 : 200;
  *sent = is_known ? 0 : body.length;
  struct MHD_Response *response = MHD_create_response_from_buffer(
      body.length, (void *)(uintptr_t)body.at, MHD_RESPMEM_PERSISTENT);
  if (!response) return NULL;
  const char *control =
      file->is_immutable ? "public, max-age=31536000, immutable" : "public, max-age=3600";
  if ((is_known || add(response, "Content-Type", file->content_type)) &&
      (is_known || !packed || add(response, "Content-Encoding", "gzip")) &&
      (!file->packed.length || add(response, "Vary", "Accept-Encoding")) &&
      add(response, "ETag", etag) && add(response, "Cache-Control", control) &&
      add_common(response, client, PUBLIC))
    return response;
  MHD_destroy_response(response);
  return NULL;
}
