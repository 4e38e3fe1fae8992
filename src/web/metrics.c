/*
 * Metrics: see metrics.h.
 */
#include "web/metrics.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { CLASSES = 5, BUCKETS = 14 };

/* Upper bounds of the latency histogram, in microseconds; the last bucket has none. */
static const int64_t bounds[BUCKETS - 1] = {100,   250,   500,    1000,   2500,   5000,   10000,
                                            25000, 50000, 100000, 250000, 500000, 1000000};

struct route_count {
  const char *name;
  _Atomic uint64_t by_class[CLASSES]; /* 1xx to 5xx */
};

struct web_metrics {
  struct route_count *routes;
  size_t count;
  _Atomic uint64_t buckets[BUCKETS];
  _Atomic uint64_t microseconds;
};

struct web_metrics *web_metrics_new(const char *const *names, size_t count)
{
  struct web_metrics *metrics = memory_allocate_zero(1, sizeof *metrics);
  metrics->routes = memory_allocate_zero(count, sizeof *metrics->routes);
  metrics->count = count;
  for (size_t i = 0; i < count; i++) metrics->routes[i].name = names[i];
  return metrics;
}

void web_metrics_free(struct web_metrics *metrics)
{
  if (!metrics) return;
  free(metrics->routes);
  free(metrics);
}

static void add(_Atomic uint64_t *counter, uint64_t number)
{
  atomic_fetch_add_explicit(counter, number, memory_order_relaxed);
}

static uint64_t read_counter(const _Atomic uint64_t *counter)
{
  return atomic_load_explicit(counter, memory_order_relaxed);
}

void web_metrics_count(struct web_metrics *metrics, size_t route, int status, int64_t microseconds)
{
  if (route >= metrics->count || status < 100 || status > 599) return;
  size_t bucket = 0;
  while (bucket < BUCKETS - 1 && microseconds > bounds[bucket]) bucket++;
  add(&metrics->routes[route].by_class[status / 100 - 1], 1);
  add(&metrics->buckets[bucket], 1);
  add(&metrics->microseconds, microseconds > 0 ? (uint64_t)microseconds : 0);
}

uint64_t web_metrics_total(const struct web_metrics *metrics)
{
  uint64_t total = 0;
  for (size_t i = 0; i < BUCKETS; i++) total += read_counter(&metrics->buckets[i]);
  return total;
}

static void write_head(struct text_buffer *out, const char *name, const char *kind,
                       const char *help)
{
  text_buffer_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

void web_metric_write(struct text_buffer *out, const char *name, const char *kind, const char *help,
                      double value, int digits)
{
  write_head(out, name, kind, help);
  text_buffer_add_format(out, "%s ", name);
  text_buffer_add_decimal(out, value, digits);
  text_buffer_add_character(out, '\n');
}

static void write_histogram(const struct web_metrics *metrics, struct text_buffer *out)
{
  write_head(out, "fairlead_http_request_seconds", "histogram",
             "From the whole request to the whole answer.");
  uint64_t below = 0;
  for (size_t i = 0; i < BUCKETS; i++) {
    below += read_counter(&metrics->buckets[i]);
    text_buffer_add_format(out, "fairlead_http_request_seconds_bucket{le=\"");
    if (i < BUCKETS - 1) text_buffer_add_decimal(out, (double)bounds[i] / 1e6, 6);
    else text_buffer_add(out, TEXT("+Inf"));
    text_buffer_add_format(out, "\"} %llu\n", (unsigned long long)below);
  }
  text_buffer_add(out, TEXT("fairlead_http_request_seconds_sum "));
  text_buffer_add_decimal(out, (double)read_counter(&metrics->microseconds) / 1e6, 6);
  text_buffer_add_format(out, "\nfairlead_http_request_seconds_count %llu\n",
                         (unsigned long long)below);
}

void web_metrics_write(const struct web_metrics *metrics, struct text_buffer *out)
{
  write_head(out, "fairlead_http_requests_total", "counter",
             "Requests answered, by route and class of status.");
  for (size_t i = 0; i < metrics->count; i++) {
    for (int hundred = 0; hundred < CLASSES; hundred++) {
      uint64_t number = read_counter(&metrics->routes[i].by_class[hundred]);
      if (!number) continue;
      text_buffer_add_format(out,
                             "fairlead_http_requests_total{route=\"%s\",status=\"%dxx\"} %llu\n",
                             metrics->routes[i].name, hundred + 1, (unsigned long long)number);
    }
  }
  write_histogram(metrics, out);
}
