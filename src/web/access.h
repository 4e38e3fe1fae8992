/*
 * The access log: one line for each answered request, in the form of base/log.h. It is written for
 * every request, so it is written with little work: lines gather in memory and go to standard error
 * each second, or when there are many. Nothing in a line comes from the request.
 *
 * Threads: any may write.
 */
#ifndef FAIRLEAD_WEB_ACCESS_H
#define FAIRLEAD_WEB_ACCESS_H

#include "base/base.h"

struct web_access {
  const char *method; /* a known method, or NULL */
  const char *route;  /* a pattern, "asset" or "none" */
  int status;
  size_t bytes; /* of the body, as sent */
  int64_t microseconds;
};

struct web_access_log;
struct web_access_log *web_access_log_new(void);
/* Write what has gathered, and free. */
void web_access_log_free(struct web_access_log *log);
/* Add "time=… level=info event=web.request method=… route=… …". */
void web_access_write(struct web_access_log *log, const struct web_access *access);
/* Write what has gathered to standard error. */
void web_access_flush(struct web_access_log *log);

#endif
