/*
 * money: integer cents of the US dollar, as people write and read them. Pure; any thread.
 */
#ifndef FAIRLEAD_COVERAGE_MONEY_H
#define FAIRLEAD_COVERAGE_MONEY_H

#include "base/base.h"

/* Read an amount as people type it in the United States: "1250", "$1,250", "1,250.5", "0.99".
 * Refuses a minus, more than two digits behind the point, commas that do not part thousands,
 * and more than LIMIT_COVERAGE_INCOME cents. */
bool money_read(struct text t, int64_t *cents);
/* "$1,250", "$1,250.50", "-$3.00" as "-$3". */
struct text money_write(struct arena *arena, int64_t cents);

#endif
