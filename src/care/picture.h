/*
 * picture: what a file from outside is, and a picture without what its camera wrote beside it.
 *
 * Cameras write into a picture where and when it was taken, on which device, a small copy of it
 * from before it was cut, a film behind its end. Stripping keeps the segments and chunks that
 * decoding needs, in their order and to the byte, and writes the others away; nothing is decoded.
 * Which way up the picture is (Exif, orientation) is all that is taken over, in a segment of our
 * own. Sources: ITU-T T.81 annex B, JFIF 1.02, CIPA DC-008 (Exif) 4.6, PNG third edition.
 *
 * Stripping is pure but for the arena. picture_small() decodes, one picture at a time, whichever
 * thread asks.
 */
#ifndef FAIRLEAD_CARE_PICTURE_H
#define FAIRLEAD_CARE_PICTURE_H

#include "base/base.h"

enum file_form { FILE_OTHER, FILE_JPEG, FILE_PNG, FILE_PDF, FILE_FORMS };

/* By the first bytes alone; a name or type that a sender gives counts for nothing. */
enum file_form file_form_of(struct text bytes);
/* "jpeg", "png", "pdf"; "" for another. And back. */
struct text file_form_name(enum file_form form);
enum file_form file_form_find(struct text name);
/* "image/jpeg" and so on; a form that is not known has none. */
const char *file_form_type(enum file_form form);

/* A JPEG or PNG without what decoding does not need, in the arena; at most 36 bytes more than
 * given. Answers false for what is neither, is not whole, or has more than LIMIT_PICTURE_PIXELS. */
bool picture_strip(struct arena *arena, struct text bytes, struct text *out);
/* How a JPEG that was stripped must be turned to stand upright: Exif's orientation, 1 to 8. */
int picture_orientation(struct text jpeg);

/* A stripped JPEG made small and turned upright: its longer side has at most LIMIT_PHOTO_SIDE
 * points, or an eighth of what it had where that is more. ERROR_REFUSED with "error.care.photo"
 * when it does not decode. */
bool picture_small(struct arena *arena, struct text jpeg, struct text *out, struct error *error);

#endif
