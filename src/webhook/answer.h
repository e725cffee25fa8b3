/* SPDX-License-Identifier: Apache-2.0 */
/* What the handlers of both ports have in common. */
#ifndef WEBHOOK_ANSWER_H
#define WEBHOOK_ANSWER_H

#include "io/http_server.h"

/* One sentence and a newline, as plain text. */
void answer_sentence(struct http_answer *answer, unsigned status, const char *sentence);

/* Count and log (level debug) what the HTTP library complains of. */
void answer_complain(const char *sentence);

#endif
