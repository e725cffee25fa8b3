/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubeconfigs in memory, and fields of their named entries.
 *
 *     kube_file_set_load() reads; kube_files_find() finds an entry; place_*() read its fields.
 *
 * Of several files the first that has an entry of a name is the one that counts, as kubectl has it. Keys that
 * nobody asks for are passed over. All errors are ERROR_INPUT with file, line, entry and field.
 */
#ifndef IO_KUBE_CONFIG_FILE_H
#define IO_KUBE_CONFIG_FILE_H

#include "core/tree.h"
#include "kube_config.h"

struct kubeconfig;

/* The files of one load, first one first. */
struct kubeconfigs {
    struct kubeconfig *items;
    size_t count;
};

/* A map in a file, with what a message or a relative path needs to know about it. */
struct place {
    const char *file;
    struct arena *arena;    /* where what is read goes */
    const char *list;       /* "users"; NULL at the top of the file */
    struct text name;       /* of the entry */
    const char *part;       /* "exec" for what is deeper in the entry; NULL: not */
    const struct tree *map; /* NULL: nothing is there */
};

MUST_CHECK bool kubeconfigs_load(const char *paths, bool is_list, struct kubeconfigs *ret_files,
                                 struct error *err);

void kubeconfigs_release(struct kubeconfigs *files);

/* Find the entry of `place->name` in `place->list` ("users"), and in it the map of `key` ("user").
   ERROR_INPUT when no file has it. */
MUST_CHECK bool kubeconfigs_find(const struct kubeconfigs *files, const char *key, struct place *place,
                                 struct error *err);

/* A string at the top of the first file that has it; absent when none has. */
MUST_CHECK bool kubeconfigs_text(const struct kubeconfigs *files, const char *key, struct arena *arena,
                                 struct text *ret_text, struct error *err);

/* Fields. What is not there, null or an empty string leaves NULL, absent or false. */
MUST_CHECK bool place_text(const struct place *place, const char *key, const char **ret_text,
                           struct error *err);
MUST_CHECK bool place_bool(const struct place *place, const char *key, bool *ret_value, struct error *err);

/* A path, made relative to the file's folder. */
MUST_CHECK bool place_path(const struct place *place, const char *key, const char **ret_path,
                           struct error *err);

/* Base64 at "<key>-data", else a path at `key`. */
MUST_CHECK bool place_source(const struct place *place, const char *key, struct kube_source *ret_source,
                             struct error *err);

/* A map or list at `key`; `ret_tree` is NULL when nothing is there. */
MUST_CHECK bool place_tree(const struct place *place, const char *key, enum tree_kind kind,
                           const struct tree **ret_tree, struct error *err);

/* ERROR_INPUT "file:line: users 'a': exec: key sentence"; `tree` says the line and may be NULL. */
bool place_refuse(const struct place *place, const struct tree *tree, const char *key, struct error *err,
                  const char *sentence);

#endif
