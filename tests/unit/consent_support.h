/*
 * What tests of consent and disclosure share: the room's knowledge without a store, and a consent
 * that lacks nothing. Include after cmocka.h, in one file of a program; run from the repository's
 * root.
 */
#ifndef FAIRLEAD_TESTS_CONSENT_SUPPORT_H
#define FAIRLEAD_TESTS_CONSENT_SUPPORT_H

#include "privacy/privacy.h"

/* 2026-06-01T12:00:00Z, after the rule's compliance date. */
#define NOON INT64_C(1780315200000000)
#define DAY INT64_C(86400000000)

static struct privacy world;
static struct catalog *catalog;
static struct arena *arena;

static inline int world_open(void **state)
{
  (void)state;
  struct error error = {0};
  arena = arena_new(1 << 28);
  if (!catalog_load(&catalog, "locale", &error) ||
      !consent_rules_load(&world.consent_rules, "knowledge", &error) ||
      !labels_load(&world.labels, "knowledge", world.consent_rules, &error) ||
      !notices_load(&world.notices, "knowledge", &error)) {
    print_error("%s\n", error.log);
    return -1;
  }
  world.catalog = catalog;
  return 0;
}

static inline int world_close(void **state)
{
  (void)state;
  notices_free(world.notices);
  labels_free(world.labels);
  consent_rules_free(world.consent_rules);
  catalog_free(catalog);
  arena_free(arena);
  return 0;
}

static inline struct text *one(struct text t)
{
  struct text *out = arena_allocate(arena, sizeof *out);
  *out = t;
  return out;
}

/* A whole, signed consent of a kind to "Harbor Clinic", for one purpose of that kind. */
static inline struct consent whole(const char *kind, const char *purpose)
{
  struct consent_recipient *recipient = arena_allocate(arena, sizeof *recipient);
  *recipient = (struct consent_recipient){.name = TEXT("Harbor Clinic"),
                                          .address = TEXT("1 Pier Road, Salem, MA 01970")};
  if (text_equal(text_from(kind), TEXT("intermediary"))) {
    recipient->is_intermediary = true;
    recipient->participants = TEXT("my treating providers in the network");
  }
  return (struct consent){.id = TEXT("c1"),
                          .person_id = TEXT("p1"),
                          .kind = text_from(kind),
                          .patient_name = TEXT("Robin Vale"),
                          .disclosers = one(TEXT("Lantern House")),
                          .discloser_count = 1,
                          .description = TEXT("My stays and my medicine"),
                          .recipients = recipient,
                          .recipient_count = 1,
                          .purpose = TEXT("At the request of the patient"),
                          .purpose_codes = one(text_from(purpose)),
                          .purpose_code_count = 1,
                          .right_to_revoke = TEXT("I can take this back."),
                          .how_to_revoke = TEXT("I tell the program."),
                          .expires_on = TEXT("2026-12-31"),
                          .revocable_from = TEXT("2026-07-01"),
                          .consequences_of_refusing = TEXT("None for my care."),
                          .says_may_be_redisclosed = true,
                          .signed_by = TEXT("patient"),
                          .signature_id = TEXT("s1"),
                          .language = TEXT("en"),
                          .form_version = TEXT("consent-1"),
                          .signed_at = NOON - DAY};
}

#endif
