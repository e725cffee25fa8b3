/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of YAML documents, or one JSON document, as trees with marks.
 *
 *     AUTO(documents_release) struct documents documents = {0};
 *     if (!documents_parse(bytes, &documents, &line, err))
 *         ...print line and err
 *
 * Scalars mean what they mean to Kubernetes (core/scalar.h), merge keys included. Refused as ERROR_INPUT,
 * with the line: what is no YAML, a key that comes twice, a key that is a collection, .inf and .nan, tags but
 * YAML's own scalar ones, aliases that stand for more than 100,000 values in all, nesting deeper than
 * TREE_HEIGHT_LIMIT, more than 16 MiB, bytes that are not UTF-8.
 */
#ifndef IO_YAML_DOCUMENT_H
#define IO_YAML_DOCUMENT_H

#include "core/tree.h"

enum {
    DOCUMENTS_BYTES_LIMIT = 16 * 1024 * 1024,
    DOCUMENTS_ALIASED_LIMIT = 100000,
};

struct document {
    struct tree *root; /* of kind TREE_NULL where nothing is in it */
};

struct documents {
    struct arena arena; /* everything below is in it */
    struct document *items;
    size_t count;
    bool is_json;
};

/* `bytes` must outlive the trees. `ret_line` is written on failure: where the trouble is, from 1. */
MUST_CHECK bool documents_parse(struct text bytes, struct documents *ret_documents, size_t *ret_line,
                                struct error *err);

void documents_release(struct documents *documents);

#endif
