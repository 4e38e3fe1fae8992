/*
 * PostgreSQL's binary form of the four portable types, and of what its functions answer with
 * besides: a count is int8, a comparison bool, a sum of BIGINT numeric. It is not where parameters
 * are bound or rows fetched (postgresql_statement.c).
 *
 * Source: PostgreSQL 15's src/backend/utils/adt (int8send, float8send, numeric_send) and
 * src/include/catalog/pg_type.dat for the numbers of types. All integers are big-endian.
 * Threads: any; nothing is kept.
 */
#include <endian.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "store/postgresql.h"

enum { /* pg_type.oid */
       TYPE_BOOL = 16,
       TYPE_BYTEA = 17,
       TYPE_NAME = 19,
       TYPE_INT8 = 20,
       TYPE_INT2 = 21,
       TYPE_INT4 = 23,
       TYPE_TEXT = 25,
       TYPE_FLOAT4 = 700,
       TYPE_FLOAT8 = 701,
       TYPE_UNKNOWN = 705,
       TYPE_VARCHAR = 1043,
       TYPE_NUMERIC = 1700
};

static const struct type {
  Oid oid;
  const char *name;
  enum store_kind kind; /* what is read from it, and bound to it */
  bool is_bound, is_read;
} types[] = {
    {TYPE_INT8, "bigint", STORE_INTEGER, true, true},
    {TYPE_TEXT, "text", STORE_TEXT, true, true},
    {TYPE_BYTEA, "bytea", STORE_BYTES, true, true},
    {TYPE_FLOAT8, "double precision", STORE_DECIMAL, true, true},
    {TYPE_INT4, "integer", STORE_INTEGER, true, true},
    {TYPE_INT2, "smallint", STORE_INTEGER, true, true},
    {TYPE_NUMERIC, "numeric", STORE_DECIMAL, false, true},
    {TYPE_BOOL, "boolean", STORE_INTEGER, false, true},
    {TYPE_FLOAT4, "real", STORE_DECIMAL, false, true},
    {TYPE_VARCHAR, "varchar", STORE_TEXT, true, true},
    {TYPE_NAME, "name", STORE_TEXT, true, true},
    {TYPE_UNKNOWN, "unknown", STORE_TEXT, true, true},
};

static const struct type *type_of(Oid oid)
{
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].oid == oid) return &types[i];
  return NULL;
}

const char *postgresql_type_name(Oid oid)
{
  const struct type *type = type_of(oid);
  return type ? type->name : "of a type that is not portable";
}

bool postgresql_type_is_read(Oid oid)
{
  const struct type *type = type_of(oid);
  return type && type->is_read;
}

bool postgresql_type_takes(Oid oid, enum store_kind kind)
{
  const struct type *type = type_of(oid);
  if (!type || !type->is_bound) return kind == STORE_NULL;
  return kind == STORE_NULL || kind == type->kind ||
         (kind == STORE_INTEGER && type->kind == STORE_DECIMAL);
}

/* --- Writing ------------------------------------------------------------------------------- */

static void put(char *bytes, uint64_t bits, int length)
{
  uint64_t big = htobe64(bits << (64 - 8 * length));
  memcpy(bytes, &big, (size_t)length);
}

static void put_decimal(char *bytes, double number)
{
  uint64_t bits;
  memcpy(&bits, &number, sizeof bits);
  put(bytes, bits, 8);
}

bool postgresql_encode(const struct store_value *value, Oid type, char *bytes, int *length)
{
  const int64_t number = value->integer, exact = INT64_C(1) << 53;
  *length = 8;
  switch (type) {
  case TYPE_INT8:
    put(bytes, (uint64_t)number, 8);
    return true;
  case TYPE_INT4:
    put(bytes, (uint64_t)number, *length = 4);
    return number >= INT32_MIN && number <= INT32_MAX;
  case TYPE_INT2:
    put(bytes, (uint64_t)number, *length = 2);
    return number >= INT16_MIN && number <= INT16_MAX;
  default: /* double precision */
    put_decimal(bytes, value->kind == STORE_DECIMAL ? value->decimal : (double)number);
    return value->kind == STORE_DECIMAL || (number >= -exact && number <= exact);
  }
}

/* --- Reading ------------------------------------------------------------------------------- */

static uint64_t bits_of(const char *at, int length)
{
  uint64_t big = 0;
  memcpy(&big, at, (size_t)length);
  return be64toh(big) >> (64 - 8 * length);
}

static int short_at(struct postgresql_cell cell, int place)
{
  return (int16_t)(uint16_t)bits_of(cell.at + 2 * place, 2);
}

/* A numeric: count of digits to base 10,000, place of the first, sign, decimals shown; digits. */
enum { NUMERIC_NEGATIVE = 0x4000, NUMERIC_HEAD = 4 };

/* The digit to base 10,000 that counts for 10,000 to the power `place`. */
static int numeric_digit(struct postgresql_cell cell, int place)
{
  int index = short_at(cell, 1) - place;
  return index >= 0 && index < short_at(cell, 0) ? short_at(cell, NUMERIC_HEAD + index) : 0;
}

static bool numeric_is_finite(struct postgresql_cell cell)
{
  int sign = short_at(cell, 2);
  return sign == 0 || sign == NUMERIC_NEGATIVE;
}

/* A numeric without decimals, when it fits; summed below zero, where there is room for one more. */
static bool numeric_integer(struct postgresql_cell cell, int64_t *out)
{
  int64_t sum = 0;
  if (!numeric_is_finite(cell) || short_at(cell, 3) != 0) return false;
  for (int place = short_at(cell, 1); place >= 0; place--)
    if (__builtin_mul_overflow(sum, 10000, &sum) ||
        __builtin_sub_overflow(sum, numeric_digit(cell, place), &sum))
      return false;
  if (short_at(cell, 2) == NUMERIC_NEGATIVE) *out = sum;
  else if (__builtin_sub_overflow(0, sum, out)) return false;
  return true;
}

/* The number nearest to the first thirty-two digits or so. */
static double numeric_decimal(struct postgresql_cell cell)
{
  char written[400];
  int first = short_at(cell, 1), last = first - 8;
  double number = 0;
  if (!numeric_is_finite(cell) || first > 75) return (double)NAN;
  if (first < 0) first = 0;
  if (last > -1) last = -1;
  int length =
      snprintf(written, sizeof written, "%s", short_at(cell, 2) == NUMERIC_NEGATIVE ? "-" : "");
  for (int place = first; place >= last && length < (int)sizeof written - 8; place--)
    length += snprintf(written + length, sizeof written - (size_t)length, "%s%04d",
                       place == -1 ? "." : "", numeric_digit(cell, place));
  return text_read_decimal((struct text){written, (size_t)length}, &number) ? number : (double)NAN;
}

enum store_kind postgresql_cell_kind(struct postgresql_cell cell, Oid oid)
{
  if (!cell.at) return STORE_NULL;
  int64_t number = 0;
  if (oid == TYPE_NUMERIC) return numeric_integer(cell, &number) ? STORE_INTEGER : STORE_DECIMAL;
  const struct type *type = type_of(oid);
  return type ? type->kind : STORE_NULL; /* a column of another type is refused beforehand */
}

int64_t postgresql_cell_integer(struct postgresql_cell cell, Oid oid)
{
  int64_t number = 0;
  switch (oid) {
  case TYPE_NUMERIC:
    numeric_integer(cell, &number);
    return number;
  case TYPE_INT4:
    return (int32_t)(uint32_t)bits_of(cell.at, 4);
  case TYPE_INT2:
    return short_at(cell, 0);
  case TYPE_BOOL:
    return *cell.at != 0;
  default:
    return (int64_t)bits_of(cell.at, 8);
  }
}

double postgresql_cell_decimal(struct postgresql_cell cell, Oid oid)
{
  double number = 0;
  float small = 0;
  if (postgresql_cell_kind(cell, oid) == STORE_INTEGER)
    return (double)postgresql_cell_integer(cell, oid);
  if (oid == TYPE_NUMERIC) return numeric_decimal(cell);
  if (oid == TYPE_FLOAT4) {
    uint32_t bits = (uint32_t)bits_of(cell.at, 4);
    memcpy(&small, &bits, sizeof small);
    return (double)small;
  }
  uint64_t bits = bits_of(cell.at, 8);
  memcpy(&number, &bits, sizeof number);
  return number;
}
