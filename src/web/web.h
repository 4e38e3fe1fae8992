/*
 * web: the HTTP server, its routes and its views.
 *
 *   bytes ─▶ libmicrohttpd ─▶ strict check ─▶ route ─▶ handler ─▶ view {result, page}
 *         ─▶ JSON or HTML
 *
 * A handler fills one view with two parts: `result` is exactly the API's document; `page` holds
 * labels, links, states and the map, for the template alone. HTML is a template over both, JSON is
 * `result`. The server decides which, compresses, sets the headers and keeps the deadlines.
 */
#ifndef FAIRLEAD_WEB_WEB_H
#define FAIRLEAD_WEB_WEB_H

#include "admission/admission.h"
#include "base/base.h"
#include "care/care.h"
#include "directory/directory.h"
#include "privacy/privacy.h"
#include "store/store.h"
#include "web/follower.h"
#include "web/stream.h"
#include "web/ticker.h"

enum web_method {
  WEB_GET = 1, /* HEAD is GET without its body */
  WEB_POST = 2,
  WEB_TAKES_JSON = 4 /* of a route: its POST takes a JSON document too, as every API route does */
};

struct web_parameter {
  struct text name, value; /* decoded; UTF-8 checked; control characters refused */
};

struct web_file; /* multipart.h */

/* A checked request. Everything in it lives in its arena. */
struct web_request {
  struct arena *arena;
  struct web_application *application;
  enum web_method method;
  struct text path;     /* as sent, less the language's prefix: "/find" of /es/find */
  struct text captured; /* what {id} in the route stood for, decoded */
  struct text host;     /* the Host as it was sent, checked for its characters; may be "" */
  const struct web_parameter *parameters; /* of the query, then of the form, in order */
  size_t parameter_count;
  const struct web_file *files; /* of a route with WEB_FILES */
  size_t file_count;
  struct text body; /* of a JSON request; else empty */
  size_t language;  /* the catalog's index: /es/…, else ?lang=, else Accept-Language on /api */
  struct text authorization; /* as it was sent, or "" */
  bool is_fragment;          /* asked by htmx (HX-Request, not boosted, not a history restore) */
  bool is_local;             /* from this machine itself, through no proxy */
  bool is_secure;            /* over https, as the proxy on this machine says */
  struct text address; /* bytes of whose it is, for the brake alone (brake.h): never kept, never
                          logged; "" when a proxy does not tell */
  bool is_desk;        /* under /desk or /me: the door (desk/door.c) stands before its handler */
  /* Of a request under /desk or /me alone; filled by the door. */
  const struct web_cookies *cookies; /* or NULL */
  struct text origin, fetch_site;    /* Origin and Sec-Fetch-Site; "" when absent */
  int64_t now;                       /* when it arrived, microseconds UTC */
  struct session *session;           /* or NULL */
  struct actor *actor;               /* of the session past its password; or NULL */
  struct station *station;           /* the shared station this browser is; or NULL */
  const struct zone *zone;           /* of the site or program one works in; or NULL: UTC */
  const struct snapshot *snapshot;   /* the directory, borrowed until the answer is sent; or NULL */
  const struct overlay *overlay;     /* what is said of free places; held as the snapshot is */
};

/* The first value of a parameter, trimmed; "" when absent. */
struct text web_parameter_get(const struct web_request *request, const char *name);
bool web_parameter_has(const struct web_request *request, const char *name);
/* The bytes of the first file of a field, borrowed; "" when absent or not chosen. */
struct text web_file_get(const struct web_request *request, const char *name);
/* All values of a repeatable parameter, in the arena. */
size_t web_parameter_all(const struct web_request *request, const char *name,
                         const struct text **out);

enum web_cache {
  WEB_CACHE_NONE,    /* no-store */
  WEB_CACHE_PRIVATE, /* private, no-cache: Back works, nobody else keeps it; ETag */
  WEB_CACHE_PUBLIC   /* public, max-age=60; ETag */
};

/* A cookie to set; see cookies.h. */
struct web_set_cookie {
  const char *name; /* a literal */
  struct text value;
  bool is_secure;
  int64_t seconds; /* that it lasts; 0: until the browser ends; below 0: it is taken away */
};
enum { WEB_SET_COOKIES = 4 }; /* of one answer, at most (count) */

/* What a handler answers. Zeroed before the handler runs; status 0 means 200. */
struct web_view {
  int status;
  const struct value *result; /* the API's document, or NULL */
  struct value *page;         /* for the template, or NULL */
  const char *template_name;  /* NULL: the route speaks JSON only */
  const char *fragment_name;  /* template for htmx requests; NULL: the whole page */
  struct text redirect;       /* a path of our own: 303 */
  enum web_cache cache;
  const char *content_type; /* with `raw`: another form than HTML and JSON */
  struct text raw;
  const char *file_name; /* with `raw`: saved under this name instead of shown */
  struct web_set_cookie cookies[WEB_SET_COOKIES]; /* under /desk and /me alone */
  size_t cookie_count;
  struct web_stream_source stream; /* an answer that stays open: text/event-stream */
  struct text once; /* of desk_act(): what the page behind its redirect may show, for minutes */
};

/* What stands before a route's handler, of routes under /desk and /me. */
enum web_flags {
  WEB_OPEN = 1,       /* needs no session, and none is looked up: signing in */
  WEB_STEP = 2,       /* needs a session, also one whose sign-in is not complete; no role */
  WEB_NO_PROGRAM = 4, /* works before a program was chosen */
  WEB_LINES = 8,      /* values of its form may have line ends (LF) and tabs */
  WEB_FILES = 16,     /* its form may have files (multipart/form-data) */
  WEB_QUIET = 32      /* what a page asks by itself: no sign of life of its session */
};

typedef bool web_handler(struct web_request *request, struct web_view *view, struct error *error);

/* The members stand as the tables read. NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct web_route {
  unsigned methods;    /* WEB_GET | WEB_POST */
  const char *pattern; /* "/facilities/{id}"; one {name} at most, one path segment */
  web_handler *handler;
  bool is_api;       /* JSON unless HTML is asked for, errors as JSON, no page chrome */
  size_t body_limit; /* bytes; 0: LIMIT_HTTP_BODY_FORM */
  const char *guard; /* an object of roles.csv; a route under /desk or /me has one, or is WEB_OPEN
                        or WEB_STEP: else the server does not start */
  const char *get_act, *post_act; /* acts of roles.csv, asked before the handler runs */
  unsigned flags;                 /* enum web_flags */
};

enum { WEB_LANGUAGES = 8 }; /* languages at most (count) */

struct seal_key;
struct web_assets;
struct web_brake;
struct web_pages;
struct web_server;

/* Everything handlers share. Immutable while serving, but for what is behind `directory`. */
struct web_application {
  struct arena *arena; /* what is loaded once */
  struct store *store;
  struct privacy *privacy; /* accounts, roles, audit; NULL: no desk. Borrowed, set before serving */
  struct care *records;    /* programs, people, …; with `privacy`. Borrowed, set before serving */
  struct beds *beds;       /* rooms and beds; with `records`. Borrowed, set before serving */
  struct requests *requests; /* who asks for a place, waiting lists; borrowed as `records` is */
  struct intakes *intakes;   /* who comes in, and with what; borrowed as `records` is */
  struct text gateway_token; /* "": no gateway. Borrowed, set before serving */
  struct directory *directory;
  struct catalog *catalog;
  struct template_set *templates[WEB_LANGUAGES]; /* by language */
  struct text languages[WEB_LANGUAGES];          /* their codes: "en", "es" */
  size_t language_count;
  const char *share_folder, *data_folder;
  struct web_assets *static_files;
  struct web_brake *brake; /* of requests from outside */
  struct web_pages *pages; /* what views need beside the directory; NULL without one */
  struct seal_key *key;    /* seals what a stranger carries (seal.key); NULL without a directory */
  struct level_of_care *care;  /* the level-of-care table; NULL without a directory */
  struct interview *interview; /* what /choose asks; NULL without a directory */
  struct care_settings *settings;
  struct care_options *care_options; /* of the table */
  const struct value *assets;        /* {"name.css": "/assets/name-<hash>.css"} */
  struct web_server *server;         /* set while one serves this application */
};

/* Load what answers are made of: messages, templates in every language, assets. Borrows store and
 * directory (either may be NULL) and the names of the folders. */
bool web_application_open(struct web_application **out, const char *share_folder,
                          const char *data_folder, struct store *store, struct directory *directory,
                          struct error *error);
void web_application_close(struct web_application *application);
/* A rule of the level-of-care table that no clinician has signed does not act. Before serving. */
void web_application_require_signatures(struct web_application *application, bool yes);
/* Intakes, which assess with what is loaded here. They must outlive the application. Before
 * serving. */
void web_application_take_intakes(struct web_application *application, struct intakes *intakes);

/* The routes of one room of pages, in the order of matching; ends with pattern NULL. */
extern const struct web_route web_finder_routes[]; /* views_finder.c: / /find /facilities /api/… */
extern const struct web_route web_learn_routes[];  /* views_learn.c: /learn /learn/{article} */
extern const struct web_route web_packing_routes[]; /* views_packing.c: /learn/packing */
extern const struct web_route web_paying_routes[];  /* views_paying.c: /learn/paying/calculator */
extern const struct web_route web_instrument_routes[]; /* views_instruments.c: /instruments */
extern const struct web_route web_care_routes[];    /* views_care.c: /choose/result /api/assess */
extern const struct web_route web_carry_routes[];   /* views_carry.c: /carry/{token} */
extern const struct web_route web_choose_routes[];  /* views_choose.c: /choose */
extern const struct web_route web_ask_routes[];     /* views_ask.c: /carry/{token}/ask */
extern const struct web_route web_talk_routes[];    /* views_talk.c: /talk */
extern const struct web_route web_refer_routes[];   /* views_refer.c: /refer */
extern const struct web_route web_tap_routes[];     /* views_tap.c: /availability/{token} */
extern const struct web_route web_request_routes[]; /* views_request.c: /requests/{token} */
extern const struct web_route web_operations_routes[]; /* views_operations.c: /health /metrics */

extern const struct web_route web_messages_routes[]; /* views_messages.c: /api/messages/heard */

extern const struct web_route desk_sign_in_routes[]; /* desk/views_sign_in.c */
extern const struct web_route desk_home_routes[];    /* desk/views_home.c: /desk */
extern const struct web_route desk_own_routes[];     /* desk/views_own.c: /desk/me */
extern const struct web_route desk_users_routes[];   /* desk/views_users.c: /desk/users */
extern const struct web_route desk_looking_routes[]; /* desk/views_looking.c: /desk/audit, … */
extern const struct web_route desk_station_routes[]; /* desk/views_station.c: /desk/station */
extern const struct web_route desk_record_routes[];  /* desk/views_record.c: /record /views … */
extern const struct web_route desk_consent_routes[]; /* desk/views_consents.c: /consents */
extern const struct web_route desk_consent_new_routes[];   /* desk/views_consent_new.c */
extern const struct web_route desk_consent_paper_routes[]; /* desk/views_consent_paper.c */
extern const struct web_route desk_family_routes[];     /* desk/views_family.c: /me/shared, … */
extern const struct web_route desk_share_routes[];      /* desk/views_share.c: /share */
extern const struct web_route desk_notice_routes[];     /* desk/views_notices.c: /notices */
extern const struct web_route desk_emergency_routes[];  /* desk/views_emergency.c: /emergency */
extern const struct web_route desk_mine_routes[];       /* desk/views_mine.c: /me */
extern const struct web_route desk_people_routes[];     /* desk/views_people.c */
extern const struct web_route desk_import_routes[];     /* desk/views_import.c */
extern const struct web_route desk_photo_routes[];      /* desk/views_photo.c */
extern const struct web_route desk_file_routes[];       /* desk/views_files.c */
extern const struct web_route desk_delivered_routes[];  /* desk/views_delivered.c */
extern const struct web_route desk_joining_routes[];    /* desk/views_joining.c */
extern const struct web_route desk_erase_routes[];      /* desk/views_erase.c */
extern const struct web_route desk_settings_routes[];   /* desk/views_settings.c */
extern const struct web_route desk_sites_routes[];      /* desk/views_sites.c */
extern const struct web_route desk_staff_routes[];      /* desk/views_staff.c */
extern const struct web_route desk_account_routes[];    /* desk/views_account.c */
extern const struct web_route desk_team_routes[];       /* desk/views_team.c */
extern const struct web_route desk_person_routes[];     /* desk/views_person.c */
extern const struct web_route desk_requests_routes[];   /* desk/views_requests.c */
extern const struct web_route desk_request_routes[];    /* desk/views_request_one.c */
extern const struct web_route desk_belongings_routes[]; /* desk/views_belongings.c */
extern const struct web_route desk_belonging_routes[];  /* desk/views_belonging.c */
extern const struct web_route desk_belongings_return_routes[]; /* desk/views_belongings_return.c */
extern const struct web_route desk_belongings_sign_routes[];   /* desk/views_belongings_sign.c */
extern const struct web_route desk_intake_routes[];            /* desk/views_intake.c: …/intake */
extern const struct web_route desk_front_routes[];             /* desk/views_front.c */
extern const struct web_route desk_talk_routes[];              /* desk/views_talk_line.c */
extern const struct web_route desk_callbacks_routes[];         /* desk/views_callbacks.c */
extern const struct web_route desk_availability_routes[];      /* desk/views_availability_links.c */
extern const struct web_route desk_waitlist_routes[]; /* desk/views_waitlist.c: /desk/waitlist */
extern const struct web_route desk_waitlist_entry_routes[];  /* desk/views_waitlist_entry.c */
extern const struct web_route desk_coverage_routes[];        /* desk/views_coverage.c */
extern const struct web_route desk_coverage_plan_routes[];   /* desk/views_coverage_plan.c */
extern const struct web_route desk_benefits_routes[];        /* desk/views_benefits.c */
extern const struct web_route desk_slots_routes[];           /* desk/views_slots.c: /desk/slots */
extern const struct web_route desk_slot_settings_routes[];   /* desk/views_slot_settings.c */
extern const struct web_route desk_request_record_routes[];  /* desk/views_request_record.c */
extern const struct web_route desk_beds_routes[];            /* desk/views_beds.c: the board */
extern const struct web_route desk_bed_routes[];             /* desk/views_bed.c: /desk/beds/{id} */
extern const struct web_route desk_bed_hold_routes[];        /* desk/views_bed_hold.c */
extern const struct web_route desk_bed_settings_routes[];    /* desk/views_bed_settings.c */
extern const struct web_route desk_own_coverage_routes[];    /* desk/views_own_coverage.c: /me */
extern const struct web_route desk_own_requests_routes[];    /* desk/views_own_requests.c: /me */
extern const struct web_route desk_coverage_letter_routes[]; /* desk/views_coverage_letter.c */
extern const struct web_route desk_coverage_x12_routes[];    /* desk/views_coverage_x12.c */
extern const struct web_route desk_coverage_answer_routes[]; /* desk/views_coverage_answer.c */
extern const struct web_route desk_request_settings_routes[]; /* desk/views_request_settings.c */
extern const struct web_route desk_handout_routes[];          /* desk/views_handouts.c */
extern const struct web_route desk_handout_settings_routes[]; /* desk/views_handout_settings.c */
extern const struct web_route desk_bed_events_routes[];       /* desk/views_bed_events.c */
extern const struct web_route desk_bed_correct_routes[];      /* desk/views_bed_correct.c */

/* All of them, NULL at the end. */
extern const struct web_route *const web_all_routes[]; /* application.c */

struct web_server_options {
  struct text listen;                    /* "127.0.0.1:8080", "[::1]:8080"; port 0 picks one */
  unsigned threads;                      /* 0: one a core */
  const struct web_route *const *routes; /* tables, NULL at the end */
  const double *phase_seconds;           /* by enum web_phase; NULL: the limits */
  void (*each_second)(struct web_application *application); /* on a thread of its own, or NULL */
};

/* Start serving. Logs and prints the address once it answers. */
bool web_server_start(struct web_server **out, struct web_application *application,
                      const struct web_server_options *options, struct error *error);
unsigned web_server_port(const struct web_server *server);
/* Stop taking connections, finish what runs (at most LIMIT_HTTP_STOP_SECONDS), free all. */
void web_server_stop(struct web_server *server);
/* Write what the server counted, in Prometheus' text form. */
void web_server_metrics(struct web_server *server, struct text_buffer *out);

/* Load what pages need: notes on cards, outlines for maps, articles. Borrows `needs`. */
bool web_pages_load(struct web_pages **out, const char *share_folder, const struct needs *needs,
                    struct error *error);
void web_pages_free(struct web_pages *pages);
/* The operator holds the license of an instrument that is off: turn it on. Before serving. */
bool web_pages_allow(struct web_pages *pages, struct text instrument, struct error *error);

/* Look over the articles of knowledge/articles (articles.h), with links to pages that none of
 * `tables` has. Hands each problem on and answers their number; `*count` becomes that of articles,
 * 0 when there is a problem. */
size_t web_articles_check(const char *share_folder, const struct needs *needs,
                          const struct web_route *const *tables,
                          void (*each)(void *context, const struct knowledge_problem *problem),
                          void *context, size_t *count);

/* Forget what is kept about carried links that have expired, and about forms sent long ago. */
bool web_forget_expired(const struct web_application *application, struct error *error);

/* Add to every page's view what its frame needs: language, alternate link, path, demo mark,
 * sources, assets, the quick exit. Called by the server before a template is rendered; lives in
 * views_frame.c, beside the pages. */
void web_frame_fill(struct web_request *request, struct web_view *view);

#endif
