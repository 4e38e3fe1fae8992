/*
 * Download: one https address to a file, through libcurl. Only https, also behind a redirect; a
 * file that is not whole is never left behind.
 */
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "directory/import.h"

enum { REDIRECTS = 5, CONNECT_SECONDS = 30, STALLED_SECONDS = 60, STALLED_RATE = 100 };

struct download {
  FILE *file;
  int64_t size;
  bool too_large;
  const struct import_options *options;
};

static size_t on_bytes(char *bytes, size_t size, size_t count, void *context)
{
  struct download *download = context;
  size_t length = size * count;
  download->size += (int64_t)length;
  download->too_large = download->size > LIMIT_IMPORT_FILE;
  if (download->too_large) return 0;
  return fwrite(bytes, 1, length, download->file);
}

static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now)
{
  (void)up_total, (void)up_now;
  struct download *download = context;
  const struct import_options *options = download->options;
  if (now > 0 && options && options->progress)
    options->progress(options->progress_context, "downloading", (int64_t)now, (int64_t)total);
  return 0;
}

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static bool curl_ready;

static void start_curl(void)
{
  curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* The certificates to trust, when the environment names others than the system's. */
static void set_trust(CURL *curl)
{
  static const char *const names[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *path = getenv(names[i]);
    if (!path || !*path) continue;
    curl_easy_setopt(curl, CURLOPT_CAINFO, path);
    return;
  }
}

static void set_options(CURL *curl, const char *address, struct download *download, char *why)
{
  curl_easy_setopt(curl, CURLOPT_URL, address);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)LIMIT_DOWNLOAD_SECONDS);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)STALLED_SECONDS);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)STALLED_RATE);
  curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)LIMIT_IMPORT_FILE);
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "fairlead");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, download);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, download);
  set_trust(curl);
}

static bool fail(const struct download *download, CURLcode code, const char *why,
                 struct error *error)
{
  if (download->too_large || code == CURLE_FILESIZE_EXCEEDED)
    return error_set(error, ERROR_TOO_LARGE, "error.import.large",
                     "Directory files are far smaller. Check the address.", "over %d bytes",
                     LIMIT_IMPORT_FILE);
  if (code == CURLE_UNSUPPORTED_PROTOCOL)
    return error_set(error, ERROR_REFUSED, "error.import.address",
                     "Give an address that begins with https://.",
                     "an address or a redirect that is not https");
  return error_set(error, ERROR_REFUSED, "error.import.download",
                   "Check the address and the network, or download the file with a browser and "
                   "import it from disk.",
                   "download: %s", *why ? why : curl_easy_strerror(code));
}

static bool fetch(const char *address, struct download *download, struct error *error)
{
  char why[CURL_ERROR_SIZE] = "";
  pthread_once(&curl_once, start_curl);
  CURL *curl = curl_ready ? curl_easy_init() : NULL;
  if (!curl)
    return error_set(error, ERROR_SYSTEM, "error.import.download", "", "libcurl does not start");
  set_options(curl, address, download, why);
  CURLcode code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  if (code != CURLE_OK) return fail(download, code, why, error);
  if (fflush(download->file) == 0) return true;
  return error_set(error, ERROR_SYSTEM, "error.file", "Free room on the disk.", "write: %s",
                   strerror(errno));
}

bool import_download(const char *address, const char *folder, struct arena *arena, char **path,
                     const struct import_options *options, struct error *error)
{
  if (!text_equal_ignore_case(text_slice(text_from(address), 0, 8), TEXT("https://")))
    return error_set(error, ERROR_REFUSED, "error.import.address",
                     "Give an address that begins with https://.",
                     "%s: only https addresses are fetched", address);
  char *name = file_join(arena, folder, "download-XXXXXX");
  int handle = mkstemp(name);
  FILE *file = handle >= 0 ? fdopen(handle, "wb") : NULL;
  if (!file) {
    int number = errno;
    if (handle >= 0) {
      close(handle);
      unlink(name);
    }
    return error_set(error, ERROR_SYSTEM, "error.file",
                     "Check that the data folder can be written to.", "%s: %s", name,
                     strerror(number));
  }
  struct download download = {.file = file, .options = options};
  bool done = fetch(address, &download, error);
  fclose(file);
  if (!done) {
    unlink(name);
    return error_add_context(error, "%s", address);
  }
  *path = name;
  return true;
}
