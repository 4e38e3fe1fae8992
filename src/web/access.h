/*
 * The access log: one line for each answered request, in the form of base/log.h, but written with
 * little work, since it is written for every request. Nothing in it comes from the request.
 */
#ifndef FAIRLEAD_WEB_ACCESS_H
#define FAIRLEAD_WEB_ACCESS_H

#include "base/base.h"

struct web_access {
  const char *method; /* a known method, or "-" */
  const char *route;  /* a pattern, "asset" or "none" */
  int status;
  size_t bytes; /* of the body, as sent */
  int64_t microseconds;
};

/* Write "time=… level=info event=web.request method=… route=… …" to standard error, in one write.
 */
void web_access_write(const struct web_access *access);

#endif
