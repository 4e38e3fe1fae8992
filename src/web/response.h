/*
 * Responses: bytes with the headers that every answer carries, in the coding that the client takes.
 */
#ifndef FAIRLEAD_WEB_RESPONSE_H
#define FAIRLEAD_WEB_RESPONSE_H

#include "base/base.h"
#include "web/web.h"

struct MHD_Response;

/* What to send. `body` is taken over and is empty afterwards. */
struct web_answer {
  int status;
  const char *content_type; /* a literal, or as long-lived */
  struct text_buffer body;
  enum web_cache cache;
  const char *vary;             /* field names, or NULL */
  const char *allow;            /* of a 405, or NULL */
  struct text location;         /* of a 303, or "" */
  struct text content_language; /* or "" */
  const char *retry_after;      /* seconds, of a 503, or NULL */
  const char *file_name;        /* plain characters; saved under it instead of shown; or NULL */
  bool is_desk;                 /* of the staff's or a person's own pages: the stricter headers */
  bool is_file;                 /* bytes from elsewhere under /desk or /me: nothing of them runs */
  struct web_set_cookie cookies[WEB_SET_COOKIES];
  size_t cookie_count;
};

/* What the client said that matters to the bytes. */
struct web_client {
  bool is_get; /* GET or HEAD: an ETag may answer 304 */
  struct text accept_encoding, if_none_match;
  bool is_secure;  /* it speaks https with the proxy in front */
  bool is_closing; /* the connection ends with this answer */
};

/* Make the response: compressed when that is worth it, with its ETag, 304 when the client has it
 * already. Sets `answer->status` and `*sent`, the bytes of the body as sent. NULL when the library
 * has no memory. */
struct MHD_Response *web_response_make(struct web_answer *answer, const struct web_client *client,
                                       size_t *sent);

/* An answer of events that stays open (web_stream_read()); NULL when the library has no memory. */
struct MHD_Response *web_response_stream(struct web_stream *stream,
                                         const struct web_client *client);

/* An asset: bytes that live as long as the server, both ways coded, never changing. */
struct web_static {
  const char *content_type;
  struct text plain, packed; /* packed "": not worth it */
  char etag[24];             /* of the plain bytes, with its quotes */
  char packed_etag[24];
  bool is_immutable; /* its name holds its hash: kept for a year; otherwise an hour */
};
struct MHD_Response *web_response_static(const struct web_static *file,
                                         const struct web_client *client, int *status,
                                         size_t *sent);

/* Compress `plain` with gzip into the buffer; false when that does not make it smaller. */
bool web_gzip(struct text plain, int level, struct text_buffer *out);
/* Write the strong entity tag of some bytes, with its quotes. */
void web_etag_write(struct text body, bool packed, char out[24]);

#endif
