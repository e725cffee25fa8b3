/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters, and their text for Prometheus.
 *
 * The labels are the tables of reasons and warnings, the error kinds and a fixed list of statuses, so their
 * number is bounded. Counting takes no lock.
 *
 * Source: Prometheus text exposition format 0.0.4.
 */
#ifndef WEBHOOK_METRICS_H
#define WEBHOOK_METRICS_H

#include "core/admission.h"

enum metrics_port {
    METRICS_HTTPS,
    METRICS_PLAIN,
    METRICS_PORT_COUNT,
};

enum metrics_reload {
    METRICS_CONFIGURATION,
    METRICS_CERTIFICATE,
    METRICS_RELOAD_COUNT,
};

/* What is read when the text is asked for, rather than counted. */
struct metrics_gauges {
    unsigned in_flight;
    bool is_ready;
    size_t type_count;
    int64_t certificate_until_seconds;
    size_t node_count;
    size_t class_count;
    bool is_watching;              /* the API server is asked for nodes */
    int64_t nodes_silence_seconds; /* since it last said something; only then */
    const char *version;
    const char *http_library;
};

/* A review that was answered, and how long it took from body to answer. */
void metrics_count_review(const struct admission *admission, uint64_t nanoseconds);

/* A review that could not be answered. */
void metrics_count_failure(enum error_kind kind);

void metrics_count_answer(enum metrics_port port, unsigned status);

/* Something that the HTTP library complained of: a handshake that failed, a malformed request. */
void metrics_count_complaint(void);

/* New files were loaded, or refused. */
void metrics_count_reload(enum metrics_reload what, bool is_good);

/* A list of nodes came whole from the API server. */
void metrics_count_nodes_list(void);

/* A list or watch of nodes failed. */
void metrics_count_nodes_failure(void);

void metrics_format(const struct metrics_gauges *gauges, struct buffer *buffer);

#endif
