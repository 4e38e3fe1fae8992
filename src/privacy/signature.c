/*
 * signature: checking, keeping and loading. See signature.h. What is kept is sealed under the
 * person; the hashes of the signed bytes and of the image stand beside, and are compared when a
 * signature is loaded.
 */
#include "privacy/signature.h"

#include <string.h>

#include "privacy/privacy.h"
#include "privacy/sealed.h"

static const char *const method_names[] = {
    [SIGNATURE_TYPED] = "typed", [SIGNATURE_DRAWN] = "drawn", [SIGNATURE_SCANNED] = "scanned"};

struct text signature_method_name(enum signature_method method)
{
  return text_from(method_names[method]);
}

/* --- The form of an image -------------------------------------------------------------------- */

struct text signature_image_type(struct text bytes)
{
  static const struct {
    struct text begins;
    const char *type;
  } types[] = {{{"%PDF-", 5}, "application/pdf"},
               {{"\xff\xd8\xff", 3}, "image/jpeg"},
               {{"\x89PNG\r\n\x1a\n", 8}, "image/png"}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (text_starts_with(bytes, types[i].begins)) return text_from(types[i].type);
  return TEXT("");
}

static bool is_strokes(struct text t)
{
  size_t count;
  return signature_strokes_read(NULL, t, NULL, &count);
}

static bool check_image(const struct signature *signature, struct text *type, struct error *error)
{
  struct text image = signature->image;
  size_t limit =
      signature->method == SIGNATURE_DRAWN ? LIMIT_SIGNATURE_DRAWN : LIMIT_SIGNATURE_SCAN;
  *type = TEXT("");
  if (signature->method == SIGNATURE_TYPED)
    return text_is_empty(image) || error_set(error, ERROR_REFUSED, "error.signature.image", "",
                                             "a typed signature has no image");
  if (text_is_empty(image))
    return error_set(error, ERROR_REFUSED, "error.signature.missing", "", "no image");
  if (image.length > limit)
    return error_set(error, ERROR_TOO_LARGE, "error.signature.large", "", "an image of %zu bytes",
                     image.length);
  *type = signature_image_type(image);
  if (signature->method == SIGNATURE_DRAWN && is_strokes(image)) *type = TEXT("text/plain");
  bool is_right = !text_is_empty(*type) && (signature->method == SIGNATURE_SCANNED ||
                                            !text_equal(*type, TEXT("application/pdf")));
  return is_right ||
         error_set(error, ERROR_REFUSED, "error.signature.image", "", "not an image we take");
}

static bool is_of_person(struct text role)
{
  return text_equal(role, TEXT("patient")) || text_equal(role, TEXT("personal-representative"));
}

static bool check(const struct access *access, const struct signature *signature, struct text *type,
                  struct error *error)
{
  const struct actor *actor = access->actor;
  bool is_persons = is_of_person(signature->role);
  if (!is_persons && !text_equal(signature->role, TEXT("staff")) &&
      !text_equal(signature->role, TEXT("witness")))
    return error_set(error, ERROR_REFUSED, "error.signature.role", "", "an unknown role");
  if (text_is_empty(text_trim(signature->signer)) || signature->signer.length > LIMIT_CONSENT_WORDS)
    return error_set(error, ERROR_REFUSED, "error.signature.name", "", "no name");
  if (text_equal(signature->role, TEXT("personal-representative")) &&
      text_is_empty(text_trim(signature->authority)))
    return error_set(error, ERROR_REFUSED, "error.signature.authority", "", "no authority");
  if (text_is_empty(signature->signed_bytes))
    return error_set(error, ERROR_REFUSED, "error.signature.missing", "", "nothing was signed");
  bool must_prove =
      signature->method == SIGNATURE_TYPED && (!is_persons || actor->kind == ACTOR_PERSON);
  if (must_prove && !actor->is_confirmed)
    return error_set(error, ERROR_FORBIDDEN, "error.proof.text", "", "the signer was not proved");
  return check_image(signature, type, error);
}

/* --- Keeping --------------------------------------------------------------------------------- */

struct sealed_signature {
  struct text signer, authority, image, signed_bytes;
};

static bool seal(const struct access *access, struct arena *arena,
                 const struct signature *signature, struct sealed_signature *out,
                 struct error *error)
{
  struct text person = access->person_id;
  return sealed_write(access, arena, person, "signature.signer", signature->signer, &out->signer,
                      error) &&
         sealed_write(access, arena, person, "signature.authority", signature->authority,
                      &out->authority, error) &&
         sealed_write(access, arena, person, "signature.image", signature->image, &out->image,
                      error) &&
         sealed_write(access, arena, person, "signature.signed_bytes", signature->signed_bytes,
                      &out->signed_bytes, error);
}

bool signature_create(struct store_transaction *transaction, const struct access *access,
                      struct signature *signature, struct arena *arena, struct error *error)
{
  struct sealed_signature sealed;
  struct text type;
  if (!sealed_person(access, error) || !check(access, signature, &type, error) ||
      !seal(access, arena, signature, &sealed, error))
    return false;
  struct signature kept = *signature;
  bool is_witnessed = is_of_person(kept.role) && access->actor->kind != ACTOR_PERSON;
  kept.id = sealed_id(arena, access->now);
  kept.person_id = access->person_id;
  kept.content_type = type;
  kept.at = access->now;
  if (is_witnessed && text_is_empty(kept.witness_account_id))
    kept.witness_account_id = access->actor->account_id;
  hash_sha256(kept.signed_bytes, kept.sha256);
  hash_sha256(kept.image, kept.image_sha256);
  if (!store_execute(
          transaction,
          "INSERT INTO signature (program_id, id, person_id, method, role, signer, authority, "
          "content_type, image, signed_bytes, sha256, image_sha256, account_id, "
          "witness_account_id, at) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
          STORE_BIND(STORE_T(access->program_id), STORE_T(kept.id), STORE_T(kept.person_id),
                     STORE_T(signature_method_name(kept.method)), STORE_T(kept.role),
                     STORE_B(sealed.signer), STORE_B(sealed.authority), STORE_T(kept.content_type),
                     STORE_B(sealed.image), STORE_B(sealed.signed_bytes),
                     STORE_T(text_from(kept.sha256)), STORE_T(text_from(kept.image_sha256)),
                     STORE_T(access->actor->account_id), STORE_T(kept.witness_account_id),
                     STORE_N(kept.at)),
          NULL, error))
    return false;
  *signature = kept;
  return true;
}

/* --- Loading --------------------------------------------------------------------------------- */

static bool open_row(const struct access *access, struct arena *arena,
                     const struct store_cursor *row, struct signature *out, struct error *error)
{
  struct text person = access->person_id;
  char sha256[65], image[65];
  if (!sealed_read(access, arena, person, "signature.signer", store_column_bytes(row, 2),
                   &out->signer, error) ||
      !sealed_read(access, arena, person, "signature.authority", store_column_bytes(row, 3),
                   &out->authority, error) ||
      !sealed_read(access, arena, person, "signature.image", store_column_bytes(row, 5),
                   &out->image, error) ||
      !sealed_read(access, arena, person, "signature.signed_bytes", store_column_bytes(row, 6),
                   &out->signed_bytes, error))
    return false;
  hash_sha256(out->signed_bytes, sha256);
  hash_sha256(out->image, image);
  if (strcmp(sha256, out->sha256) == 0 && strcmp(image, out->image_sha256) == 0) return true;
  return error_set(error, ERROR_SYSTEM, "error.signature.broken", "Compare with a backup.",
                   "a signature's bytes have another hash than when it was made");
}

static bool read_row(const struct access *access, struct arena *arena,
                     const struct store_cursor *row, struct signature *out, struct error *error)
{
  struct text method = store_column_text(row, 0), hash = store_column_text(row, 7);
  struct text image_hash = store_column_text(row, 8);
  if (hash.length != 64 || image_hash.length != 64)
    return error_set(error, ERROR_SYSTEM, "error.signature.broken", "", "a hash is not whole");
  memcpy(out->sha256, hash.at, 64);
  out->sha256[64] = 0;
  memcpy(out->image_sha256, image_hash.at, 64);
  out->image_sha256[64] = 0;
  for (int i = SIGNATURE_TYPED; i <= SIGNATURE_SCANNED; i++)
    if (text_equal(method, text_from(method_names[i]))) out->method = (enum signature_method)i;
  out->role = text_copy(arena, store_column_text(row, 1));
  out->content_type = text_copy(arena, store_column_text(row, 4));
  out->witness_account_id = text_copy(arena, store_column_text(row, 9));
  out->at = store_column_integer(row, 10);
  return open_row(access, arena, row, out, error);
}

bool signature_load(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct text id, struct signature *out, struct error *error)
{
  struct store_cursor *row = NULL;
  struct signature found = {.id = text_copy(arena, id), .person_id = access->person_id};
  bool more = false;
  if (!sealed_person(access, error) ||
      !store_query(transaction, &row,
                   "SELECT method, role, signer, authority, content_type, image, signed_bytes, "
                   "sha256, image_sha256, witness_account_id, at FROM signature "
                   "WHERE program_id = $1 AND id = $2 AND person_id = $3",
                   STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_T(access->person_id)),
                   error))
    return false;
  bool is_read = store_next(row, &more, error);
  if (is_read && !more)
    is_read = error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such signature");
  is_read = is_read && read_row(access, arena, row, &found, error);
  store_cursor_close(row);
  if (is_read) *out = found;
  return is_read;
}
