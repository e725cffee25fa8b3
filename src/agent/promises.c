/* SPDX-License-Identifier: Apache-2.0 */
#include "promises.h"

#include "core/node_status.h"
#include "core/plugin_checkpoint.h"
#include "core/pod_promise.h"
#include "io/file.h"

enum {
    DEADLINE_SECONDS = 10, /* of one request */
    NODE_BYTES_MAX = 4 * 1024 * 1024,
    PAGE_BYTES_MAX = 16 * 1024 * 1024,
    CHECKPOINT_BYTES_MAX = 16 * 1024 * 1024,
    PAGES_MAX = 50,
    NAME_BYTES_MAX = 253,
};

static const char default_checkpoint[] = "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint";

/* Servers that know no metadata alone answer with whole pods. */
static const char metadata_alone[] =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/* Why there is no number. */
static struct reading miss(struct expectation *expectation, const struct error *err)
{
    struct text why = arena_copy(&expectation->arena, text_of(err->text));

    expectation->failed = expectation->failed || why.at == NULL || err->kind == ERROR_MEMORY;
    return reading_missed(why);
}

/* What the API server takes for the name of a Node: a DNS subdomain. */
static bool check_name(const char *name, struct error *err)
{
    static const char accepted[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    size_t length = name != NULL ? strlen(name) : 0;

    if (length == 0)
        return error_set(err, ERROR_INPUT, "nobody says which Node this is: set --node-name or $NODE_NAME");
    if (length > NAME_BYTES_MAX || strspn(name, accepted) != length) {
        return error_set(err, ERROR_INPUT,
                         "'%.60s' is no name of a Node: it has small letters, digits, '-' and '.' only",
                         name);
    }
    return true;
}

static bool get(struct kube_client *client, struct kube_request *request, struct buffer *path,
                struct kube_response *ret_response, struct error *err)
{
    buffer_add_char(path, '\0');
    if (path->failed)
        return error_memory(err);
    request->path = path->at;
    request->deadline_seconds = DEADLINE_SECONDS;
    return kube_call(client, request, ret_response, err);
}

static bool read_node(struct kube_client *client, const char *name, struct expectation *expectation,
                      struct error *err)
{
    AUTO(kube_response_release) struct kube_response response = {0};
    AUTO(buffer_release) struct buffer path = {0};
    struct kube_request request = {.method = KUBE_GET, .limit_bytes = NODE_BYTES_MAX};

    if (!check_name(name, err))
        return false;
    buffer_add_string(&path, "/api/v1/nodes/");
    buffer_add_url(&path, text_of(name));
    buffer_add_string(&path, "?resourceVersion=0");
    return get(client, &request, &path, &response, err) &&
           node_status_parse(buffer_text(&response.body), expectation, err);
}

/* The watch cache gives all pods at once, whatever the limit; a server without one gives pages. */
static void write_query(struct buffer *path, const char *node_name, struct text next)
{
    buffer_add_string(path, "/api/v1/pods?fieldSelector=spec.nodeName%3D");
    buffer_add_url(path, text_of(node_name));
    buffer_add_string(path, "%2Cstatus.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed&limit=500");
    if (next.length > 0) {
        buffer_add_string(path, "&continue=");
        buffer_add_url(path, next);
    } else {
        buffer_add_string(path, "&resourceVersion=0");
    }
}

static bool read_page(struct kube_client *client, const struct promises_options *options,
                      struct expectation *expectation, struct text *next, struct error *err)
{
    AUTO(kube_response_release) struct kube_response response = {0};
    AUTO(buffer_release) struct buffer path = {0};
    struct kube_request request = {
        .method = KUBE_GET, .accept = metadata_alone, .limit_bytes = PAGE_BYTES_MAX};

    write_query(&path, options->node_name, *next);
    return get(client, &request, &path, &response, err) &&
           pod_promises_parse(buffer_text(&response.body), text_of(options->prefix), expectation, next, err);
}

static bool read_pods(struct kube_client *client, const struct promises_options *options,
                      struct expectation *expectation, struct error *err)
{
    struct text next = {0};
    int page = 0;

    if (!check_name(options->node_name, err))
        return false;
    do {
        if (++page > PAGES_MAX)
            return error_set(err, ERROR_REMOTE, "the list of pods has more than %d pages", PAGES_MAX);
        if (!read_page(client, options, expectation, &next, err))
            return false;
    } while (next.length > 0);
    return true;
}

static bool read_checkpoint(const char *path, struct expectation *expectation, struct error *err)
{
    AUTO(buffer_release) struct buffer bytes = {0};

    return file_load(path, CHECKPOINT_BYTES_MAX, &bytes, err) &&
           plugin_checkpoint_parse(buffer_text(&bytes), expectation, err);
}

void promises_read(const struct promises_options *options, struct kube_client *client,
                   struct expectation *expectation)
{
    const char *checkpoint = options->checkpoint != NULL ? options->checkpoint : default_checkpoint;
    struct error err = {0};

    if (client != NULL && !read_node(client, options->node_name, expectation, &err))
        expectation->node = miss(expectation, &err);
    if (client != NULL && !read_pods(client, options, expectation, &err)) {
        /* some of them would look like all */
        expectation->promises = NULL;
        expectation->promise_count = 0;
        expectation->pods = miss(expectation, &err);
    }
    if (checkpoint[0] != '\0' && !read_checkpoint(checkpoint, expectation, &err))
        expectation->checkpoint = miss(expectation, &err);
}
