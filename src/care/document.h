/*
 * document: records as JSON, with fields that knowledge/labels.csv names and no others: what
 * exports and disclose() take. A field that is empty is left out. Pure.
 */
#ifndef FAIRLEAD_CARE_DOCUMENT_H
#define FAIRLEAD_CARE_DOCUMENT_H

#include "care/delivered.h"
#include "care/episode.h"
#include "care/fact.h"
#include "care/file.h"
#include "care/person.h"

/* "person" */
struct value *care_person_document(struct arena *arena, const struct person *person);
/* "episode"; steps: its history. Times are as time_format() writes them. */
struct value *care_episode_document(struct arena *arena, const struct episode *episode,
                                    const struct episode_step *steps, size_t count);
/* "fact"; its labels are those of its kind, separated by spaces. */
struct value *care_fact_document(struct arena *arena, const struct care *care,
                                 const struct care_fact *fact);
/* "file": what it is, not its bytes. */
struct value *care_file_document(struct arena *arena, const struct person_file *file);
/* "delivered-day" and "delivered-service". */
struct value *care_delivered_day_document(struct arena *arena, const struct delivered_day *day);
struct value *care_delivered_service_document(struct arena *arena,
                                              const struct delivered_service *service);

#endif
