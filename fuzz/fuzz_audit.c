/*
 * Bytes of the audit as somebody who owns the database or the file of anchors could write them: an
 * entry's body, whose fields written again are the same bytes, and a line of the anchors, read or
 * refused.
 */
#include <stdlib.h>
#include <string.h>

#include "privacy/audit_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds) abort();
}

static void read_body(struct text body)
{
  struct text fields[AUDIT_FIELDS], all = body;
  int64_t at = 0;
  if (!audit_body_read(body, fields, &at)) return;
  (void)audit_fields_check(fields);
  for (size_t i = 0; i < AUDIT_FIELDS; i++)
    require(fields[i].at >= all.at && fields[i].at + fields[i].length <= all.at + all.length);
  struct text_buffer again;
  text_buffer_init(&again, body.length + 1);
  audit_body_write(fields, &again);
  require(!again.over && text_equal(text_buffer_get(&again), body));
  text_buffer_fini(&again);
}

static void read_anchor(struct text line)
{
  static const unsigned char before[AUDIT_HASH];
  struct audit_anchor_line read;
  bool joined = false;
  if (!audit_anchor_read(line, before, &read, &joined)) return;
  require(read.program_id.length <= line.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char nothing[] = "";
  if (size > 65536) return 0;
  struct text input = {size ? (const char *)data : nothing, size};
  read_body(input);
  read_anchor(input);
  return 0;
}
