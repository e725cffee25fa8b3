/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plain YAML scalar means, as Kubernetes reads it, and how to write a text so that it is read back.
 *
 * YAML 1.1 as sigs.k8s.io/yaml has it: y, yes, on, ~, 0x1f, 017, 1_000 are no strings; dates and 1:30 are.
 *
 * Source: sigs.k8s.io/yaml goyaml.v2, resolve.go.
 */
#ifndef CORE_SCALAR_H
#define CORE_SCALAR_H

#include "core/tree.h"

/*
 * The kind of an unquoted scalar, and its text as JSON: "true", "31". Strings come back as they are.
 * False for .inf and .nan, which JSON cannot hold. Without memory the text is absent.
 */
bool scalar_resolve(struct text plain, struct arena *arena, enum tree_kind *ret_kind, struct text *ret_text);

/* The same for a scalar with a tag, of YAML's own scalar types ("tag:yaml.org,2002:int"); false for any other
   tag, and for a value that is not of its type. `text` is the scalar as written, then as JSON. */
bool scalar_resolve_tag(struct text tag, struct arena *arena, enum tree_kind *ret_kind, struct text *text);

/* Write a string so that any YAML reader gets it back: plain where that is safe, else in quotes. */
void scalar_add(struct buffer *buffer, struct text text);

#endif
