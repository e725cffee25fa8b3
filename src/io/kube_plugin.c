/* SPDX-License-Identifier: Apache-2.0 */
#include "kube_plugin.h"

#include "core/tree.h"
#include "http_client.h"
#include "io/certificate.h"
#include "io/clock.h"
#include "kube_secret.h"
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include <jansson.h>

enum {
    PLUGIN_SECONDS = 60,
    SAID_BYTES_MAX = 100, /* of standard error, in a sentence */
    OUTPUT_BYTES_MAX = 1024 * 1024,
};

void kube_issue_release(struct kube_issue *issue)
{
    arena_wipe(&issue->arena);
    *issue = (struct kube_issue){0};
}

static void release_json(json_t **json)
{
    json_decref(*json);
}

/* An empty text is one that is not there. */
static json_t *json_of(const char *text)
{
    return text != NULL && text[0] != '\0' ? json_string(text) : NULL;
}

static json_t *make_cluster(const struct kube_config *config, struct text authority)
{
    AUTO(buffer_release) struct buffer coded = {0};
    const char *more = config->plugin->cluster_config;

    if (authority.length > 0)
        buffer_add_base64(&coded, authority);
    if (coded.failed)
        return NULL;
    return json_pack("{s:o, s:o*, s:b, s:o*, s:o*, s:o*}", "server",
                     json_sprintf("%s%s", config->server, config->base_path), "tls-server-name",
                     json_of(config->server_name), "insecure-skip-tls-verify",
                     (int)config->skips_verification, "certificate-authority-data",
                     coded.at != NULL ? json_stringn(coded.at, coded.length) : NULL, "proxy-url",
                     json_of(config->proxy), "config",
                     more != NULL ? json_loads(more, JSON_DECODE_ANY, NULL) : NULL);
}

bool kube_plugin_format_info(const struct kube_config *config, struct text authority, struct buffer *buffer,
                             struct error *err)
{
    const struct kube_plugin *plugin = config->plugin;
    json_t *cluster = plugin->wants_cluster ? make_cluster(config, authority) : NULL;
    bool is_short = plugin->wants_cluster && cluster == NULL;
    AUTO(release_json)
    json_t *info = json_pack("{s:s, s:s, s:{s:o*, s:b}}", "apiVersion", plugin->version, "kind",
                             "ExecCredential", "spec", "cluster", cluster, "interactive", 0);
    char *text = info != NULL && !is_short ? json_dumps(info, JSON_COMPACT) : NULL;

    if (text == NULL)
        return error_memory(err);
    buffer_add_string(buffer, text);
    free(text);
    return !buffer->failed || error_memory(err);
}

/* RFC 3339: "2026-01-02T03:04:05Z", with a fraction or an offset; -1 for none. */
static int64_t parse_time(const char *text)
{
    struct tm parts = {0};
    struct tm offset = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    int64_t seconds;

    if (rest == NULL)
        return -1;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    seconds = timegm(&parts);
    if (strcmp(rest, "Z") == 0 || strcmp(rest, "z") == 0)
        return seconds;
    if (*rest != '+' && *rest != '-')
        return -1;
    if (strptime(rest + 1, "%H:%M", &offset) == NULL || strlen(rest) != sizeof("+00:00") - 1)
        return -1;
    return seconds - (int64_t)(*rest == '+' ? 1 : -1) * (offset.tm_hour * 3600 + offset.tm_min * 60);
}

/* A member of the status, in the arena and ended by a NUL; empty is absent. */
static bool read_text(const struct tree *status, const char *key, struct kube_issue *issue,
                      struct text *ret_text, struct error *err)
{
    const struct tree *tree = tree_find(status, key);

    *ret_text = (struct text){0};
    if (tree == NULL || tree->kind == TREE_NULL)
        return true;
    if (tree->kind != TREE_STRING)
        return error_set(err, ERROR_REMOTE, "prints a status.%s that is no string", key);
    if (tree->text.length == 0)
        return true;
    *ret_text = arena_copy(&issue->arena, tree->text);
    return ret_text->at != NULL || error_memory(err);
}

static bool read_expiry(const struct tree *status, struct kube_issue *issue, struct error *err)
{
    struct text text;

    if (!read_text(status, "expirationTimestamp", issue, &text, err))
        return false;
    if (text.at == NULL)
        return true;
    issue->expires_seconds = parse_time(text.at);
    return issue->expires_seconds > 0 ||
           error_set(err, ERROR_REMOTE, "prints a status.expirationTimestamp that is no time: '%.*s'",
                     TEXT_ARGS_SHORT(text));
}

/* That certificate and key are one, as the TLS library will find them. */
static bool check_pair(const struct kube_issue *issue, struct error *err)
{
    if (issue->certificate.at == NULL && issue->key.at == NULL) {
        return issue->token.at != NULL ||
               error_set(err, ERROR_REMOTE,
                         "prints an ExecCredential without token and certificate in its status");
    }
    if (issue->certificate.at == NULL || issue->key.at == NULL)
        return error_set(err, ERROR_REMOTE,
                         "prints only one of status.clientCertificateData and status.clientKeyData");
    if (certificate_match(issue->certificate, issue->key, err))
        return true;
    if (err->kind == ERROR_INPUT)
        err->kind = ERROR_REMOTE;
    return error_wrap(err, "prints a certificate that cannot be used");
}

static bool check_kind(const struct kube_plugin *plugin, const struct tree *root, struct error *err)
{
    struct text kind = tree_find_text(root, "kind");
    struct text version = tree_find_text(root, "apiVersion");

    if (!text_is_string(kind, "ExecCredential"))
        return error_set(err, ERROR_REMOTE, "prints no ExecCredential");
    if (!text_is_string(version, plugin->version)) {
        return error_set(err, ERROR_REMOTE,
                         "answers in version '%.*s', where the kubeconfig asks for %s; make them the same",
                         TEXT_ARGS_SHORT(version), plugin->version);
    }
    return true;
}

bool kube_plugin_parse(const struct kube_plugin *plugin, struct text bytes, struct kube_issue *ret_issue,
                       struct error *err)
{
    AUTO(kube_issue_release) struct kube_issue issue = {.is_there = true};
    const struct tree *status;
    struct tree *root;
    struct error why = {0};

    if (!tree_parse_json(bytes, &issue.arena, &root, &why))
        return why.kind == ERROR_MEMORY ? error_memory(err)
                                        : error_set(err, ERROR_REMOTE, "prints what is no JSON");
    if (!check_kind(plugin, root, err))
        return false;
    status = tree_find(root, "status");
    if (!read_text(status, "token", &issue, &issue.token, err) ||
        !read_text(status, "clientCertificateData", &issue, &issue.certificate, err) ||
        !read_text(status, "clientKeyData", &issue, &issue.key, err) || !read_expiry(status, &issue, err) ||
        !check_pair(&issue, err))
        return false;
    *ret_issue = issue;
    issue = (struct kube_issue){0};
    return true;
}

/* The plugin's own variables and KUBERNETES_EXEC_INFO; NULL without memory. */
static const char **make_variables(const struct kube_config *config, struct text authority,
                                   struct arena *arena, struct error *err)
{
    AUTO(buffer_release) struct buffer info = {0};
    const char *const *given = config->plugin->variables;
    const char **variables;
    size_t count = 0;

    buffer_add_string(&info, "KUBERNETES_EXEC_INFO=");
    if (!kube_plugin_format_info(config, authority, &info, err))
        return NULL;
    while (given[count] != NULL)
        count++;
    variables = arena_alloc(arena, (count + 2) * sizeof(*variables));
    if (variables != NULL) {
        memcpy(variables, given, count * sizeof(*variables));
        variables[count] = arena_copy(arena, buffer_text(&info)).at;
    }
    if (variables == NULL || variables[count] == NULL) {
        (void)error_memory(err);
        return NULL;
    }
    return variables;
}

/* The last line of what it said, as a part of a sentence, cleared of what looks like a secret. */
static void shorten(char *said, char *room, size_t size)
{
    struct text text = text_trim(text_of(said));
    const char *line = text.length > 0 ? memrchr(text.at, '\n', text.length) : NULL;

    if (line != NULL)
        text = text_after(text, (size_t)(line - text.at) + 1);
    (void)snprintf(room, size, "%.*s", TEXT_ARGS_MAX(text, size - 1));
    secret_hide_words(room);
}

static bool refuse_status(struct process_end *end, struct error *err)
{
    char said[SAID_BYTES_MAX];

    secret_hide_words(end->said);
    shorten(end->said, said, sizeof(said));
    if (WIFSIGNALED(end->status))
        return error_set(err, ERROR_REMOTE, "ended by signal %d: %s", WTERMSIG(end->status), said);
    return error_set(err, ERROR_REMOTE, "failed with status %d: %s", WEXITSTATUS(end->status),
                     said[0] != '\0' ? said : "it said nothing");
}

static bool run(const struct kube_config *config, const char *const *variables,
                const struct kube_until *until, struct kube_issue *ret_issue, struct error *err)
{
    const struct kube_plugin *plugin = config->plugin;
    AUTO(process_end_release) struct process_end end = {0};
    int64_t latest_ms = clock_ms() + (int64_t)PLUGIN_SECONDS * 1000;
    struct process process = {
        .arguments = plugin->arguments,
        .variables = variables,
        .limit_bytes = OUTPUT_BYTES_MAX,
        .until_ms = until->until_ms != 0 && until->until_ms < latest_ms ? until->until_ms : latest_ms,
        .tick = until->tick,
        .context = until->context,
    };

    if (!process_run(&process, &end, err)) {
        *until->ret_is_ticked = end.is_ticked;
        if (err->kind == ERROR_INPUT && plugin->hint != NULL)
            return error_set(err, err->kind, "%.90s is not there or cannot be run: %.120s", plugin->command,
                             plugin->hint);
        return false;
    }
    if (end.status != 0)
        return refuse_status(&end, err);
    return kube_plugin_parse(plugin, buffer_text(&end.output), ret_issue, err) ||
           (err->kind != ERROR_MEMORY && error_wrap(err, "%.60s", plugin->command));
}

bool kube_plugin_run(const struct kube_config *config, struct text authority, const struct kube_until *until,
                     struct kube_issue *ret_issue, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    const char **variables = make_variables(config, authority, &arena, err);

    if (variables == NULL)
        return false;
    return run(config, variables, until, ret_issue, err) || error_wrap(err, "%.80s", config->plugin->name);
}
