/* SPDX-License-Identifier: Apache-2.0 */
#include "kube_config_plugin.h"

/* Kubernetes: the extension of a cluster whose value is handed to the plugin. */
static const char extension_name[] = "client.authentication.k8s.io/exec";

static const char *const versions[] = {
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
};

/* A list of strings behind `first`, ended by NULL. */
static bool read_arguments(const struct place *exec, const char *first, struct kube_plugin *plugin,
                           struct error *err)
{
    const struct tree *list;
    const char **arguments;
    size_t count;

    if (!place_tree(exec, "args", TREE_LIST, &list, err))
        return false;
    count = list != NULL ? list->count : 0;
    arguments = arena_alloc(exec->arena, (count + 2) * sizeof(*arguments));
    if (arguments == NULL)
        return error_memory(err);
    arguments[0] = first;
    for (size_t i = 0; i < count; i++) {
        const struct tree *item = list->items[i].value;

        if (item->kind != TREE_STRING)
            return place_refuse(exec, item, "args", err, "must hold strings; write this one in quotes");
        arguments[i + 1] = arena_copy(exec->arena, item->text).at;
        if (arguments[i + 1] == NULL)
            return error_memory(err);
    }
    plugin->arguments = arguments;
    return true;
}

/* "NAME=value" of one item of env. */
static bool read_variable(const struct place *exec, const struct tree *item, const char **ret_variable,
                          struct error *err)
{
    struct text name = tree_find_text(item, "name");
    struct text value = tree_find_text(item, "value");
    struct text parts[] = {name, TEXT("="), value};

    if (name.at == NULL || name.length == 0 || memchr(name.at, '=', name.length) != NULL)
        return place_refuse(exec, item, "env", err, "must hold pairs of name and value");
    if (value.at == NULL)
        return place_refuse(exec, item, "env", err,
                            "has a name whose value is no string; write it in quotes");
    *ret_variable = arena_join(exec->arena, parts, COUNT_OF(parts)).at;
    return *ret_variable != NULL || error_memory(err);
}

static bool read_variables(const struct place *exec, struct kube_plugin *plugin, struct error *err)
{
    const struct tree *list;
    const char **variables;
    size_t count;

    if (!place_tree(exec, "env", TREE_LIST, &list, err))
        return false;
    count = list != NULL ? list->count : 0;
    variables = arena_alloc(exec->arena, (count + 1) * sizeof(*variables));
    if (variables == NULL)
        return error_memory(err);
    for (size_t i = 0; i < count; i++) {
        if (!read_variable(exec, list->items[i].value, &variables[i], err))
            return false;
    }
    plugin->variables = variables;
    return true;
}

/* A command with a slash is a path, relative to the kubeconfig; one without is searched for. */
static bool read_command(const struct place *exec, struct kube_plugin *plugin, struct error *err)
{
    const char *name;

    if (!place_text(exec, "command", &name, err))
        return false;
    if (name == NULL)
        return place_refuse(exec, NULL, "command", err, "is missing: the program to run");
    plugin->command = name;
    if (strchr(name, '/') != NULL && !place_path(exec, "command", &plugin->command, err))
        return false;
    return read_arguments(exec, plugin->command, plugin, err);
}

static bool read_version(const struct place *exec, struct kube_plugin *plugin, struct error *err)
{
    const struct tree *tree = tree_find(exec->map, "apiVersion");

    if (!place_text(exec, "apiVersion", &plugin->version, err))
        return false;
    for (size_t i = 0; plugin->version != NULL && i < COUNT_OF(versions); i++) {
        if (strcmp(plugin->version, versions[i]) == 0)
            return true;
    }
    return place_refuse(
        exec, tree, "apiVersion", err,
        "must be client.authentication.k8s.io/v1 or v1beta1; a newer `aws eks update-kubeconfig` "
        "writes that");
}

/* Nobody can be asked anything: a webhook has no terminal. */
static bool check_mode(const struct place *exec, struct error *err)
{
    const struct tree *tree = tree_find(exec->map, "interactiveMode");
    const char *mode;

    if (!place_text(exec, "interactiveMode", &mode, err))
        return false;
    if (mode == NULL || strcmp(mode, "Never") == 0 || strcmp(mode, "IfAvailable") == 0)
        return true;
    if (strcmp(mode, "Always") == 0)
        return place_refuse(exec, tree, "interactiveMode", err,
                            "is Always, and there is nobody to ask; use another way to log in");
    return place_refuse(exec, tree, "interactiveMode", err, "must be Never or IfAvailable");
}

bool kube_config_read_plugin(const struct place *user, const struct kube_plugin **ret_plugin,
                             struct error *err)
{
    struct place exec = *user;
    struct kube_plugin *plugin;

    *ret_plugin = NULL;
    if (!place_tree(user, "exec", TREE_MAP, &exec.map, err))
        return false;
    if (exec.map == NULL)
        return true;
    exec.part = "exec";
    plugin = arena_alloc(user->arena, sizeof(*plugin));
    if (plugin == NULL)
        return error_memory(err);
    plugin->name = arena_format(user->arena, "users '%.*s': exec", TEXT_ARGS_MAX(user->name, 60)).at;
    if (plugin->name == NULL)
        return error_memory(err);
    if (!read_version(&exec, plugin, err) || !read_command(&exec, plugin, err) ||
        !read_variables(&exec, plugin, err) || !check_mode(&exec, err) ||
        !place_text(&exec, "installHint", &plugin->hint, err) ||
        !place_bool(&exec, "provideClusterInfo", &plugin->wants_cluster, err))
        return false;
    *ret_plugin = plugin;
    return true;
}

bool kube_config_read_plugin_cluster(const struct place *cluster, const struct kube_plugin *plugin,
                                     const struct kube_plugin **ret_plugin, struct error *err)
{
    struct kube_plugin *informed = arena_alloc(cluster->arena, sizeof(*informed));
    AUTO(buffer_release) struct buffer json = {0};
    const struct tree *extensions;
    const struct tree *found = NULL;

    if (informed == NULL)
        return error_memory(err);
    if (!place_tree(cluster, "extensions", TREE_LIST, &extensions, err))
        return false;
    *informed = *plugin;
    *ret_plugin = informed;
    for (size_t i = 0; extensions != NULL && i < extensions->count; i++) {
        const struct tree *entry = extensions->items[i].value;

        if (text_is_string(tree_find_text(entry, "name"), extension_name))
            found = tree_find(entry, "extension");
    }
    if (found == NULL)
        return true;
    tree_format_json(found, &json);
    informed->cluster_config = json.failed ? NULL : arena_copy(cluster->arena, buffer_text(&json)).at;
    return informed->cluster_config != NULL || error_memory(err);
}
