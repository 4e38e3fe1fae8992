/*
 * For whoever runs the program: /health and /metrics. Neither says anything about a person or a
 * search; /metrics answers this machine alone.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privacy/privacy.h"
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

static bool keys_answer(const struct privacy *privacy)
{
  struct error error = {0};
  if (vault_answers(privacy->vault, &error)) return true;
  log_error("web.health", &error);
  return false;
}

/* How long the oldest entry of the audit has waited to be sealed, in seconds; a clock that was set
 * back counts as none. Negative: it cannot be said. */
static double sealing_behind(struct store *store, int64_t now, int64_t *count)
{
  int64_t oldest = 0;
  struct error error = {0};
  *count = 0;
  if (!store || !audit_waiting(store, count, &oldest, &error)) return -1;
  return *count && oldest < now ? (double)(now - oldest) / 1e6 : 0;
}

/* Database and key store are what the desk stands on: without one of them 503. A seal that is late
 * is said, and no reason to take the server out of service. */
static void add_records(const struct web_request *request, struct value *result, bool *is_up,
                        bool *is_late)
{
  struct arena *arena = request->arena;
  const struct web_application *application = request->application;
  if (!application->privacy) return;
  int64_t waiting;
  bool keys = keys_answer(application->privacy);
  double behind = *is_up ? sealing_behind(application->store, time_now(), &waiting) : -1;
  value_set(result, "keys", value_boolean(arena, keys));
  value_set(result, "sealing",
            behind < 0                             ? value_null(arena)
            : behind <= LIMIT_AUDIT_BEHIND_SECONDS ? value_text(arena, TEXT("ok"))
                                                   : value_text(arena, TEXT("behind")));
  *is_late = behind > LIMIT_AUDIT_BEHIND_SECONDS;
  *is_up = *is_up && keys;
}

static bool show_health(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  struct arena *arena = request->arena;
  struct directory *directory = request->application->directory;
  bool database = database_answers(request->application->store), is_up = database, is_late = false;
  const struct snapshot *snapshot = directory ? directory_acquire(directory) : NULL;
  struct value *result = value_object(arena), *checksum = value_null(arena);
  if (snapshot)
    checksum = value_text(
        arena, text_format(arena, "%016llx", (unsigned long long)snapshot_checksum(snapshot)));
  value_set(result, "status", value_null(arena)); /* stands first */
  value_set(result, "database", value_boolean(arena, database));
  add_records(request, result, &is_up, &is_late);
  value_set(result, "checksum", checksum);
  value_set(result, "rows", value_integer(arena, snapshot ? snapshot_row_count(snapshot) : 0));
  value_set(result, "status", value_text(arena, is_up && !is_late ? TEXT("ok") : TEXT("degraded")));
  if (snapshot) directory_release(directory, snapshot);
  view->result = result;
  view->status = is_up ? 200 : 503;
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

static void write_store_metrics(const struct store *store, struct text_buffer *out)
{
  struct store_statistics counted;
  store_statistics_get(store, &counted);
  const struct {
    const char *name, *kind, *help;
    uint64_t value;
  } rows[] = {
      {"fairlead_store_reads_total", "counter", "Reading transactions that committed.",
       counted.reads},
      {"fairlead_store_writes_total", "counter", "Writing transactions that committed.",
       counted.writes},
      {"fairlead_store_commits_total", "counter",
       "Commits of writes; writes per commit is the size of a group.", counted.commits},
      {"fairlead_store_again_total", "counter", "Transactions run again for another's sake.",
       counted.again},
      {"fairlead_store_failed_total", "counter", "Transactions that failed.", counted.failed},
      {"fairlead_store_running", "gauge",
       "Transactions now, those that wait for a connection among them.", counted.running},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    web_metric_write(out, rows[i].name, rows[i].kind, rows[i].help, (double)rows[i].value, 0);
}

struct counted {
  int64_t now, late, messages;
};

static bool count_records(struct store_transaction *transaction, void *context, struct error *error)
{
  enum { SECOND = 1000 * 1000 };
  struct counted *counted = context;
  struct store_cursor *cursor;
  bool more;
  if (!due_count_late(transaction, TEXT(""), counted->now - SECOND, &counted->late, error) ||
      !store_query(transaction, &cursor, "SELECT count(*) FROM due WHERE kind = 'outbox.send'",
                   STORE_BIND_NONE, error))
    return false;
  bool good = store_next(cursor, &more, error);
  if (good) counted->messages = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return good;
}

/* Counts alone. What the database cannot say now is left out. */
static void write_record_metrics(const struct web_request *request, struct text_buffer *out)
{
  struct counted counted = {.now = time_now()};
  struct error error = {0};
  struct store *store = request->application->store;
  int64_t waiting;
  if (!store_read(store, count_records, &counted, &error)) return;
  web_metric_write(out, "fairlead_due_late", "gauge", "Clocks more than a second late.",
                   (double)counted.late, 0);
  web_metric_write(out, "fairlead_outbox_waiting", "gauge", "Messages that wait to be sent.",
                   (double)counted.messages, 0);
  double behind = sealing_behind(store, counted.now, &waiting);
  if (behind < 0) return;
  web_metric_write(out, "fairlead_audit_unsealed", "gauge", "Entries of the audit not yet sealed.",
                   (double)waiting, 0);
  web_metric_write(out, "fairlead_audit_unsealed_seconds", "gauge",
                   "How long the oldest of them has waited.", behind, 3);
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
  if (request->application->store) write_store_metrics(request->application->store, &out);
  if (request->application->privacy) write_record_metrics(request, &out);
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
