/*
 * Tests of the outbox's records on both engines: who may be written to, what a message may say,
 * words that come back. What becomes of a message on the wire is in tests/golden/outbox.test.mjs.
 * Expected words and their meaning: 47 CFR 64.1200(a)(10) and carriers' keywords, as
 * knowledge/message-words.csv cites them; forbidden words: programme.md 5.3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store_support.h"

#include "accounts_support.h"

#define PERSON TEXT("0198b000-0000-7000-8000-000000000001")
#define PHONE "(804) 555-0142"
#define MAIL "ana@example.org"

/* --- Steps, each in a transaction of its own ------------------------------------------------- */

struct agreeing {
  struct text person_id;
  enum outbox_channel channel;
  bool allowed;
};

static bool agree_in(struct store_transaction *t, void *context, struct error *e)
{
  const struct agreeing *given = context;
  return outbox_set_consent(t, privacy, PROGRAM, given->person_id, given->channel, given->allowed,
                            TEXT("asked"), now, e);
}

static void agree(enum outbox_channel channel, bool allowed)
{
  struct agreeing given = {PERSON, channel, allowed};
  if (!store_write(store, agree_in, &given, &error)) fail_msg("%s", error.log);
}

struct adding {
  struct outbox_new wanted;
  char id[UUID_TEXT + 1];
};

static bool add_in(struct store_transaction *t, void *context, struct error *e)
{
  struct adding *adding = context;
  return outbox_add(t, privacy, &adding->wanted, now, adding->id, e);
}

/* A message to a person (or, with "", to staff) under a key. */
static struct adding message(struct text person_id, enum outbox_channel channel, const char *to,
                             const char *key)
{
  return (struct adding){.wanted = {.program_id = PROGRAM,
                                    .person_id = person_id,
                                    .channel = channel,
                                    .address = text_from(to),
                                    .language = TEXT("en"),
                                    .template_key = "attention",
                                    .key = text_from(key)}};
}

static void adds(struct adding adding)
{
  error_clear(&error);
  if (!store_write(store, add_in, &adding, &error)) fail_msg("%s", error.log);
}

static void refuses(struct adding adding, const char *why)
{
  error_clear(&error);
  assert_false(store_write(store, add_in, &adding, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_string_equal(error.person, why);
  assert_null(strstr(error.log, "0142")); /* no address in a log */
  assert_null(strstr(error.log, "ana@"));
}

struct hearing {
  enum outbox_channel channel;
  const char *from, *words, *id;
};

static bool hear_in(struct store_transaction *t, void *context, struct error *e)
{
  const struct hearing *hearing = context;
  return outbox_heard(t, privacy, hearing->channel, text_from(hearing->from),
                      text_from(hearing->words), text_from(hearing->id), now, e);
}

static void hear_again(const char *words, const char *id)
{
  struct hearing hearing = {OUTBOX_TEXT, PHONE, words, id};
  error_clear(&error);
  if (!store_write(store, hear_in, &hearing, &error)) fail_msg("%s: %s", words, error.log);
}

static void hear(const char *words)
{
  hear_again(words, "");
}

/* --- What is stored -------------------------------------------------------------------------- */

struct counting {
  struct text program_id;
  struct outbox_message *messages;
  size_t count;
};

static bool count_in(struct store_transaction *t, void *context, struct error *e)
{
  struct counting *counting = context;
  return outbox_list(t, arena, counting->program_id, TEXT(""), 200, &counting->messages,
                     &counting->count, e);
}

/* The messages of a program, newest first; "" is the installation, which answers words. */
static struct counting messages_of(struct text program_id)
{
  struct counting counting = {.program_id = program_id};
  assert_true(store_read(store, count_in, &counting, &error));
  return counting;
}

struct may {
  enum outbox_channel channel;
  bool is_allowed;
};

static bool may_in(struct store_transaction *t, void *context, struct error *e)
{
  struct may *may = context;
  return outbox_consent_find(t, PROGRAM, PERSON, may->channel, &may->is_allowed, e);
}

static bool is_allowed(enum outbox_channel channel)
{
  struct may may = {.channel = channel};
  assert_true(store_read(store, may_in, &may, &error));
  return may.is_allowed;
}

/* May a message go to the phone now? */
static bool is_stopped(void)
{
  static int number;
  struct adding adding = message(PERSON, OUTBOX_TEXT, PHONE, "");
  adding.wanted.key = text_format(arena, "probe-%d", number++);
  error_clear(&error);
  if (store_write(store, add_in, &adding, &error)) return false;
  assert_string_equal(error.person, "error.outbox.stopped");
  return true;
}

/* The template of the last answer, which is taken from the count of answers before it. */
static const char *answered(size_t before)
{
  struct counting answers = messages_of(TEXT(""));
  if (answers.count == before) return "none";
  assert_int_equal(answers.count, before + 1);
  return text_c(arena, answers.messages[0].template_key);
}

/* --- Consent --------------------------------------------------------------------------------- */

static void test_a_person_is_written_to_only_with_consent_to_the_channel(void **state)
{
  (void)state;
  assert_false(is_allowed(OUTBOX_TEXT));
  refuses(message(PERSON, OUTBOX_TEXT, PHONE, "a"), "error.outbox.consent");
  agree(OUTBOX_EMAIL, true);
  assert_true(is_allowed(OUTBOX_EMAIL));
  assert_false(is_allowed(OUTBOX_TEXT));
  refuses(message(PERSON, OUTBOX_TEXT, PHONE, "a"), "error.outbox.consent");
  adds(message(PERSON, OUTBOX_EMAIL, MAIL, "a"));
  agree(OUTBOX_TEXT, true);
  adds(message(PERSON, OUTBOX_TEXT, PHONE, "b"));
  agree(OUTBOX_TEXT, false);
  assert_false(is_allowed(OUTBOX_TEXT));
  refuses(message(PERSON, OUTBOX_TEXT, PHONE, "c"), "error.outbox.consent");
  assert_int_equal(messages_of(PROGRAM).count, 2);
}

static void test_consent_is_to_one_program(void **state)
{
  (void)state;
  agree(OUTBOX_TEXT, true);
  struct adding other = message(PERSON, OUTBOX_TEXT, PHONE, "a");
  other.wanted.program_id = PROGRAM_B;
  refuses(other, "error.outbox.consent");
}

static void test_staff_need_no_consent(void **state)
{
  (void)state;
  adds(message(TEXT(""), OUTBOX_EMAIL, MAIL, "a"));
  assert_int_equal(messages_of(PROGRAM).count, 1);
}

static void test_a_key_makes_one_message(void **state)
{
  (void)state;
  struct adding first = message(TEXT(""), OUTBOX_EMAIL, MAIL, "a"), second = first;
  assert_true(store_write(store, add_in, &first, &error));
  assert_true(store_write(store, add_in, &second, &error));
  assert_string_equal(first.id, second.id);
  assert_int_equal(messages_of(PROGRAM).count, 1);
}

static void test_an_address_is_one_of_its_channel(void **state)
{
  (void)state;
  static const char *const no_mail[] = {"",
                                        "ana",
                                        "@example.org",
                                        "ana@",
                                        "a b@example.org",
                                        "ana@example",
                                        "ana@example.org\r\nBcc: x@y.zz",
                                        "ana@a@b.cc",
                                        "ana@.org",
                                        "ana@x..org"};
  static const char *const no_phone[] = {
      "", "911", "555-0142", "+1", "18045550142x", "+1234567890123456", MAIL};
  for (size_t i = 0; i < sizeof no_mail / sizeof *no_mail; i++)
    refuses(message(TEXT(""), OUTBOX_EMAIL, no_mail[i], "a"), "error.outbox.address");
  for (size_t i = 0; i < sizeof no_phone / sizeof *no_phone; i++)
    refuses(message(TEXT(""), OUTBOX_TEXT, no_phone[i], "a"), "error.outbox.address");
  assert_int_equal(messages_of(PROGRAM).count, 0);
}

/* --- What a message may say ------------------------------------------------------------------ */

static struct adding saying(const char *value)
{
  struct adding adding = message(TEXT(""), OUTBOX_EMAIL, MAIL, value);
  struct value *names = value_object(arena);
  value_set(names, "name", value_text(arena, text_from(value)));
  adding.wanted.names = names;
  return adding;
}

static void test_values_are_held_to_neutral_words(void **state)
{
  (void)state;
  static const char *const refused[] = {"Methadone at nine",   "your DOSE is ready", "the clinic",
                                        "Dr. Ruiz, addiction", "la metadona",        "Opioid",
                                        "two\nlines",          "a tab\there"};
  static const char *const fine[] = {"Ana", "Tuesday at 9:30", "Room 4"};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    refuses(saying(refused[i]), "error.outbox.words");
  for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) adds(saying(fine[i]));
  assert_int_equal(messages_of(PROGRAM).count, 3);
}

static void test_a_value_is_a_text_or_a_number(void **state)
{
  (void)state;
  struct adding adding = message(TEXT(""), OUTBOX_EMAIL, MAIL, "a");
  struct value *names = value_object(arena);
  value_set(names, "name", value_list(arena));
  adding.wanted.names = names;
  refuses(adding, "error.outbox.words");
}

/* --- Words that come back -------------------------------------------------------------------- */

static void test_words_that_stop(void **state)
{
  (void)state;
  static const char *const words[] = {"STOP",    "stop",           "  Stop \r\n", "StOp.",
                                      "STOP!!",  "QUIT",           "End",         "REVOKE",
                                      "Opt out", "OPT-OUT",        "cancel",      "unsubscribe",
                                      "STOPALL", "stop   all",     "ALTO",        "alto.",
                                      "parar",   "BASTA",          "Stop please", "STOP texting me",
                                      "¡Alto!",  "alto por favor", "basta ya"};
  agree(OUTBOX_TEXT, true);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t before = messages_of(TEXT("")).count;
    now += SECOND;
    hear(words[i]);
    if (!is_stopped()) fail_msg("\"%s\" does not stop", words[i]);
    assert_string_equal(answered(before), "stopped");
    hear("START");
    assert_false(is_stopped());
    now += SECOND;
  }
}

static void test_other_words_do_nothing(void **state)
{
  (void)state;
  static const char *const words[] = {"",
                                      "yes",
                                      "Ok thanks",
                                      "stopped",
                                      "nonstop",
                                      "don't stop",
                                      "I cancel nothing",
                                      "the end of May",
                                      "end of my shift is at five",
                                      "cancel my ride on Monday",
                                      "start over tomorrow?",
                                      "can you help",
                                      "\xff\xfe",
                                      "🙂"};
  agree(OUTBOX_TEXT, true);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    hear(words[i]);
    if (is_stopped()) fail_msg("\"%s\" stops", words[i]);
  }
  assert_int_equal(messages_of(TEXT("")).count, 0);
  hear("STOP");
  hear("start over tomorrow?"); /* what begins messages anew is the word alone */
  assert_true(is_stopped());
}

static void test_start_begins_anew(void **state)
{
  (void)state;
  static const char *const words[] = {"START", " start ", "Unstop", "INICIAR", "comenzar"};
  agree(OUTBOX_TEXT, true);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    hear("STOP");
    assert_true(is_stopped());
    now += SECOND;
    size_t before = messages_of(TEXT("")).count;
    hear(words[i]);
    assert_false(is_stopped());
    assert_string_equal(answered(before), "started");
    now += SECOND;
  }
}

static void test_start_is_no_consent(void **state)
{
  (void)state;
  hear("START");
  refuses(message(PERSON, OUTBOX_TEXT, PHONE, "a"), "error.outbox.consent");
}

static void test_help_is_answered_and_changes_nothing(void **state)
{
  (void)state;
  agree(OUTBOX_TEXT, true);
  hear("HELP");
  assert_string_equal(answered(0), "help");
  assert_false(is_stopped());
  hear("STOP");
  now += SECOND;
  hear(" ayuda");
  assert_string_equal(answered(2), "help");
  assert_true(is_stopped());
}

static void test_stop_holds_however_the_number_is_written(void **state)
{
  (void)state;
  static const char *const written[] = {"8045550142", "+1 804 555 0142", "1-804-555-0142",
                                        "804.555.0142"};
  agree(OUTBOX_TEXT, true);
  agree(OUTBOX_EMAIL, true);
  hear("STOP");
  for (size_t i = 0; i < sizeof written / sizeof *written; i++)
    refuses(message(PERSON, OUTBOX_TEXT, written[i], "a"), "error.outbox.stopped");
  adds(message(PERSON, OUTBOX_TEXT, "8045550143", "b"));
  adds(message(PERSON, OUTBOX_EMAIL, MAIL, "c")); /* another channel */
}

static void test_stop_holds_in_every_program_and_for_e_mail(void **state)
{
  (void)state;
  struct hearing hearing = {OUTBOX_EMAIL, MAIL, "Unsubscribe", ""};
  agree(OUTBOX_EMAIL, true);
  adds(message(PERSON, OUTBOX_EMAIL, MAIL, "a"));
  assert_true(store_write(store, hear_in, &hearing, &error));
  refuses(message(PERSON, OUTBOX_EMAIL, MAIL, "b"), "error.outbox.stopped");
  /* In no program is the address stored as it is written. */
  assert_int_equal(messages_of(PROGRAM).count, 1);
}

static void test_a_word_that_is_delivered_twice_counts_once(void **state)
{
  (void)state;
  agree(OUTBOX_TEXT, true);
  hear_again("STOP", "in-1");
  hear_again("STOP", "in-1");
  assert_int_equal(messages_of(TEXT("")).count, 1);
  hear_again("START", "in-2");
  hear_again("STOP", "in-1"); /* late: it was heard before START */
  assert_false(is_stopped());
  assert_int_equal(messages_of(TEXT("")).count, 2);
}

static void test_a_word_from_no_address_is_refused(void **state)
{
  (void)state;
  struct hearing hearing = {OUTBOX_TEXT, "anonymous", "STOP", ""};
  error_clear(&error);
  assert_false(store_write(store, hear_in, &hearing, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_string_equal(error.person, "error.outbox.address");
  assert_int_equal(messages_of(TEXT("")).count, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, accounts_begin, accounts_end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      T(test_a_person_is_written_to_only_with_consent_to_the_channel),
      T(test_consent_is_to_one_program),
      T(test_staff_need_no_consent),
      T(test_a_key_makes_one_message),
      T(test_an_address_is_one_of_its_channel),
      T(test_values_are_held_to_neutral_words),
      T(test_a_value_is_a_text_or_a_number),
      T(test_words_that_stop),
      T(test_other_words_do_nothing),
      T(test_start_begins_anew),
      T(test_start_is_no_consent),
      T(test_help_is_answered_and_changes_nothing),
      T(test_stop_holds_however_the_number_is_written),
      T(test_stop_holds_in_every_program_and_for_e_mail),
      T(test_a_word_that_is_delivered_twice_counts_once),
      T(test_a_word_from_no_address_is_refused),
  };
  return store_support_run("outbox", tests, sizeof tests / sizeof *tests);
}
