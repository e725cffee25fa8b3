/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Kubernetes client that does what it is told, line by line.
 *
 *     kube_driver [--kubeconfig FILE] [--context NAME] [--pod-folder FOLDER] [--proxy]
 *
 * Standard input: one request a line, {"path": "/api", "method": "GET", "stream": true, ...}. Standard
 * output: one object a line, first what became of opening, then of each request.
 */
#include "core/error.h"
#include "io/clock.h"
#include "io/kube_client.h"
#include "io/kube_client_new.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include <jansson.h>

struct options {
    struct kube_client_options client;
    const char *pod_folder;
};

/* What a stream did. */
struct seen {
    json_int_t ticks;
    json_int_t ticks_max; /* the tick that ends it; 0: none does */
    json_int_t take_max;  /* bytes after which `take` fails; 0: never */
    size_t bytes;
    int64_t ticked_ms;
    int64_t longest_ms; /* between two ticks */
    struct buffer begin;
};

enum {
    SHOWN_BYTES_MAX = 64 * 1024
};

static const char *const kinds[] = {
    [ERROR_NONE] = "none",     [ERROR_INPUT] = "input",   [ERROR_REMOTE] = "remote",
    [ERROR_SYSTEM] = "system", [ERROR_MEMORY] = "memory",
};

static bool take(void *context, struct text bytes, struct error *err)
{
    struct seen *seen = context;

    seen->bytes += bytes.length;
    if (seen->begin.length < SHOWN_BYTES_MAX)
        buffer_add(&seen->begin, bytes);
    if (seen->take_max != 0 && seen->bytes >= (size_t)seen->take_max)
        return error_set(err, ERROR_REMOTE, "the taker has had enough");
    return true;
}

static bool tick(void *context)
{
    struct seen *seen = context;
    int64_t now = clock_ms();

    if (seen->ticked_ms != 0 && now - seen->ticked_ms > seen->longest_ms)
        seen->longest_ms = now - seen->ticked_ms;
    seen->ticked_ms = now;
    seen->ticks++;
    return seen->ticks_max == 0 || seen->ticks < seen->ticks_max;
}

static void print_line(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    printf("%s\n", text != NULL ? text : "{}");
    (void)fflush(stdout);
    free(text);
}

static enum kube_method method_of(const char *name)
{
    static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

    for (size_t i = 0; name != NULL && i < COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0)
            return (enum kube_method)i;
    }
    return KUBE_GET;
}

static unsigned unsigned_of(const json_t *line, const char *key)
{
    return (unsigned)json_integer_value(json_object_get(line, key));
}

static struct kube_request request_of(const json_t *line)
{
    return (struct kube_request){
        .method = method_of(json_string_value(json_object_get(line, "method"))),
        .path = json_string_value(json_object_get(line, "path")),
        .content_type = json_string_value(json_object_get(line, "contentType")),
        .accept = json_string_value(json_object_get(line, "accept")),
        .body = text_of(json_string_value(json_object_get(line, "body"))),
        .deadline_seconds = unsigned_of(line, "deadline"),
        .idle_seconds = unsigned_of(line, "idle"),
        .limit_bytes = unsigned_of(line, "limit"),
    };
}

static json_t *shown(struct text bytes)
{
    json_t *text = json_stringn(bytes.at != NULL ? bytes.at : "", bytes.length);

    return text != NULL ? text : json_null(); /* no UTF-8 */
}

static void run_line(struct kube_client *client, const json_t *line)
{
    AUTO(kube_response_release) struct kube_response response = {0};
    struct kube_request request = request_of(line);
    struct seen seen = {
        .ticks_max = json_integer_value(json_object_get(line, "ticks")),
        .take_max = json_integer_value(json_object_get(line, "take")),
    };
    struct kube_stream stream = {.take = take, .tick = tick, .context = &seen};
    struct error err = {0};
    bool is_stream = json_is_true(json_object_get(line, "stream"));
    bool is_ok = is_stream ? kube_call_stream(client, &request, &stream, &response, &err)
                           : kube_call(client, &request, &response, &err);
    struct text body = is_stream ? buffer_text(&seen.begin) : buffer_text(&response.body);
    struct rusage usage = {0};

    (void)getrusage(RUSAGE_SELF, &usage);
    print_line(json_pack(
        "{s:b, s:i, s:i, s:I, s:o, s:s, s:s, s:I, s:I, s:I}", "ok", (int)is_ok, "status",
        (int)response.status, "retryAfter", (int)response.retry_after_seconds, "bytes",
        (json_int_t)(is_stream ? seen.bytes : body.length), "body",
        shown((struct text){body.at, body.length < SHOWN_BYTES_MAX ? body.length : SHOWN_BYTES_MAX}), "kind",
        is_ok ? "none" : kinds[err.kind], "error", is_ok ? "" : err.text, "ticks", seen.ticks, "longestMs",
        (json_int_t)seen.longest_ms, "peakKib", (json_int_t)usage.ru_maxrss));
    buffer_release(&seen.begin);
}

static bool open_client(const struct options *options, struct kube_client **ret_client, struct error *err)
{
    struct kube_config config = {0};

    if (options->pod_folder == NULL)
        return kube_client_open(&options->client, ret_client, err);
    return kube_config_load_pod(options->pod_folder, &config, err) &&
           kube_client_new(&config, &options->client, ret_client, err);
}

static struct options parse(int count, char **arguments)
{
    struct options options = {.client.user_agent = "kube-driver"};

    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? arguments[i + 1] : "";

        if (strcmp(arguments[i], "--kubeconfig") == 0)
            options.client.kubeconfig = value;
        if (strcmp(arguments[i], "--context") == 0)
            options.client.context = value;
        if (strcmp(arguments[i], "--pod-folder") == 0)
            options.pod_folder = value;
        if (strcmp(arguments[i], "--proxy") == 0)
            options.client.uses_proxy = true;
    }
    return options;
}

int main(int count, char **arguments)
{
    AUTO(kube_client_close) struct kube_client *client = NULL;
    struct options options = parse(count, arguments);
    struct error err = {0};
    char *line = NULL;
    size_t size = 0;

    if (!open_client(&options, &client, &err)) {
        print_line(json_pack("{s:b, s:s, s:s}", "ok", 0, "kind", kinds[err.kind], "error", err.text));
        return 0;
    }
    print_line(json_pack("{s:b, s:s, s:s?}", "ok", 1, "server", kube_client_server(client), "namespace",
                         kube_client_namespace(client)));
    while (getline(&line, &size, stdin) > 0) {
        json_t *request = json_loads(line, 0, NULL);

        run_line(client, request);
        json_decref(request);
    }
    free(line);
    return 0;
}
