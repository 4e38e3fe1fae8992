/*
 * What the analyzers, which see one file at a time, must be told of other files: that error_set() and
 * error_add_context() answer false, so that a failure is no success to them. Never compiled into
 * the program, and not given to the file that defines these functions.
 */
#include "base/error.h"
#include "base/log.h"

#define error_set(...) ((error_set)(__VA_ARGS__), false)
#define error_add_context(...) ((error_add_context)(__VA_ARGS__), false)

#ifdef ANALYZER_LACKS_VA_OPT
#undef log_event
#define log_event(level, event, ...) log_write((level), (event), 0)
#endif
