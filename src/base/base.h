/*
 * base: the ground floor. It knows no domain words: memory, text, time, errors, the log, files,
 * values, JSON, tables, the message catalog and templates. Every other room stands on it.
 *
 * This header is the room's table of contents. Include it, not the parts.
 */
#ifndef FAIRLEAD_BASE_BASE_H
#define FAIRLEAD_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"    /* one arena per request, import batch or command */
#include "base/catalog.h"  /* messages in every language */
#include "base/error.h"    /* three texts for an error: person, log, hint */
#include "base/file.h"     /* whole files, atomic replacement, the share folder */
#include "base/hash.h"     /* SHA-256 as text */
#include "base/json.h"     /* strict JSON in, exact JSON out */
#include "base/limits.h"   /* every ceiling of the program, on one screen */
#include "base/log.h"      /* logfmt lines on standard error */
#include "base/seal.h"     /* bytes that a stranger carries and cannot read or change */
#include "base/service.h"  /* the service manager: sockets handed over, readiness */
#include "base/table.h"    /* CSV and Markdown pipe tables */
#include "base/template.h" /* the Mustache specification, minus lambdas */
#include "base/text.h"     /* borrowed slices and growing buffers */
#include "base/time.h"     /* microseconds UTC, dates, a monotonic clock */
#include "base/uuid.h"     /* ids by name: version 5 */
#include "base/value.h"    /* the tree that JSON and templates are written from */
#include "base/zone.h"     /* local dates and times of the tz database's zones */

#endif
