/*
 * Every ceiling of the program, on one screen. A limit here is about safety and resources;
 * what the program believes about treatment is in knowledge/, never here.
 */
#ifndef FAIRLEAD_BASE_LIMITS_H
#define FAIRLEAD_BASE_LIMITS_H

/* Units: bytes unless the name says otherwise. */
enum {
  LIMIT_ERROR_TEXT = 512,                  /* each text of an error, cut at a character's end */
  LIMIT_LOG_LINE = 4096,                   /* one log line */
  LIMIT_CONFIG_FILE = 64 * 1024,           /* the configuration's file */
  LIMIT_SECRET_FILE = 4096,                /* a file that holds a password or a token */
  LIMIT_FILE_WHOLE = 512 * 1024 * 1024,    /* a file that is read whole */
  LIMIT_ARENA_REQUEST = 16 * 1024 * 1024,  /* an arena that serves one request */
  LIMIT_JSON_DEPTH = 64,                   /* nested arrays and objects */
  LIMIT_JSON_BODY = 1024 * 1024,           /* a JSON document from a stranger */
  LIMIT_TEMPLATE_DEPTH = 32,               /* nested sections, partials and blocks */
  LIMIT_TEMPLATE_STEPS = 10 * 1000 * 1000, /* sections entered and partials called (count) */
  LIMIT_TEMPLATE_OUTPUT = 8 * 1024 * 1024, /* one rendered page */
  LIMIT_CSV_FIELD = 64 * 1024,             /* one CSV field */
  LIMIT_CSV_COLUMNS = 2048,                /* columns in a CSV row (count) */
  LIMIT_CSV_ROW = 4 * 1024 * 1024,         /* one CSV row */

  LIMIT_IMPORT_FILE = 512 * 1024 * 1024,         /* a directory file as it arrives */
  LIMIT_IMPORT_UNPACKED = 1024 * 1024 * 1024,    /* one unpacked member of an XLSX */
  LIMIT_IMPORT_RATIO = 200,                      /* unpacked / packed, past the first megabyte */
  LIMIT_IMPORT_ROWS = 4 * 1000 * 1000,           /* rows of one file (count) */
  LIMIT_IMPORT_SHARED_STRINGS = 8 * 1000 * 1000, /* shared strings of an XLSX (count) */
  LIMIT_IMPORT_CELL = 32 * 1024,                 /* one cell */
  LIMIT_IMPORT_FIELD = 1024,                     /* a field of a row, but for its services */
  LIMIT_IMPORT_UNKNOWN = 16 * 1024,              /* unknown labels of a facility, by one source */
  LIMIT_IMPORT_ROW = 1024 * 1024,                /* all cells of a row, or a JSON row */
  LIMIT_IMPORT_XML_PART = 4 * 1024 * 1024,       /* a member of an XLSX that is read whole */
  LIMIT_IMPORT_XML_DEPTH = 64,                   /* nested elements of an XLSX (count) */
  LIMIT_IMPORT_XML_TAG = 256 * 1024,             /* one tag, comment or other mark of an XLSX */
  LIMIT_IMPORT_SHEETS = 64,                      /* sheets of an XLSX (count) */
  LIMIT_IMPORT_REFUSED_PERCENT = 20,             /* more rows refused: the file is refused */
  LIMIT_IMPORT_VANISHED_PERCENT = 50,            /* more of a large source vanishing: refused */
  LIMIT_IMPORT_VANISHED_FROM = 1000,             /* listings from which a source is large (count) */
  LIMIT_IMPORT_PROBLEMS = 1000,                  /* problems listed in full (count) */
  LIMIT_IMPORT_DEMO = 1000 * 1000,               /* made-up facilities (count) */
  LIMIT_DOWNLOAD_SECONDS = 600,                  /* one download, from start to end */

  LIMIT_KNOWLEDGE_FILE = 4 * 1024 * 1024,   /* one file of knowledge/ */
  LIMIT_KNOWLEDGE_ARENA = 16 * 1024 * 1024, /* all of it in memory */
  LIMIT_EXPRESSION = 4096,                  /* the text of a need's expression */
  LIMIT_EXPRESSION_STEPS = 256,             /* its operands and signs (count) */
  LIMIT_EXPRESSION_DEPTH = 16,              /* its nesting of ( ) and ! (count) */
  LIMIT_EXPRESSION_SEARCH = 5000,           /* looks to prove that each part matters (count) */

  LIMIT_ARTICLE = 64 * 1024,   /* one article's file */
  LIMIT_ARTICLES = 200,        /* articles of a language (count) */
  LIMIT_ARTICLE_SOURCES = 24,  /* sources of an article (count) */
  LIMIT_ARTICLE_SECTIONS = 33, /* its sections, with what stands before the first (count) */
  LIMIT_ARTICLE_PARTS = 16,    /* runs of text and tables of a section (count) */

  LIMIT_PROOF_ARENA = 1024 * 1024 * 1024, /* each of the two in which care_prove() works */

  LIMIT_OUTLINES = 32 * 1024 * 1024, /* outlines of the map, read and kept */
  LIMIT_MAP_PATH = 256 * 1024,       /* one outline of a drawn map */

  LIMIT_QUERY_TEXT = 256,  /* q or near */
  LIMIT_QUERY_WORDS = 12,  /* words of one query (count) */
  LIMIT_QUERY_NEEDS = 64,  /* needs of one query (count) */
  LIMIT_QUERY_CODES = 64,  /* raw codes of one query (count) */
  LIMIT_RESULTS_PAGE = 100 /* results of one page (count) */
};

/* The directory. */
enum {
  LIMIT_DIRECTORY_RETRY_SECONDS = 30, /* a snapshot that could not be taken up is tried again */
  LIMIT_DIRECTORY_LOCK_SECONDS = 120, /* for another process that builds one */
  LIMIT_OVERLAY = 256 * 1024 * 1024   /* what is said of free places, rendered */
};

/* The store. */
enum {
  LIMIT_STORE_CURSORS = 16,      /* open queries of a transaction (count) */
  LIMIT_STORE_READERS = 8,       /* connections that read at once (count) */
  LIMIT_STORE_WRITERS = 8,       /* that write at once, where an engine has many (count) */
  LIMIT_STORE_STATEMENTS = 512,  /* prepared statements kept by a connection (count) */
  LIMIT_STORE_WAIT_SECONDS = 10, /* for another writer, or a free connection */
  LIMIT_STORE_GROUP = 100,       /* writes that share a commit (count) */
  LIMIT_STORE_GROUP_MICROSECONDS = 20 * 1000, /* from its begin, until it takes no more */
  LIMIT_STORE_SHORT_FUNCTIONS = 1024,         /* functions known to be short (count) */
  LIMIT_STORE_ATTEMPTS = 50,                  /* of a write that others undo (count) */
  LIMIT_STORE_CONNECT_SECONDS = 5,            /* for a server to answer, each host */
  LIMIT_STORE_STATEMENT_SECONDS = 60,  /* one statement in a server; a migration has no limit */
  LIMIT_STORE_IDLE_SECONDS = 600,      /* a transaction that says nothing to its server */
  LIMIT_STORE_ROWS_BEHIND = 1 << 28,   /* rows of an open cursor, kept while another runs */
  LIMIT_STORE_MIGRATION = 1024 * 1024, /* one migration file */
  LIMIT_STORE_MIGRATIONS = 1000        /* migration files (count) */
};

/* The audit and the list of clocks. */
enum {
  LIMIT_AUDIT_WORD = 200,              /* an id, name or code of an entry */
  LIMIT_AUDIT_DETAIL = 32 * 1024,      /* an entry's detail, as JSON */
  LIMIT_AUDIT_ENTRY = 64 * 1024,       /* an entry's bytes */
  LIMIT_AUDIT_BATCH = 500,             /* entries sealed in one transaction (count) */
  LIMIT_AUDIT_KINDS = 400,             /* objects with an act, that one reading merges (count) */
  LIMIT_AUDIT_ANCHOR_LINE = 1024,      /* a line of the anchors' file */
  LIMIT_AUDIT_BEHIND_SECONDS = 30,     /* unsealed for longer: /health says so */
  LIMIT_DUE_RETRY_SECONDS = 5,         /* after a handler failed once; doubled each time */
  LIMIT_DUE_RETRY_MOST_SECONDS = 3600, /* and no more than this */
  LIMIT_DUE_LEASE_SECONDS = 24 * 3600  /* the longest lease */
};

/* The vault. */
enum {
  LIMIT_VAULT_FIELD = 2 * 1024 * 1024,        /* one sealed field, a photo included */
  LIMIT_VAULT_ID = 64,                        /* the id of a program or person */
  LIMIT_VAULT_CACHE = 1024,                   /* unwrapped keys in memory (count) */
  LIMIT_VAULT_ERASED_FILE = 64 * 1024 * 1024, /* the list of erased ids */
  LIMIT_VAULT_NAME = 1024,                    /* one name, of which no more is indexed */
  LIMIT_VAULT_NAME_WORDS = 16                 /* its words (count) */
};

/* Consent and disclosure. */
enum {
  LIMIT_CONSENT_CHECK = 64 * 1024,   /* the arena of one look at a consent */
  LIMIT_CONSENT_TEXT = 64 * 1024,    /* the words of a consent, rendered */
  LIMIT_CONSENT_WORDS = 4096,        /* one answer of its form */
  LIMIT_CONSENT_RECIPIENTS = 20,     /* recipients of one (count) */
  LIMIT_CONSENTS = 500,              /* consents of a person that are looked at (count) */
  LIMIT_SIGN_IN_DEVICES = 20,        /* browsers that are kept of an account (count) */
  LIMIT_EMERGENCY_TOLD = 100,        /* accounts that are told of one emergency access (count) */
  LIMIT_DISCLOSURES = 5000,          /* rows of an accounting that are shown (count) */
  LIMIT_DISCLOSE_FIELDS = 16 * 1024, /* names of the fields of one disclosure */
  LIMIT_DISCLOSURE_COPY = 4 * 1024 * 1024, /* a copy that leaves, in one form */
  LIMIT_DISCLOSURE_PIECE = 1024 * 1024,    /* of it, sealed as one */
  LIMIT_SIGNATURE_DRAWN = 64 * 1024,       /* a drawn signature */
  LIMIT_SIGNATURE_WIDTH = 600,             /* of the pad, in its own units (count) */
  LIMIT_SIGNATURE_HEIGHT = 200,            /* the same */
  LIMIT_SIGNATURE_POINTS = 6000,           /* of a drawn signature (count) */
  LIMIT_SIGNATURE_SCAN = 1536 * 1024,      /* a scanned paper */
  LIMIT_RECORD_VIEWS = 20000,   /* audit rows that "who saw my record" looks at (count) */
  LIMIT_RECORD_VIEWS_PAGE = 500 /* read at once (count) */
};

/* Records of care. */
enum {
  LIMIT_CHARACTER = 4,             /* bytes kept for each character that a person may type */
  LIMIT_CARE_NAME = 120,           /* one name, of a person, place or thing (characters) */
  LIMIT_CARE_LINE = 200,           /* another line of a form (characters) */
  LIMIT_CARE_WORDS = 4000,         /* free words (characters) */
  LIMIT_CARE_LIST = 8,             /* former names, phones, contacts of a person (count) */
  LIMIT_CARE_AGE = 125,            /* years (count) */
  LIMIT_CARE_IDENTITY = 64 * 1024, /* an identity document */
  LIMIT_FILE = 10 * 1024 * 1024,   /* a file from outside: a picture as phones take them */
  LIMIT_FILE_PIECE = 1024 * 1024,  /* of it, sealed as one */
  LIMIT_FILE_TITLE = 120,          /* what it is called (characters) */
  LIMIT_FILES = 500,               /* files of a person that are listed (count) */
  LIMIT_PICTURE_PIXELS = 50 * 1000 * 1000,   /* of a picture (count) */
  LIMIT_PHOTO = 200 * 1024,                  /* a photo as it is kept: made small */
  LIMIT_PHOTO_SIDE = 512,                    /* its longer side, in points (count) */
  LIMIT_CARE_PLACES = 10000,                 /* places of a unit (count) */
  LIMIT_CARE_SITES = 500,                    /* sites or units of a program (count) */
  LIMIT_CARE_IMPORT_FILE = 32 * 1024 * 1024, /* a file of people or staff */
  LIMIT_CARE_IMPORT_ROWS = 100 * 1000,       /* its rows (count) */
  LIMIT_CARE_IMPORT_BATCH = 25,              /* rows of one transaction (count) */
  LIMIT_CARE_IMPORT_ALIKE = 200,             /* rows of one birth date that are compared (count) */
  LIMIT_DESK_IMPORT = 256 * 1024,            /* such a file, sent by a browser */
  LIMIT_CARE_ROWS = 2000,                    /* rows of one kind on a page (count) */
  LIMIT_PERSON_SHOWN = 100,                  /* people a search shows (count) */
  LIMIT_PERSON_NAMED = 500,                  /* people whom a list of ids names (count) */
  LIMIT_PERSON_OPENED = 400,                 /* sealed identities that a search opens (count) */
  LIMIT_PERSON_MET = 20000,      /* index entries of one word that a search looks at (count) */
  LIMIT_DELIVERED_DAYS = 370,    /* days added at once (count) */
  LIMIT_DELIVERED_MINUTES = 1440 /* of one service (count) */
};

/* Intake and belongings. */
enum {
  LIMIT_INTAKE_EVIDENCE = 4000,            /* rows that show an item done (count) */
  LIMIT_INTAKE_ARENA = 32 * 1024 * 1024,   /* one look at an intake by the clock */
  LIMIT_INTAKE_DOCUMENT = 64 * 1024,       /* answers, facts or a result, as JSON */
  LIMIT_MEDICINE_COUNT = 100 * 1000,       /* pieces of one medicine (count) */
  LIMIT_BELONGING_QUANTITY = 10 * 1000,    /* of one thing (count) */
  LIMIT_BELONGINGS_INVENTORY = 512 * 1024, /* a list as it is signed */
  LIMIT_PACKING_OWN = 50,                  /* a program's own lines of its packing list (count) */
  LIMIT_PACKING_WORDS = 200,               /* one of them (characters) */
  LIMIT_WELCOME_WORDS = 1000               /* what a welcome says of one thing (characters) */
};

/* Coverage and paying. */
#define LIMIT_COVERAGE_INCOME INT64_C(100000000000) /* an amount of money, in cents */
enum {
  LIMIT_COVERAGE_HOUSEHOLD = 50,           /* people of a household (count) */
  LIMIT_COVERAGE_DAYS = 3660,              /* days of a stay, a limit or an answer's life (count) */
  LIMIT_COVERAGE_PRICE = 10 * 1000 * 1000, /* the price of a day, in cents */
  LIMIT_COVERAGE_LINE = 200,               /* a name or number in an answer */
  LIMIT_COVERAGE_WORDS = 4000,             /* free words of an answer, a field of a letter */
  LIMIT_COVERAGE_LEVELS = 64,              /* levels of a limit that are compared (count) */
  LIMIT_COVERAGE_REASONS = 12,             /* reasons that a letter names (count) */
  LIMIT_COVERAGE_TURNS = 9,                /* plans of a person, one behind the other (count) */
  LIMIT_COVERAGE_UNITS = 10 * 1000,        /* units of an approval (count) */
  LIMIT_COVERAGE_FACTS = 128 * 1024,       /* what is sealed of one row, as JSON */
  LIMIT_FEE_BANDS = 12,                    /* bands of a program's own schedule (count) */
  LIMIT_X12_FILE = 512 * 1024,             /* a 271 */
  LIMIT_X12_SEGMENTS = 5000,               /* its segments (count) */
  LIMIT_X12_ELEMENT = 512,                 /* one element */
  LIMIT_X12_BENEFITS = 1000,               /* its benefits (count) */
  LIMIT_X12_REJECTIONS = 50                /* its reasons for no answer (count) */
};

/* Requests and waiting lists. */
enum {
  LIMIT_REQUEST_IDENTITY = 8192,    /* who asks and for whom, as one document */
  LIMIT_REQUEST_ROWS = 2000,        /* requests of one list, calls and steps of a request (count) */
  LIMIT_REQUEST_SHOWN = 500,        /* people that the audit names of one list (count) */
  LIMIT_WAITLIST = 20000,           /* people on one list (count) */
  LIMIT_REQUEST_ESCALATIONS = 20,   /* times that an unanswered request is told of (count) */
  LIMIT_REQUEST_STEPS = 8,          /* steps of an escalation list (count) */
  LIMIT_REQUEST_WORDS = 1000,       /* free words (characters) */
  LIMIT_REQUEST_BACK = 7 * 24 * 60, /* how far back a call or request is written down (minutes) */
  LIMIT_REQUEST_STEP = 7 * 24 * 60, /* the longest step of an escalation list (minutes) */
  LIMIT_BUSINESS_DAYS = 400,        /* days of a program's own that one look reads (count) */
  LIMIT_SLOT_PLACES = 10000,        /* places of a slot (count) */
  LIMIT_SKIPS = 200 /* people whom one place passes over, each with a reason (count) */
};

/* Requests from outside, by pages that anybody may send. */
enum {
  LIMIT_DOOR_ADDRESS = 20,       /* requests of one address within an hour (count) */
  LIMIT_DOOR_ADDRESSES = 16384,  /* addresses that are counted at once (count) */
  LIMIT_DOOR_PROGRAM = 300,      /* requests of one program within a day (count) */
  LIMIT_DOOR_SECONDS = 4 * 3600, /* that a form can be sent, and its answer looked at again */
  LIMIT_DOOR_BODY = 16 * 1024,   /* such a form */
  LIMIT_DOOR_LINE = 120,         /* a field of one line (characters) */
  LIMIT_DOOR_WORDS = 1000,       /* free words (characters) */
  LIMIT_DOOR_SHOWN = 40          /* places shown to choose from (count) */
};

/* Backups. */
enum {
  LIMIT_BACKUP_CHUNK = 64 * 1024,        /* sealed at once */
  LIMIT_BACKUP_VALUE = 64 * 1024 * 1024, /* one column of a row, or one travelling file */
  LIMIT_BACKUP_JSON = 1024 * 1024,       /* its manifest */
  LIMIT_BACKUP_NAME = 63,                /* a table's or column's name; PostgreSQL's limit */
  LIMIT_BACKUP_COLUMNS = 400,            /* of a table (count) */
  LIMIT_BACKUP_TABLES = 1000             /* of a database (count) */
};

/* The outbox. */
enum {
  LIMIT_OUTBOX_ADDRESS = 254,         /* an address (RFC 5321 4.5.3.1.3, less the brackets) */
  LIMIT_OUTBOX_HEARD_ID = 128,        /* a gateway's own id of a message that came back */
  LIMIT_OUTBOX_HEARD_TEXT = 4096,     /* such a message */
  LIMIT_OUTBOX_FACTS = 4096,          /* a message's values, as JSON */
  LIMIT_OUTBOX_ANSWER = 64 * 1024,    /* of a gateway; the rest is not read */
  LIMIT_OUTBOX_ATTEMPTS = 20,         /* then it failed (count) */
  LIMIT_OUTBOX_EACH = 50,             /* messages sent before the next look (count) */
  LIMIT_OUTBOX_CONNECT_SECONDS = 10,  /* to a mail server or gateway */
  LIMIT_OUTBOX_SECONDS = 60,          /* one message, from start to end */
  LIMIT_OUTBOX_LEASE_SECONDS = 5 * 60 /* who is sending has it for so long */
};

/* The HTTP server. */
enum {
  LIMIT_HTTP_TARGET = 8 * 1024,        /* request target: 414 */
  LIMIT_HTTP_HEADER_BYTES = 16 * 1024, /* all headers of a request: 431 */
  LIMIT_HTTP_HEADERS = 100,            /* headers of a request (count): 431 */
  LIMIT_HTTP_PARAMETERS = 512,         /* parameters of a form or query (count): 400 */
  LIMIT_HTTP_BODY_FORM = 64 * 1024,    /* a form body, unless the route says otherwise: 413 */
  LIMIT_HTTP_COOKIE_BYTES = 8 * 1024,  /* the Cookie field; a longer one counts as none */
  LIMIT_HTTP_COOKIES = 64,             /* cookies of a request (count); more count as none */
  LIMIT_HTTP_FILES = 4,                /* files of a form (count): 400 */
  LIMIT_HTTP_PART_HEADER = 1024,       /* one header of a part of a form: 400 */
  LIMIT_HTTP_PART_NAME = 64,           /* its name: 400 */
  LIMIT_HTTP_HEADER_SECONDS = 10,      /* all headers must have arrived */
  LIMIT_HTTP_BODY_SECONDS = 30,        /* a body must have arrived, and a second for each 64 KiB */
  LIMIT_HTTP_IDLE_SECONDS = 60,        /* a kept connection between two requests */
  LIMIT_HTTP_RESPONSE_SECONDS = 30,    /* a client reads an answer, and a second for each 8 KiB */
  LIMIT_HTTP_STOP_SECONDS = 10,        /* a stop waits for what runs */
  LIMIT_HTTP_STOP_IDLE_SECONDS = 2,    /* and, where another process takes over, for the silent */
  LIMIT_HTTP_CONNECTIONS = 4096,       /* at once (count) */
  LIMIT_HTTP_CONNECTIONS_PER_ADDRESS = 0, /* 0: none, a proxy stands in front */
  LIMIT_HTTP_STREAMS = 256,               /* answers that stay open, at once (count): 503 */
  LIMIT_HTTP_STREAMS_OF_ONE = 8,          /* of one session (count): 503 */
  LIMIT_HTTP_STREAM_BYTES = 4 * 1024,     /* what one says at once */
  LIMIT_HTTP_STREAM_BEAT_SECONDS = 15     /* a silent one says that it is there */
};

/* Beds. */
enum {
  LIMIT_BEDS = 2000,             /* beds, or rooms, of a program (count) */
  LIMIT_BED_PAST_DAYS = 90,      /* how far back a bed shows its uses (count) */
  LIMIT_BOARD_USES = 20 * 1000,  /* uses that one look at the board reads (count) */
  LIMIT_BED_USES = 1000,         /* uses of one bed that are listed (count) */
  LIMIT_BED_NAME = 100,          /* the name of a bed or room */
  LIMIT_BED_CODES = 500,         /* a list of codes of a bed */
  LIMIT_BED_MINUTES = 60 * 1440, /* cleaning, a hold (minutes) */
  LIMIT_BED_PLAN_DAYS = 366,     /* that a bed is held ahead (days) */
  LIMIT_BOARD_WATCH_HOURS = 24,  /* that whom a watched board showed is not noted again (hours) */
  LIMIT_BOARD_ROWS = 300         /* beds that one page of the board shows (count) */
};

/* What the finder says of free places. */
enum {
  LIMIT_AVAILABILITY_FILE = 8 * 1024 * 1024, /* a file of openings */
  LIMIT_AVAILABILITY_OVERLAP_SECONDS = 120,  /* of two looks at what changed */
  LIMIT_AVAILABILITY_WHOLE_SECONDS = 600,    /* until all of it is looked at again */
  LIMIT_AVAILABILITY_LINK_DAYS = 3650,       /* that a link holds (days) */
  LIMIT_AVAILABILITY_LINK_ROWS = 100         /* links on one page (count) */
};

/* The desk. */
enum {
  LIMIT_DESK_LINE = 200,       /* a field of one line, unless it says otherwise (characters) */
  LIMIT_DESK_LINES = 8000,     /* a field of several lines (characters) */
  LIMIT_DESK_FIELDS = 64,      /* fields of a form (count) */
  LIMIT_DESK_PATH = 512,       /* an address to return to */
  LIMIT_DESK_TOKEN = 128,      /* a cookie of ours, a form's token or key */
  LIMIT_DESK_WAIT_SECONDS = 5, /* a repeat of a form waits for the first one's answer */
  LIMIT_DESK_ONCE_SECONDS = 10 * 60,    /* what is shown once can be looked at */
  LIMIT_DESK_KEY_SECONDS = 24 * 60 * 60 /* that a form's key is remembered */
};

#endif
