/*
 * The bare engine beside bench_people and bench_beds: what a desk's page asks of the database,
 * asked of SQLite or libpq themselves, with a plain line where a page writes its entry in the
 * audit. No roles, no chain, no sealed fields. One connection, one thread.
 */
#ifndef FAIRLEAD_BENCH_BARE_H
#define FAIRLEAD_BENCH_BARE_H

#include "base/base.h"

struct bare;
/* Open the database that the other filled; ends the program when it cannot. */
struct bare *bare_open(const char *address, const char *program_id);
void bare_close(struct bare *bare);
/* Each is one transaction, durable when it answers. */
void bare_session(struct bare *bare, struct text token);
void bare_search(struct bare *bare, size_t number); /* twenty hits of one blind index */
void bare_page(struct bare *bare, const char *person_id);
/* Every row of a program's board; and a row written for a hold, with nothing asked. */
void bare_board(struct bare *bare, const char *program_id);
/* Every row of a program's waiting lists, by time. */
void bare_list(struct bare *bare, const char *program_id);
void bare_hold(struct bare *bare, const char *program_id, const char *bed_id);

#endif
