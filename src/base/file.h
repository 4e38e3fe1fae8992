/*
 * Files: read whole, replace atomically, find what was installed with the program.
 */
#ifndef FAIRLEAD_BASE_FILE_H
#define FAIRLEAD_BASE_FILE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* Read a whole regular file into the arena; refuses one longer than `ceiling` bytes. */
bool file_read(struct arena *arena, const char *path, size_t ceiling, struct text *out,
               struct error *error);
/* Check that a file is there, is a regular one, and that its owner alone may read or write it. */
bool file_check_secret(const char *path, struct error *error);
/* The same, and read it. The arena keeps what was read: wipe it after use. */
bool file_read_secret(struct arena *arena, const char *path, size_t ceiling, struct text *out,
                      struct error *error);
/*
 * Replace `path` so that a crash leaves the old content or the new, never a mixture:
 * write beside it, flush to disk, rename, flush the folder.
 */
bool file_replace(const char *path, struct text content, struct error *error);
/* Make the folder and those above it. */
bool file_make_folder(const char *path, struct error *error);
bool file_exists(const char *path);
/* Join with one '/'. */
char *file_join(struct arena *arena, const char *folder, const char *name);
/*
 * Call `each` with the path below `folder` of every regular file in it, each folder's names in byte
 * order, at most 8 levels deep; names that start with '.' are passed over. Stops when `each`
 * answers false.
 */
bool file_walk(const char *folder,
               bool (*each)(void *context, struct text relative_path, struct error *error),
               void *context, struct error *error);
/*
 * Answer the folder of what is installed with the program (knowledge, pages, locale, migrations,
 * assets, places): $FAIRLEAD_SHARE, else share/ beside the executable, ../share, ../share/fairlead.
 */
bool file_share_folder(struct arena *arena, char **out, struct error *error);

#endif
