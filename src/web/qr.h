/*
 * QR codes: a text as a square of modules, drawn as one path. libqrencode chooses version and mask.
 * Source: ISO/IEC 18004.
 */
#ifndef FAIRLEAD_WEB_QR_H
#define FAIRLEAD_WEB_QR_H

#include "base/base.h"

enum { WEB_QR_QUIET = 4 }; /* modules of light around the square, as the standard asks */

/* Encode with the lowest error correction, so that long texts stay readable. `*size` is the side in
 * modules, quiet zone included; `*path` the dark modules as SVG path data in that square, in the
 * arena. Refuses a text that does not fit a code. */
bool web_qr(struct arena *arena, struct text t, size_t *size, struct text *path,
            struct error *error);

#endif
