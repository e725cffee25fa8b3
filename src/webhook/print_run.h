/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of --print-patch share: one run over one file. */
#ifndef WEBHOOK_PRINT_RUN_H
#define WEBHOOK_PRINT_RUN_H

#include "core/admission.h"
#include "io/yaml_document.h"
#include "print_patch.h"

/* Stands for what only the cluster knows: uids, and names made from them. */
extern const struct text print_placeholder;

enum print_source {
    PRINT_NESTED, /* a pod template in another object */
    PRINT_POD,
    PRINT_REVIEW, /* the pod of an AdmissionReview */
};

/* An object of the file: a document, or an element of a List. */
struct print_object {
    const struct tree *tree;
    struct text pointer; /* from the document's root */
    size_t document;     /* from 0 */
    struct text api_version;
    struct text kind;
    struct text name;
};

/* Who makes pods from what is no template. */
struct print_maker {
    const char *name;
    const char *metadata;  /* the member that holds the pods' annotations and labels */
    const char *term_note; /* what to know of its pods' same-zone term */
};

struct print_template {
    enum print_source source;
    struct print_object object; /* that it is in */
    const struct tree *tree;
    struct text pointer;             /* from the document's root: "/spec/template" */
    const struct print_maker *maker; /* `tree` is the pod that it makes of what is there; NULL: it is there */
    struct review review;
    struct text body; /* of a pod or a review: the review as the server gets it */
    struct decision decision;
    struct patch patch;
};

struct print_run {
    const struct print_options *options;
    const struct snapshot *snapshot;
    const char *file; /* for messages */
    struct text bytes;
    struct arena arena;
    size_t claims_known; /* of the names that the policy ignores, those that the server ignores too */
    struct documents documents;
    struct print_template *templates;
    size_t template_count;
    bool is_refused; /* bad input: exit 2 */
    bool is_denied;  /* exit 3 */
    bool is_broken;  /* our own mistake: exit 1 */
    bool failed;     /* memory ran out */
};

/* "file:line: sentence" on the messages stream; the run will exit with 2. */
void print_refuse(struct print_run *run, size_t line, const char *format, ...) PRINTF_LIKE(3, 4);

/* "file:line: sentence" alone. */
void print_tell(const struct print_run *run, size_t line, const char *format, ...) PRINTF_LIKE(3, 4);

/* "/spec/tasks/0/template" as people write it: "spec.tasks[0].template"; in the run's arena. */
struct text print_path(struct print_run *run, struct text pointer);

/* "MPIJob train spec.mpiReplicaSpecs.Worker.template". */
struct text print_title(struct print_run *run, const struct print_template *template);

/* Copy it to the end of the run's templates. */
void print_add_template(struct print_run *run, const struct print_template *template);

/* What follows "<prefix>/" in a key; absent for a key that is not ours. */
struct text print_own_name(const struct print_run *run, struct text key);

/* The first of our annotations, or the label, that this holds; NULL where there is none. */
const struct tree_item *print_find_mark(const struct print_run *run, const struct tree *metadata);

/* Whether an author says anything to us here: our annotations or the label, at `metadata` of this. `ret_item`
   is the first of them. */
bool print_is_marked(const struct print_run *run, const struct tree *tree, const struct tree_item **ret_item);

#endif
