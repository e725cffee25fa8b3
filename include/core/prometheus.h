/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metrics as text for Prometheus.
 *
 *     struct prometheus out = {.buffer = &answer->body, .prefix = "efa_webhook_"};
 *     prometheus_describe(&out, "answers_total", "counter", "HTTP answers, by status.");
 *     prometheus_sample(&out, "answers_total");
 *     prometheus_label(&out, "code", text_of("200"));
 *     prometheus_unsigned(&out, 7);
 *
 * Names, types and help are literals of ours; label values may be any UTF-8. All samples of a name stand
 * together, behind its description.
 *
 * Source: Prometheus text exposition format 0.0.4.
 */
#ifndef CORE_PROMETHEUS_H
#define CORE_PROMETHEUS_H

#include "core/buffer.h"

/* What an answer with such a text has for its content type. */
extern const char prometheus_content_type[];

struct prometheus {
    struct buffer *buffer;
    const char *prefix; /* of every name */
    bool has_label;     /* the sample that is being written */
};

void prometheus_describe(struct prometheus *out, const char *name, const char *type, const char *help);

/* Begin a sample; its labels follow, then its value, which ends it. */
void prometheus_sample(struct prometheus *out, const char *name);
void prometheus_label(struct prometheus *out, const char *key, struct text value);
void prometheus_unsigned(struct prometheus *out, uint64_t value);
void prometheus_signed(struct prometheus *out, int64_t value);
void prometheus_seconds(struct prometheus *out, double value); /* with nine decimals */

/* A metric with one sample and no label. */
void prometheus_gauge(struct prometheus *out, const char *name, const char *help, uint64_t value);
void prometheus_counter(struct prometheus *out, const char *name, const char *help, uint64_t value);

#endif
