/*
 * x12: the question about a person's plan (270) written, and the answer (271) read, as files. A
 * subset of X12 005010X279A1: one interchange, one group, one transaction, one subscriber. Pure;
 * any thread. Every byte of a 271 is hostile: sizes and counts are limited, and a refusal names
 * segment and element. Source: programme reference, 270/271; knowledge/x12-{benefits,levels}.csv.
 */
#ifndef FAIRLEAD_COVERAGE_X12_H
#define FAIRLEAD_COVERAGE_X12_H

#include "coverage/benefits.h"

/* --- 270 (x12_270.c) ------------------------------------------------------------------------- */

struct x12_inquiry {
  struct text sender, receiver; /* ids of the interchange, at most 15 characters */
  int64_t control;              /* 1 to 999999999, a new one each time */
  int64_t minute;               /* when it is written, in minutes since 1970 */
  bool is_test;
  struct text payer_name, payer_id, provider_name, provider_npi;
  struct text member_last, member_first, member_id;
  int64_t born_on;
  char sex;                 /* 'F', 'M' or 'U' */
  struct text trace;        /* comes back in the answer */
  struct text service_type; /* "AI" */
  int64_t service_on;
};
/* May a field of at most `longest` characters hold this? Letters (accents are left out), digits,
 * space, - . ' / , and &. */
bool x12_text_fits(struct text t, size_t longest);
/* The service type to ask for at a level of care; "" where x12-levels.csv knows none. */
struct text x12_level_service(const struct coverage_rules *rules, struct text level);
/* Add the file to `out`. Letters are folded to what the basic character set of X12 has; refuses
 * (`error.coverage.x12_field`) what is empty, too long, or holds another character. */
bool x12_270_write(const struct x12_inquiry *inquiry, struct text_buffer *out, struct error *error);

/* --- 271 (x12_271.c) ------------------------------------------------------------------------- */

/* One EB segment with what belongs to it. Empty texts and false: not sent. */
struct x12_benefit {
  struct text code, level, services, insurance, plan, period; /* EB01 to EB06 */
  struct text quantity_kind;                                  /* EB09, or HSD01 */
  struct text authorization, network;                         /* EB11, EB12 */
  struct text place;                                          /* III02 */
  struct text message;                                        /* the first MSG01 */
  bool has_amount, has_percent, has_quantity;
  int64_t amount;  /* cents */
  int64_t percent; /* hundredths of a percent */
  int64_t quantity;
};
struct x12_response {
  struct text control, trace, payer_name, member_last, member_first, member_id;
  struct x12_benefit *benefits;
  size_t benefit_count;
  struct text *rejections; /* AAA03: why there is no answer */
  size_t rejection_count;
  char repetition;                     /* parts the service types of a benefit */
  size_t wrong_segment, wrong_element; /* of a file that was refused: where, from 1; 0: nowhere */
};
/* Why there is no answer, in plain words of a language; "" for a code that is not known. */
struct text x12_rejection_words(const struct coverage_rules *rules, struct text code,
                                size_t language);
/* Read a file. Texts are slices of `bytes`, lists live in the arena. Refuses
 * (`error.coverage.x12_file`) with "segment 12 (EB), element 7: …" in the log, which never quotes,
 * and the same place in `out`, whose other members stay as they were. */
bool x12_271_read(struct arena *arena, struct text bytes, struct x12_response *out,
                  struct error *error);

/* --- Answers (x12_answers.c) ----------------------------------------------------------------- */

/* Fill the worksheet of a level with what the answer says of it, on the day it came. Rows for the
 * person alone count; of the others, those inside or outside the network as `is_in_network`. The
 * more exact row wins (this place of service, then this service, then the plan as a whole); two
 * rows alike that say different things leave the question as it was. Answers how many questions
 * were answered. */
size_t x12_answers_give(const struct coverage_rules *rules, const struct x12_response *response,
                        bool is_in_network, int64_t day, struct benefits *benefits);

#endif
