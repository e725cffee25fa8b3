/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a value in a configuration file may be: the pure half of io/config.h.
 *
 * Each value_is_...() answers for one kind of name and refuses the empty text unless it says otherwise.
 */
#ifndef CORE_CONFIG_VALUES_H
#define CORE_CONFIG_VALUES_H

#include "core/text.h"

/* What YAML readers make of a word without quotes. */
enum plain {
    PLAIN_TEXT,
    PLAIN_NULL,      /* nothing, ~, null */
    PLAIN_TRUE,      /* true */
    PLAIN_FALSE,     /* false */
    PLAIN_AMBIGUOUS, /* yes, on, True, ...: a boolean to some readers, text to others */
    PLAIN_NUMBER,    /* 8, -1, 1.5, 3.2e1, 0x10, 1_000, .inf */
};

/* Source: YAML 1.1 (type repository) and the YAML 1.2 core schema; what either makes of it. */
enum plain value_plain(struct text text);

/* Lower-case letters, digits, '-' and '.', at most 253: "efa-injector.io". Source: RFC 1123 in Kubernetes. */
bool value_is_dns_subdomain(struct text text);

/* "name" or "dns.subdomain/name". Source: Kubernetes labels, syntax and character set. */
bool value_is_label_key(struct text text);

/* A label key, or the beginning of one and a '*'. */
bool value_is_label_pattern(struct text text);

/* At most 63 of letters, digits, '-', '_', '.'; may be empty. */
bool value_is_label_value(struct text text);

/* A C identifier, which every shell and Kubernetes version takes. */
bool value_is_variable_name(struct text text);

/* A lower-case word that the annotation `env` can name; "off" is taken. */
bool value_is_set_name(struct text text);

/* "p5.48xlarge": a family, a dot and a size, without "ml.". */
bool value_is_instance_type(struct text text);

/* Lower-case letters, digits, '-' and '.', at most 63: "h100", "any". */
bool value_is_word(struct text text);

/* "amd64" or "arm64". */
bool value_is_architecture(struct text text);

/* "v0.5.9". */
bool value_is_chart_version(struct text text);

/* At most 4096 bytes, none of them NUL; may be empty. */
bool value_is_variable_value(struct text text);

/* A sentence on why we never set this variable to this value; NULL when we may. */
const char *value_variable_harm(struct text name, struct text value);

/* How many letters must be changed, left out, put in or swapped with the neighbour, in the first 64 bytes;
 * upper and lower case are the same. */
unsigned value_distance(struct text left, struct text right);

#endif
