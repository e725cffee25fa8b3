/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include "io/log.h"
#include "metrics.h"

void answer_complain(const char *sentence)
{
    struct log_line line;

    metrics_count_complaint();
    log_begin(&line, LOG_LEVEL_DEBUG, "http");
    log_string(&line, "error", sentence);
    log_end(&line);
}
