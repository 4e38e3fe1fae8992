/*
 * file: papers and pictures from outside that belong to a person's record: one way for all rooms.
 *
 * A file has a kind (file-kinds.csv), whose object of roles.csv says who may see it and add it, and
 * what it belongs to: the person, or a row of another room, by a word and an id that the desk
 * checked. Its bytes are stripped of what a camera wrote (picture.h), and kept in pieces, sealed
 * under the person's key, with their hash. It is never changed; it is taken out with a reason
 * (file-reasons.csv), which says whether its bytes are destroyed then or kept.
 */
#ifndef FAIRLEAD_CARE_FILE_H
#define FAIRLEAD_CARE_FILE_H

#include "care/code.h"
#include "care/picture.h"

struct person_file {
  struct text id, person_id;
  struct text kind;            /* file-kinds.csv */
  enum file_form form;         /* FILE_JPEG, FILE_PNG, FILE_PDF */
  struct text title;           /* as typed, or "" */
  struct text owner, owner_id; /* "" and "": the person */
  struct text sha256;          /* of the bytes, hexadecimal */
  struct text account_id;
  int64_t size, made_at;
  int64_t removed_at; /* 0: it stands */
  struct text removed_account_id, removed_reason;
  int64_t version;
};

/* What is kept of a file from outside, ready to be added: call it before the transaction. Refuses
 * with "error.file.form" what is no whole JPEG, PNG or PDF or has more than LIMIT_FILE bytes. */
struct file_content {
  enum file_form form;
  struct text bytes;
};
bool file_content_make(struct arena *arena, struct text bytes, struct file_content *out,
                       struct error *error);

/* Objects of roles.csv that may guard a kind, as access_open() takes them. */
enum { FILE_OBJECTS = 5 };
extern const char *const file_objects[FILE_OBJECTS];
/* The object of roles.csv that guards a kind, a literal; NULL for a kind that is none. */
const char *file_kind_object(const struct care *care, struct text kind);
/* The same of a file of this program; ERROR_NOT_FOUND when there is none. Tells nothing else. */
bool file_object_find(struct store_transaction *transaction, const struct care *care,
                      struct text program_id, struct text id, const char **out,
                      struct error *error);

/* (its kind's object, write) for the person. Takes kind, title, owner and owner_id; sets the rest.
 * A title has at most LIMIT_FILE_TITLE characters. */
bool file_add(struct store_transaction *transaction, const struct care *care,
              const struct access *access, struct arena *arena, struct person_file *file,
              const struct file_content *content, struct error *error);
/* Those of the person, and of records merged into theirs, whose kind the access's object guards,
 * the newest first: (that object, read). With an owner, those of it alone. */
bool file_list(struct store_transaction *transaction, const struct care *care,
               const struct access *access, struct arena *arena, struct text person_id,
               struct text owner, struct text owner_id, struct person_file **out, size_t *count,
               struct error *error);
/* One of them: (its kind's object, read); ERROR_NOT_FOUND when it is another's. */
bool file_load(struct store_transaction *transaction, const struct care *care,
               const struct access *access, struct arena *arena, struct text id,
               struct person_file *out, struct error *error);
/* The bytes, in the arena. Of a file that was taken out ERROR_NOT_FOUND, but for who may write.
 * Bytes with another hash are refused. */
bool file_bytes_load(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, const struct person_file *file, struct text *out,
                     struct error *error);
/* Does this reason destroy the bytes at once? */
bool file_reason_destroys(const struct care *care, struct text reason);
/* (its kind's object, write) */
bool file_remove(struct store_transaction *transaction, const struct care *care,
                 const struct access *access, struct text id, struct text reason, int64_t version,
                 struct error *error);

#endif
