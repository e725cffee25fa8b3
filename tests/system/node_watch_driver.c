/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node watch that tells what it sees, one JSON object a line, until its standard input ends.
 *
 *     node_watch_driver KUBECONFIG
 */
#include "io/config.h"
#include "webhook/node_watch.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static struct config config;

static void print_line(struct buffer *line)
{
    if (line->failed)
        abort();
    printf("%.*s\n", (int)line->length, line->at);
    (void)fflush(stdout);
}

static void add_count(struct buffer *line, const char *name, uint64_t count)
{
    buffer_add_string(line, name);
    buffer_add_unsigned(line, count);
}

/* False when there is nobody left to tell. */
static bool tick(void *context)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char byte;

    (void)context;
    return poll(&input, 1, 0) <= 0 || read(STDIN_FILENO, &byte, 1) > 0;
}

static void add_class(struct buffer *line, const struct node_class *class)
{
    buffer_add_string(line, "{\"type\":");
    buffer_add_json(line, config.catalogue.types[class->type].name);
    add_count(line, ",\"nodes\":", class->node_count);
    add_count(line, ",\"ready\":", class->ready_count);
    add_count(line, ",\"efa\":", class->efa);
    buffer_add_char(line, '}');
}

static void publish(void *context, const struct nodes *nodes)
{
    AUTO(buffer_release) struct buffer line = {0};
    const char *comma = "";

    (void)context;
    add_count(&line, "{\"event\":\"publish\",\"nodes\":", nodes->node_count);
    buffer_add_string(&line, ",\"classes\":[");
    for (size_t i = 0; i < nodes->class_count; i++) {
        if (nodes->classes[i].node_count == 0)
            continue;
        buffer_add_string(&line, comma);
        add_class(&line, &nodes->classes[i]);
        comma = ",";
    }
    buffer_add_string(&line, "]}");
    print_line(&line);
}

static void fail(void *context, const struct error *err, unsigned again_seconds)
{
    AUTO(buffer_release) struct buffer line = {0};

    (void)context;
    buffer_add_string(&line, "{\"event\":\"fail\",\"error\":");
    buffer_add_json(&line, text_of(err->text));
    add_count(&line, ",\"again\":", again_seconds);
    add_count(&line, ",\"kind\":", err->kind);
    buffer_add_char(&line, '}');
    print_line(&line);
}

static void print_counts(const char *event, size_t node_count, size_t class_count)
{
    AUTO(buffer_release) struct buffer line = {0};

    buffer_add_string(&line, "{\"event\":");
    buffer_add_json(&line, text_of(event));
    add_count(&line, ",\"nodes\":", node_count);
    add_count(&line, ",\"classes\":", class_count);
    buffer_add_char(&line, '}');
    print_line(&line);
}

static void listed(void *context, size_t node_count, size_t class_count)
{
    (void)context;
    print_counts("listed", node_count, class_count);
}

static void freshen(void *context, size_t node_count, size_t class_count)
{
    (void)context;
    print_counts("freshen", node_count, class_count);
}

static void print_end(const struct node_view *view)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    printf("{\"event\":\"end\",\"view\":%s,\"peakKib\":%ld}\n", view != NULL ? "true" : "false",
           usage.ru_maxrss);
}

int main(int count, char **arguments)
{
    AUTO(problems_release) struct problems problems = {0};
    AUTO(kube_client_close) struct kube_client *client = NULL;
    struct kube_client_options options = {.user_agent = "node-watch-driver"};
    struct node_watch watch = {.catalogue = &config.catalogue,
                               .policy = &config.policy,
                               .tick = tick,
                               .publish = publish,
                               .fail = fail,
                               .listed = listed,
                               .freshen = freshen};
    struct node_view *view;
    struct error err = {0};

    options.kubeconfig = count == 2 ? arguments[1] : NULL;
    if (!config_load(NULL, NULL, &config, &problems))
        return EXIT_FAILURE;
    if (!kube_client_open(&options, &client, &err)) {
        (void)fprintf(stderr, "node_watch_driver: %s\n", err.text);
        return EXIT_FAILURE;
    }
    watch.client = client;
    view = node_watch_run(&watch);
    print_end(view);
    node_view_free(view);
    config_release(&config);
    return EXIT_SUCCESS;
}
