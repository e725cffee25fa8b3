/* SPDX-License-Identifier: Apache-2.0 */
/* The outputs of --print-patch, one function each; all write into a buffer. */
#ifndef WEBHOOK_PRINT_SHOW_H
#define WEBHOOK_PRINT_SHOW_H

#include "core/edits.h"
#include "print_run.h"

/* The JSON Patch of each pod; with a heading where the file is not one pod or review. */
void print_show_patch(struct print_run *run, struct buffer *out);

/* What the server would answer, one line a pod. */
void print_show_review(struct print_run *run, struct buffer *out);

/* What happens and why, in sentences. */
void print_show_explain(struct print_run *run, struct buffer *out);

/* The file with the patches applied. */
void print_show_yaml(struct print_run *run, struct buffer *out);

/* The same as a unified diff. */
void print_show_diff(struct print_run *run, struct buffer *out);

/* A unified diff of a text and what edits (sorted by place) made of it. */
void print_diff(const char *file, const struct edits *edits, struct text changed, bool is_coloured,
                struct buffer *out);

#endif
