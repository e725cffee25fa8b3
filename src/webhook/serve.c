/* SPDX-License-Identifier: Apache-2.0 */
#include "serve.h"

#include "core/version.h"
#include "drain.h"
#include "io/clock.h"
#include "io/exits.h"
#include "io/listener.h"
#include "io/log.h"
#include "keeper.h"
#include "probes.h"
#include "routes.h"

#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    BODY_LIMIT_BYTES = 7 * 1024 * 1024, /* two objects of 3 MiB and what is around them */
    IN_FLIGHT_LIMIT = 512,
    CONNECTION_LIMIT = 4096, /* far above the former, so that a 429 can be given at all */
    DESCRIPTORS_WANTED = CONNECTION_LIMIT + PLAIN_PORT_CONNECTIONS + 64,
    IDLE_SECONDS = 10,
    PROVEN_IDLE_SECONDS = 120, /* the API server keeps idle connections for 90 */
    THREADS_MIN = 2,
    THREADS_MAX = 8,
};

/* All that a serving process holds. */
struct server {
    struct service service;
    struct keeper keeper;
    struct listener https_listener;
    struct http_server *https;
    struct plain_port plain;
    unsigned threads;
    size_t type_count; /* at the start */
};

static void server_release(struct server *server)
{
    keeper_stop(&server->keeper);
    plain_port_stop(&server->plain); /* first: its metrics ask the other how much is in flight */
    http_server_stop(server->https);
    if (server->https == NULL && server->https_listener.descriptor > 0)
        (void)close(server->https_listener.descriptor);
    keeper_release(&server->keeper);
    current_release(&server->service.current);
    health_release(&server->service.health);
}

static unsigned threads_of_machine(void)
{
    cpu_set_t processors;
    int count = sched_getaffinity(0, sizeof(processors), &processors) == 0 ? CPU_COUNT(&processors) : 0;

    return count < THREADS_MIN ? THREADS_MIN : count > THREADS_MAX ? THREADS_MAX : (unsigned)count;
}

/* Take as many descriptors as the connections may need, where we may. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS_WANTED)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static bool start_https(struct server *server, const struct options *options, const struct identity *identity,
                        struct error *err)
{
    struct http_server_options https = {
        .certificate_pem = identity->certificate_pem.at,
        .key_pem = identity->key_pem.at,
        .allows_tls_1_2 = strcmp(options->tls_min, "1.2") == 0,
        .threads = server->threads,
        .body_limit_bytes = BODY_LIMIT_BYTES,
        .in_flight_limit = IN_FLIGHT_LIMIT,
        .connection_limit = CONNECTION_LIMIT,
        .idle_seconds = IDLE_SECONDS,
        .proven_idle_seconds = PROVEN_IDLE_SECONDS,
        .handlers = routes_handlers(&server->service),
    };

    if (!listener_open(options->listen, &server->https_listener, err))
        return error_wrap(err, "--listen");
    https.listener = server->https_listener.descriptor;
    server->https_listener.descriptor = 0;
    if (!http_server_start(&https, &server->https, err))
        return error_wrap(err, "--listen %.80s", options->listen);
    server->service.https = server->https;
    return true;
}

static bool start_plain(struct server *server, const struct options *options, struct error *err)
{
    const struct plain_port_options plain = probes_options(&server->service, options->plain_listen);

    return plain_port_start(&plain, &server->plain, err);
}

static void log_started(const struct server *server, uint64_t began_nanoseconds)
{
    uint64_t took = clock_nanoseconds() - began_nanoseconds;
    struct log_line line;

    log_begin(&line, LOG_LEVEL_INFO, "started");
    log_string(&line, "version", version);
    log_string(&line, "https", server->https_listener.address);
    log_number(&line, "httpsPort", server->https_listener.port);
    log_string(&line, "plain", server->plain.listener.address);
    log_number(&line, "plainPort", server->plain.listener.port);
    log_string(&line, "path", server->service.path);
    log_number(&line, "types", server->type_count);
    log_number(&line, "threads", server->threads);
    log_number(&line, "millis", took / 1000000);
    log_end(&line);
}

static void log_signal(const char *name)
{
    struct log_line line;

    log_begin(&line, LOG_LEVEL_INFO, "stopping");
    log_string(&line, "signal", name);
    log_end(&line);
}

static void log_stopped(void)
{
    struct log_line line;

    log_begin(&line, LOG_LEVEL_INFO, "stopped");
    log_end(&line);
}

static bool server_start(struct server *server, const struct options *options, struct error *err)
{
    AUTO(identity_release) struct identity identity = {0};

    server->service.path = options->path;
    server->threads = options->threads > 0 ? options->threads : threads_of_machine();
    raise_descriptor_limit();
    return keeper_load_identity(&server->keeper, &identity, err) &&
           start_https(server, options, &identity, err) && start_plain(server, options, err) &&
           keeper_start(&server->keeper, server->https, err);
}

int serve(const struct options *options, uint64_t began_nanoseconds)
{
    AUTO(server_release) struct server server = {.threads = 0};
    struct error err = {0};
    int status;

    log_set_level(options->log_level);
    drain_block_signals();
    health_init(&server.service.health);
    status = keeper_load(&server.keeper, options, &server.service);
    if (status != 0)
        return status;
    server.type_count = server.keeper.loaded->config.catalogue.count;
    if (!server_start(&server, options, &err))
        return exit_with(webhook_name, &err);
    log_started(&server, began_nanoseconds);
    log_signal(drain_wait());
    keeper_ask_to_stop(&server.keeper);
    drain(&server.service, server.https, options->drain_delay_seconds);
    keeper_stop(&server.keeper);
    log_stopped();
    return 0;
}
