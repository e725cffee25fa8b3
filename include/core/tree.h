/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document of YAML or JSON as a tree that remembers where in the file everything stands.
 *
 * For manifests that people wrote (--print-patch), never for the request path. A tree is immutable once
 * built, but for tree_add(); all of it lives in one arena and borrows from the file's bytes.
 *
 *     const struct tree *spec = tree_find(document, "spec");
 *     if (spec != NULL && spec->kind == TREE_MAP) ...
 */
#ifndef CORE_TREE_H
#define CORE_TREE_H

#include "core/buffer.h"
#include "core/json.h"

enum tree_kind {
    TREE_NULL,
    TREE_BOOL,
    TREE_NUMBER,
    TREE_STRING,
    TREE_LIST,
    TREE_MAP,
};

/* How a value is written in the file. */
enum tree_style {
    TREE_STYLE_BLOCK, /* collections by indentation; plain scalars */
    TREE_STYLE_FLOW,  /* collections in brackets, as all of JSON; quoted scalars */
    TREE_STYLE_TEXT,  /* scalars behind | or > */
};

struct tree;

/* A member of a map, or an element of a list (whose key is absent). */
struct tree_item {
    struct text key;
    struct tree *value;
    size_t key_begin; /* where the key stands, and the byte behind it */
    size_t key_end;
    size_t end;     /* behind the value as written here: an alias ends elsewhere than what it stands for */
    bool is_alias;  /* written as *name */
    bool is_merged; /* not written here at all: it came through a merge key (<<) */
};

struct tree {
    enum tree_kind kind;
    enum tree_style style;
    struct text text; /* of a string; of a number or a boolean as JSON has it */
    struct tree_item *items;
    size_t count;
    size_t begin;   /* behind anchor and tag */
    size_t end;     /* behind the last byte that belongs to it, comments and blank lines not */
    size_t line;    /* of `begin`, from 1 */
    size_t column;  /* of a block collection: where its keys or dashes stand, from 0 */
    size_t height;  /* 1 for a scalar */
    size_t size;    /* values in it, aliases counted each time */
    bool is_shared; /* an alias stands for it elsewhere, so a change here changes that too */
};

enum {
    TREE_HEIGHT_LIMIT = 1000
};

/* The value of a member; NULL when it is not there, or `map` is NULL or no map. */
struct tree *tree_find(const struct tree *map, const char *key);
struct tree_item *tree_find_item(const struct tree *map, struct text key);

/* The text of a string member; absent when it is not there or no string. */
struct text tree_find_text(const struct tree *map, const char *key);

/*
 * Step along a JSON pointer (RFC 6901). Returns the item that the last step leads to, NULL when there is
 * none. `ret_parent` is the collection that holds it, or would hold it: NULL where an earlier step leads
 * nowhere. `ret_key` is the last step without its escapes, in the arena.
 */
struct tree_item *tree_resolve(struct tree *root, struct text pointer, struct arena *arena,
                               struct tree **ret_parent, struct text *ret_key);

/* Add an escaped step to a pointer: "/spec" and "a/b" make "/spec/a~1b". */
struct text tree_pointer(struct arena *arena, struct text pointer, struct text key);

/* The tree as JSON text without white space. */
void tree_format_json(const struct tree *tree, struct buffer *buffer);

/* Read JSON into a tree, with marks. ERROR_INPUT by the JSON reader's rules, and for a key that comes twice.
 */
MUST_CHECK bool tree_parse_json(struct text bytes, struct arena *arena, struct tree **ret_tree,
                                struct error *err);

/* Whether two trees are the same JSON; members may come in any order, numbers compare as written. */
bool tree_is(const struct tree *left, const struct tree *right);

/*
 * RFC 6902 `add` of JSON text at a pointer, in place. What is added to lies in no shared part.
 * ERROR_SYSTEM when the path leads nowhere.
 */
MUST_CHECK bool tree_add(struct tree *root, struct text pointer, struct text json, struct arena *arena,
                         struct error *err);

#endif
