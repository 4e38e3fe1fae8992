/*
 * document: records as JSON, with exactly the fields that knowledge/labels.csv names: what pages
 * show, what exports and disclose() take. Pure.
 */
#ifndef FAIRLEAD_CARE_DOCUMENT_H
#define FAIRLEAD_CARE_DOCUMENT_H

#include "care/delivered.h"
#include "care/episode.h"
#include "care/fact.h"
#include "care/person.h"

struct value *care_person_document(struct arena *arena, const struct person *person);
struct value *care_episode_document(struct arena *arena, const struct episode *episode,
                                    const struct episode_step *steps, size_t count);
struct value *care_fact_document(struct arena *arena, const struct care_fact *fact);
struct value *care_delivered_day_document(struct arena *arena, const struct delivered_day *day);
struct value *care_delivered_service_document(struct arena *arena,
                                              const struct delivered_service *service);
/* Every field a document may have: "person", "name.given"; lists as "phones[].number". */
void care_document_fields(void (*each)(void *context, struct text document, struct text field),
                          void *context);

#endif
