/* SPDX-License-Identifier: Apache-2.0 */
#include "print_find.h"

#include "print_dynamo.h"
#include "print_guess.h"
#include "print_misplaced.h"

static bool is_template(const struct tree *tree)
{
    const struct tree *containers = tree_find(tree_find(tree, "spec"), "containers");

    return containers != NULL && containers->kind == TREE_LIST && containers->count > 0 &&
           containers->items[0].value->kind == TREE_MAP;
}

static bool is_object(const struct tree *tree)
{
    return tree_find_text(tree, "apiVersion").at != NULL && tree_find_text(tree, "kind").at != NULL;
}

/* Kinds whose own spec is a pod's. Another kind with spec.containers (an operator's resource) makes pods in
   ways that its metadata says nothing about. */
static bool is_pod(const struct print_object *object)
{
    return text_is_string(object->kind, "Pod") && text_is_string(object->api_version, "v1");
}

static void walk(struct print_run *run, const struct print_object *object, const struct tree *tree,
                 struct text pointer);

static struct text step(struct print_run *run, struct text pointer, const struct tree *tree, size_t position)
{
    struct text key = tree->items[position].key;

    if (tree->kind == TREE_LIST)
        key = arena_format(&run->arena, "%zu", position);
    pointer = tree_pointer(&run->arena, pointer, key);
    run->failed = run->failed || pointer.at == NULL;
    return pointer;
}

static void walk_items(struct print_run *run, const struct print_object *object, const struct tree *tree,
                       struct text pointer)
{
    size_t i;

    for (i = 0; i < tree->count && !run->failed; i++) {
        const struct tree *value = tree->items[i].value;

        if (value->kind == TREE_MAP || value->kind == TREE_LIST)
            walk(run, object, value, step(run, pointer, tree, i));
    }
}

static void walk_review(struct print_run *run, const struct print_object *object)
{
    struct print_template template = {.source = PRINT_REVIEW, .object = *object};
    const struct tree *request = tree_find(object->tree, "request");

    template.tree = tree_find(request, "object");
    template.pointer = text_of("/request/object");
    if (template.tree == NULL)
        template.tree = object->tree; /* review_read() says what is missing */
    print_add_template(run, &template);
}

static void walk_object(struct print_run *run, const struct print_object *object)
{
    struct print_template template = {.source = PRINT_POD, .object = *object, .tree = object->tree};

    template.pointer = object->pointer;
    if (text_is_string(object->kind, "AdmissionReview")) {
        walk_review(run, object);
    } else if (is_pod(object)) {
        print_add_template(run, &template);
    } else {
        print_add_dynamo(run, object);
        walk_items(run, object, object->tree, object->pointer);
    }
}

static void enter_object(struct print_run *run, const struct tree *tree, struct text pointer, size_t document)
{
    const struct print_object object = {
        .tree = tree,
        .pointer = pointer,
        .document = document,
        .api_version = tree_find_text(tree, "apiVersion"),
        .kind = tree_find_text(tree, "kind"),
        .name = tree_find_text(tree_find(tree, "metadata"), "name"),
    };
    size_t first = run->template_count;

    walk_object(run, &object);
    print_find_misplaced(run, &object, first);
}

static void walk(struct print_run *run, const struct print_object *object, const struct tree *tree,
                 struct text pointer)
{
    struct print_template template = {.source = PRINT_NESTED, .object = *object, .tree = tree};

    template.pointer = pointer;
    if (is_object(tree))
        enter_object(run, tree, pointer, object->document);
    else if (is_template(tree))
        print_add_template(run, &template);
    else
        walk_items(run, object, tree, pointer);
}

/* What a document is that is no object. */
static const char *refusal(const struct tree *root)
{
    switch (root->kind) {
    case TREE_MAP:
        if (tree_find(root, "kind") != NULL)
            return "apiVersion and kind must both be there, and be strings";
        return "this has no kind, so it is no Kubernetes object; if these are a Helm chart's values, run: "
               "helm template CHART -f FILE | efa-webhook --print-patch -";
    case TREE_LIST:
        return "a list is no Kubernetes object; put --- between objects, or write "
               "{apiVersion: v1, kind: List, items: [...]}";
    case TREE_NULL:
    case TREE_BOOL:
    case TREE_NUMBER:
    case TREE_STRING:
        break;
    }
    return "this is a text, not a Kubernetes object in YAML or JSON";
}

static void refuse_document(struct print_run *run, const struct tree *root)
{
    size_t line = root->line;
    const char *guess = root->kind == TREE_STRING ? print_guess(run->bytes, &line) : NULL;

    print_refuse(run, line, "%s", guess != NULL ? guess : refusal(root));
}

void print_find(struct print_run *run)
{
    bool is_empty = true;
    size_t i;

    for (i = 0; i < run->documents.count && !run->failed; i++) {
        const struct tree *root = run->documents.items[i].root;

        if (root->kind == TREE_NULL)
            continue;
        is_empty = false;
        if (is_object(root))
            enter_object(run, root, text_of(""), i);
        else
            refuse_document(run, root);
    }
    if (is_empty)
        print_refuse(run, 1,
                     "there is nothing in it but blanks and comments; give a manifest in YAML or JSON");
}
