/*
 * Metrics. Expected form: Prometheus' text exposition format, version 0.0.4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/metrics.h"

static bool has_line(struct text all, const char *line)
{
  struct text rest = all, one;
  while (text_split_next(&rest, '\n', &one))
    if (text_equal(one, text_from(line))) return true;
  return false;
}

static void counts_are_written_by_route_and_class(void **state)
{
  (void)state;
  static const char *const names[] = {"/find", "/facilities/{id}", "none"};
  struct web_metrics *metrics = web_metrics_new(names, 3);
  web_metrics_count(metrics, 0, 200, 90);
  web_metrics_count(metrics, 0, 204, 100);
  web_metrics_count(metrics, 0, 503, 101);
  web_metrics_count(metrics, 1, 304, 2000000);
  web_metrics_count(metrics, 2, 404, -5);
  web_metrics_count(metrics, 3, 200, 1); /* no such route */
  web_metrics_count(metrics, 0, 0, 1);   /* no answer */
  web_metrics_count(metrics, 0, 600, 1);
  assert_int_equal(web_metrics_total(metrics), 5);
  struct text_buffer out;
  text_buffer_init(&out, 1 << 16);
  web_metrics_write(metrics, &out);
  web_metric_write(&out, "fairlead_rows", "gauge", "Rows.", 12742, 0);
  struct text all = text_buffer_get(&out);
  static const char *const lines[] = {
      "# TYPE fairlead_http_requests_total counter",
      "fairlead_http_requests_total{route=\"/find\",status=\"2xx\"} 2",
      "fairlead_http_requests_total{route=\"/find\",status=\"5xx\"} 1",
      "fairlead_http_requests_total{route=\"/facilities/{id}\",status=\"3xx\"} 1",
      "fairlead_http_requests_total{route=\"none\",status=\"4xx\"} 1",
      "# TYPE fairlead_http_request_seconds histogram",
      "fairlead_http_request_seconds_bucket{le=\"0.000100\"} 3",
      "fairlead_http_request_seconds_bucket{le=\"0.000250\"} 4",
      "fairlead_http_request_seconds_bucket{le=\"1.000000\"} 4",
      "fairlead_http_request_seconds_bucket{le=\"+Inf\"} 5",
      "fairlead_http_request_seconds_sum 2.000291",
      "fairlead_http_request_seconds_count 5",
      "# HELP fairlead_rows Rows.",
      "# TYPE fairlead_rows gauge",
      "fairlead_rows 12742",
  };
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
    if (!has_line(all, lines[i])) fail_msg("no line %s in\n%.*s", lines[i], TEXT_PRINT(all));
  text_buffer_fini(&out);
  web_metrics_free(metrics);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(counts_are_written_by_route_and_class)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
