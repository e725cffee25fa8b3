/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A golden case: the folder, what is asked, and what the core answers.
 *
 *     AUTO(question_release) struct question question = {0};
 *     question_load(folder, &question);          fails the test when the folder is no case
 *     AUTO(answer_release) struct answer answer = {0};
 *     answer_ask(&question, body, &arena, &answer);
 */
#ifndef GOLDEN_CASE_H
#define GOLDEN_CASE_H

#include "core/admission.h"
#include "io/config.h"

#include <jansson.h>

enum {
    PATH_SIZE = 512
};

/* What a case asks: the review's bytes and the snapshot to answer by. */
struct question {
    char folder[PATH_SIZE];
    char *body;
    size_t body_length;
    struct config config;
    struct nodes nodes;
    struct snapshot snapshot; /* points into the two others: not to be moved */
};

void question_load(const char *folder, struct question *question);

/* The policy of the folder alone; the shipped one where no folder is set. */
void question_load_config(struct question *question);
void question_release(struct question *question);

/* The path of a file in the case's folder, and whether it is there. */
bool question_has(const struct question *question, const char *name, char path[PATH_SIZE]);

/* What the core says: a response (and the patch in it), or an error. */
struct answer {
    bool is_answered;
    struct error err;
    struct admission admission;
    json_t *response; /* the response object */
    json_t *patch;    /* the operations; NULL where the response holds none */
};

/* Ask the core. Everything that the answer borrows is the arena's and the body's. */
void answer_ask(const struct question *question, struct text body, struct arena *arena,
                struct answer *answer);
void answer_release(struct answer *answer);

#endif
