/* SPDX-License-Identifier: Apache-2.0 */
#include "kube_config_file.h"

#include "core/base64.h"
#include "io/yaml_document.h"
#include "kube_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct kubeconfig {
    struct kube_file file;
    struct documents documents;
    char *path;
};

enum {
    FILES_MAX = 64,
    FIELD_MAX = 64 /* a key with "-data" behind it */
};

void kubeconfigs_release(struct kubeconfigs *files)
{
    for (size_t i = 0; i < files->count; i++) {
        arena_wipe(&files->items[i].documents.arena);
        kube_file_release(&files->items[i].file);
        free(files->items[i].path);
    }
    free(files->items);
    *files = (struct kubeconfigs){0};
}

static const struct tree *root_of(const struct kubeconfig *file)
{
    return file->documents.count > 0 ? file->documents.items[0].root : NULL;
}

static bool parse_file(struct kubeconfig *file, struct error *err)
{
    struct text bytes = buffer_text(&file->file.bytes);
    struct documents *documents = &file->documents;
    size_t line = 1;
    enum tree_kind kind;

    if (!documents_parse(bytes, documents, &line, err))
        return error_wrap(err, "%.120s:%zu", file->path, line);
    if (documents->count > 1)
        return error_set(err, ERROR_INPUT, "%.120s holds more than one YAML document; a kubeconfig is one",
                         file->path);
    kind = documents->count > 0 ? documents->items[0].root->kind : TREE_NULL;
    return kind == TREE_MAP || kind == TREE_NULL ||
           error_set(err, ERROR_INPUT,
                     "%.120s is no kubeconfig: it must be a mapping with clusters, users and contexts",
                     file->path);
}

static bool load_file(struct kubeconfigs *files, struct text path, bool may_lack, struct error *err)
{
    struct kubeconfig *file = &files->items[files->count];
    struct kube_file wanted = {0};
    bool is_new;

    *file = (struct kubeconfig){.path = strndup(path.at, path.length)};
    if (file->path == NULL)
        return error_memory(err);
    files->count++; /* to be released from here on */
    if (may_lack && access(file->path, F_OK) != 0 && errno == ENOENT)
        return true;
    wanted.path = file->path;
    return kube_file_look(&wanted, false, &file->file, &is_new, err) && parse_file(file, err);
}

bool kubeconfigs_load(const char *paths, bool is_list, struct kubeconfigs *ret_files, struct error *err)
{
    AUTO(kubeconfigs_release) struct kubeconfigs files = {.items = calloc(FILES_MAX, sizeof(*files.items))};
    struct text rest = text_of(paths);
    struct text path = rest;
    bool is_any = false;

    if (files.items == NULL)
        return error_memory(err);
    while (is_list ? text_split(&rest, ':', &path) : files.count == 0) {
        if (path.length == 0)
            continue;
        if (files.count == FILES_MAX)
            return error_set(err, ERROR_INPUT, "$KUBECONFIG names more than %d files", FILES_MAX);
        if (!load_file(&files, path, is_list, err))
            return false;
        is_any = is_any || files.items[files.count - 1].file.bytes.at != NULL;
    }
    if (!is_any)
        return error_set(err, ERROR_INPUT, "none of the files that $KUBECONFIG names is there: %.150s",
                         paths);
    *ret_files = files;
    files = (struct kubeconfigs){0};
    return true;
}

bool place_refuse(const struct place *place, const struct tree *tree, const char *key, struct error *err,
                  const char *sentence)
{
    const struct tree *at = tree != NULL ? tree : place->map;
    const char *part = place->part != NULL ? place->part : "";

    (void)error_set(err, ERROR_INPUT, "%s%s%s %s", part, part[0] != '\0' ? "." : "", key, sentence);
    if (place->list != NULL)
        (void)error_wrap(err, "%s '%.*s'", place->list, TEXT_ARGS_MAX(place->name, 60));
    return error_wrap(err, "%.100s:%zu", place->file, at != NULL ? at->line : 1);
}

/* The member of that name unless it is null. */
static const struct tree *find(const struct place *place, const char *key)
{
    const struct tree *tree = tree_find(place->map, key);

    return tree != NULL && tree->kind != TREE_NULL ? tree : NULL;
}

bool place_tree(const struct place *place, const char *key, enum tree_kind kind, const struct tree **ret_tree,
                struct error *err)
{
    const struct tree *tree = find(place, key);

    if (tree != NULL && tree->kind != kind)
        return place_refuse(place, tree, key, err,
                            kind == TREE_LIST ? "must be a list" : "must be a mapping");
    *ret_tree = tree;
    return true;
}

/* The string as the file has it. */
static bool find_text(const struct place *place, const char *key, struct text *ret_text, struct error *err)
{
    const struct tree *tree = find(place, key);

    *ret_text = (struct text){0};
    if (tree == NULL)
        return true;
    if (tree->kind != TREE_STRING)
        return place_refuse(place, tree, key, err, "must be a string; write it in quotes");
    if (tree->text.length > 0 && memchr(tree->text.at, '\0', tree->text.length) != NULL)
        return place_refuse(place, tree, key, err, "must not hold a NUL character");
    if (tree->text.length > 0)
        *ret_text = tree->text;
    return true;
}

bool place_text(const struct place *place, const char *key, const char **ret_text, struct error *err)
{
    struct text text;

    if (!find_text(place, key, &text, err))
        return false;
    *ret_text = text.at != NULL ? arena_copy(place->arena, text).at : NULL;
    return text.at == NULL || *ret_text != NULL || error_memory(err);
}

bool place_bool(const struct place *place, const char *key, bool *ret_value, struct error *err)
{
    const struct tree *tree = find(place, key);

    if (tree != NULL && tree->kind != TREE_BOOL)
        return place_refuse(place, tree, key, err, "must be true or false");
    *ret_value = tree != NULL && text_is_string(tree->text, "true");
    return true;
}

bool place_path(const struct place *place, const char *key, const char **ret_path, struct error *err)
{
    const char *slash = strrchr(place->file, '/');
    struct text folder = {.at = place->file, .length = slash != NULL ? (size_t)(slash - place->file) : 0};

    if (!place_text(place, key, ret_path, err))
        return false;
    if (*ret_path == NULL || (*ret_path)[0] == '/' || slash == NULL)
        return true;
    *ret_path = kube_config_join(place->arena, folder, *ret_path);
    return *ret_path != NULL || error_memory(err);
}

bool place_source(const struct place *place, const char *key, struct kube_source *ret_source,
                  struct error *err)
{
    char data_key[FIELD_MAX];
    struct text data;
    struct error why = {0};

    (void)snprintf(data_key, sizeof(data_key), "%s-data", key);
    *ret_source = (struct kube_source){0};
    if (!find_text(place, data_key, &data, err))
        return false;
    ret_source->name = arena_format(place->arena, "%.100s: %s '%.*s': %s", place->file, place->list,
                                    TEXT_ARGS_MAX(place->name, 60), data.at != NULL ? data_key : key)
                           .at;
    if (ret_source->name == NULL)
        return error_memory(err);
    if (data.at == NULL)
        return place_path(place, key, &ret_source->path, err);
    if (base64_parse(data, place->arena, &ret_source->data, &why))
        return true;
    return why.kind == ERROR_MEMORY ? error_memory(err)
                                    : place_refuse(place, find(place, data_key), data_key, err, why.text);
}

static struct place top_of(const struct kubeconfig *file, struct arena *arena)
{
    return (struct place){.file = file->path, .arena = arena, .map = root_of(file)};
}

bool kubeconfigs_text(const struct kubeconfigs *files, const char *key, struct arena *arena,
                      struct text *ret_text, struct error *err)
{
    *ret_text = (struct text){0};
    for (size_t i = 0; i < files->count && ret_text->at == NULL; i++) {
        struct place top = top_of(&files->items[i], arena);
        const char *text;

        if (!place_text(&top, key, &text, err))
            return false;
        *ret_text = text_of(text);
    }
    return true;
}

/* The entry of that name in one list; NULL when it is not there. A name that comes twice is refused. */
static bool find_entry(const struct place *top, const char *list, struct text name,
                       const struct tree **ret_entry, struct error *err)
{
    const struct tree *entries = NULL;

    *ret_entry = NULL;
    if (!place_tree(top, list, TREE_LIST, &entries, err))
        return false;
    for (size_t i = 0; entries != NULL && i < entries->count; i++) {
        const struct tree *entry = entries->items[i].value;

        if (!text_is(tree_find_text(entry, "name"), name))
            continue;
        if (*ret_entry != NULL)
            return place_refuse(top, entry, list, err, "holds two entries of the same name; remove one");
        *ret_entry = entry;
    }
    return true;
}

bool kubeconfigs_find(const struct kubeconfigs *files, const char *key, struct place *place,
                      struct error *err)
{
    for (size_t i = 0; i < files->count; i++) {
        struct place top = top_of(&files->items[i], place->arena);
        const struct tree *entry;

        if (!find_entry(&top, place->list, place->name, &entry, err))
            return false;
        if (entry != NULL) {
            place->file = top.file;
            place->map = entry;
            return place_tree(place, key, TREE_MAP, &place->map, err);
        }
    }
    return error_set(err, ERROR_INPUT, "%.100s: %s has no entry named '%.*s'", files->items[0].path,
                     place->list, TEXT_ARGS_MAX(place->name, 60));
}
