/* SPDX-License-Identifier: Apache-2.0 */
/* What the handlers of both ports have in common. */
#ifndef WEBHOOK_ANSWER_H
#define WEBHOOK_ANSWER_H

/* Count and log (level debug) what the HTTP library complains of. */
void answer_complain(const char *sentence);

#endif
