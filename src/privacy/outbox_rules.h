/*
 * What the outbox goes by: words that no message may hold (knowledge/neutral-words.csv), and words
 * that come back from a phone (knowledge/message-words.csv). Private to privacy. Immutable after
 * loading; any thread.
 */
#ifndef FAIRLEAD_PRIVACY_OUTBOX_RULES_H
#define FAIRLEAD_PRIVACY_OUTBOX_RULES_H

#include "base/base.h"

enum outbox_word { OUTBOX_STOP, OUTBOX_START, OUTBOX_HELP };

struct outbox_rules {
  struct text *forbidden; /* folded */
  size_t forbidden_count;
  struct outbox_heard_word {
    struct text folded;
    enum outbox_word means;
    bool leads; /* counts also with other words behind it */
    struct text language;
  } * heard;
  size_t heard_count;
};

bool outbox_rules_load(struct outbox_rules **out, struct arena *arena, const char *knowledge_folder,
                       struct error *error);
/* Does a text name no treatment, place of treatment or medicine, in any language? */
bool outbox_is_neutral(const struct outbox_rules *rules, struct text t);
/* What a message means that came back, borrowed; NULL when it means nothing. */
const struct outbox_heard_word *outbox_word_find(const struct outbox_rules *rules,
                                                 struct text words);

#endif
