/*
 * A ticker: calls a function again and again, on a thread of its own.
 */
#ifndef FAIRLEAD_WEB_TICKER_H
#define FAIRLEAD_WEB_TICKER_H

#include "base/base.h"

struct web_ticker;

/* Call `function(context)` each second until the ticker is stopped. */
bool web_ticker_start(struct web_ticker **out, void (*function)(void *context), void *context,
                      struct error *error);
/* The same, with `milliseconds` between the end of a call and the next. */
bool web_ticker_start_every(struct web_ticker **out, int milliseconds,
                            void (*function)(void *context), void *context, struct error *error);
/* Stop, after a call that is under way. NULL is fine. */
void web_ticker_stop(struct web_ticker *ticker);

#endif
