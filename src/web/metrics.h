/*
 * Metrics: what the server counted, written in Prometheus' text form. Counts are of routes, never
 * of paths. Threads: any may count and write.
 */
#ifndef FAIRLEAD_WEB_METRICS_H
#define FAIRLEAD_WEB_METRICS_H

#include "base/base.h"

struct web_metrics;

/* `names` are the route patterns; they must outlive the metrics. */
struct web_metrics *web_metrics_new(const char *const *names, size_t count);
void web_metrics_free(struct web_metrics *metrics);
/* Count one answered request; `microseconds` from the whole request to the whole answer. */
void web_metrics_count(struct web_metrics *metrics, size_t route, int status, int64_t microseconds);
/* Requests counted since the start. */
uint64_t web_metrics_total(const struct web_metrics *metrics);
void web_metrics_write(const struct web_metrics *metrics, struct text_buffer *out);
/* One gauge or counter of somebody else's, with its lines of help. `kind` is "gauge" or "counter".
 */
void web_metric_write(struct text_buffer *out, const char *name, const char *kind, const char *help,
                      double value, int digits);

#endif
