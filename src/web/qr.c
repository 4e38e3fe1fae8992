/*
 * QR codes by libqrencode: see qr.h.
 */
#include "web/qr.h"

#include <qrencode.h>

/* Each run of dark modules is one flat box: "M4 4h7v1h-7z". */
static void draw(const QRcode *code, struct text_buffer *out)
{
  size_t width = (size_t)code->width;
  for (size_t y = 0; y < width; y++)
    for (size_t x = 0; x < width;) {
      size_t end = x;
      while (end < width && code->data[y * width + end] & 1) end++;
      if (end > x)
        text_buffer_add_format(out, "M%zu %zuh%zuv1h-%zuz", x + WEB_QR_QUIET, y + WEB_QR_QUIET,
                               end - x, end - x);
      x = end > x ? end : x + 1;
    }
}

bool web_qr(struct arena *arena, struct text t, size_t *size, struct text *path,
            struct error *error)
{
  struct text_buffer drawn;
  QRcode *code =
      QRcode_encodeData((int)t.length, (const unsigned char *)text_start(t), 0, QR_ECLEVEL_L);
  if (!code)
    return error_set(error, ERROR_REFUSED, "error.carry.long", "Print the page instead.",
                     "%zu bytes do not fit a QR code", t.length);
  text_buffer_init(&drawn, LIMIT_TEMPLATE_OUTPUT);
  draw(code, &drawn);
  *size = (size_t)code->width + 2 * (size_t)WEB_QR_QUIET;
  *path = text_copy(arena, text_buffer_get(&drawn));
  text_buffer_fini(&drawn);
  QRcode_free(code);
  return true;
}
