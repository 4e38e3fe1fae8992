/*
 * For whoever runs the program: /health and /metrics. Neither says anything about a person or a
 * search; /metrics answers this machine alone.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "web/metrics.h"
#include "web/web.h"

static bool ask_database(struct store_transaction *transaction, void *context, struct error *error)
{
  struct store_cursor *cursor;
  bool *answered = context;
  if (!store_query(transaction, &cursor, "SELECT 1", STORE_BIND_NONE, error)) return false;
  bool good = store_next(cursor, answered, error);
  store_cursor_close(cursor);
  return good;
}

static bool database_answers(struct store *store)
{
  struct error error = {0};
  bool answered = false;
  if (store && store_read(store, ask_database, &answered, &error)) return answered;
  if (store) log_error("web.health", &error);
  return false;
}

static bool show_health(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  struct arena *arena = request->arena;
  struct directory *directory = request->application->directory;
  bool database = database_answers(request->application->store);
  const struct snapshot *snapshot = directory ? directory_acquire(directory) : NULL;
  struct value *result = value_object(arena), *checksum = value_null(arena);
  if (snapshot)
    checksum = value_text(
        arena, text_format(arena, "%016llx", (unsigned long long)snapshot_checksum(snapshot)));
  value_set(result, "status", value_text(arena, database ? TEXT("ok") : TEXT("degraded")));
  value_set(result, "database", value_boolean(arena, database));
  value_set(result, "checksum", checksum);
  value_set(result, "rows", value_integer(arena, snapshot ? snapshot_row_count(snapshot) : 0));
  if (snapshot) directory_release(directory, snapshot);
  view->result = result;
  view->status = database ? 200 : 503;
  return true;
}

/* Seconds since directory.current was last named; negative when there is none. */
static double directory_age(const struct web_request *request)
{
  struct stat status;
  const char *path =
      file_join(request->arena, request->application->data_folder, "directory.current");
  if (stat(path, &status) != 0) return -1;
  return (double)time_now() / 1e6 - (double)status.st_mtime;
}

/* The second number of /proc/self/statm, in pages. */
static double resident_bytes(void)
{
  char line[128];
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = read(file, line, sizeof line);
  close(file);
  struct text rest = {line, length > 0 ? (size_t)length : 0}, all, resident;
  int64_t pages;
  if (!text_word_next(&rest, &all) || !text_word_next(&rest, &resident) ||
      !text_read_integer(resident, &pages))
    return 0;
  return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void write_directory_metrics(const struct web_request *request, struct text_buffer *out)
{
  struct directory *directory = request->application->directory;
  const struct snapshot *snapshot = directory ? directory_acquire(directory) : NULL;
  web_metric_write(out, "fairlead_directory_rows", "gauge", "Facilities that are searched now.",
                   snapshot ? snapshot_row_count(snapshot) : 0, 0);
  if (snapshot) directory_release(directory, snapshot);
  double age = directory_age(request);
  if (age >= 0)
    web_metric_write(out, "fairlead_directory_age_seconds", "gauge",
                     "Since the directory was last built.", age, 0);
}

static bool show_metrics(struct web_request *request, struct web_view *view, struct error *error)
{
  if (!request->is_local)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "",
                     "/metrics was asked for from elsewhere");
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_TEMPLATE_OUTPUT);
  web_server_metrics(request->application->server, &out);
  write_directory_metrics(request, &out);
  web_metric_write(&out, "process_resident_memory_bytes", "gauge", "Memory held by the process.",
                   resident_bytes(), 0);
  view->raw = text_copy(request->arena, text_buffer_get(&out));
  view->content_type = "text/plain; version=0.0.4; charset=utf-8";
  text_buffer_fini(&out);
  return true;
}

const struct web_route web_operations_routes[] = {
    {.methods = WEB_GET, .pattern = "/health", .handler = show_health, .is_api = true},
    {.methods = WEB_GET, .pattern = "/metrics", .handler = show_metrics},
    {.pattern = NULL},
};
