/* SPDX-License-Identifier: Apache-2.0 */
#include "serve.h"

#include "drain.h"
#include "exits.h"
#include "io/config.h"
#include "io/file.h"
#include "io/listener.h"
#include "io/tls_identity.h"
#include "log.h"
#include "probes.h"
#include "routes.h"
#include "snapshot.h"
#include "version.h"

#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    BODY_LIMIT_BYTES = 7 * 1024 * 1024, /* two objects of 3 MiB and what is around them */
    PLAIN_BODY_LIMIT_BYTES = 4096,
    PEM_LIMIT_BYTES = 1024 * 1024,
    IN_FLIGHT_LIMIT = 512,
    CONNECTION_LIMIT = 4096, /* far above the former, so that a 429 can be given at all */
    PLAIN_CONNECTION_LIMIT = 64,
    DESCRIPTORS_WANTED = CONNECTION_LIMIT + PLAIN_CONNECTION_LIMIT + 64,
    IDLE_SECONDS = 10,
    PROVEN_IDLE_SECONDS = 120, /* the API server keeps idle connections for 90 */
    THREADS_MIN = 2,
    THREADS_MAX = 8,
    EXPIRES_SOON_SECONDS = 7 * 24 * 60 * 60,
};

/* All that a serving process holds. */
struct server {
    struct service service;
    struct loaded loaded;
    struct buffer certificate_pem;
    struct buffer key_pem;
    struct listener https_listener;
    struct listener plain_listener;
    struct http_server *https;
    struct http_server *plain;
    unsigned threads;
};

static void key_release(struct buffer *key)
{
    if (key->at != NULL)
        explicit_bzero(key->at, key->capacity);
    buffer_release(key);
}

static void server_release(struct server *server)
{
    http_server_stop(server->plain); /* first: its metrics ask the other how much is in flight */
    http_server_stop(server->https);
    if (server->https == NULL && server->https_listener.descriptor > 0)
        (void)close(server->https_listener.descriptor);
    if (server->plain == NULL && server->plain_listener.descriptor > 0)
        (void)close(server->plain_listener.descriptor);
    current_release(&server->service.current);
    key_release(&server->key_pem);
    buffer_release(&server->certificate_pem);
    loaded_release(&server->loaded);
}

static void warn_of_validity(const struct tls_identity *identity, const char *path)
{
    int64_t now = time(NULL);
    const char *sentence = identity->until_seconds <= now ? "the certificate has expired"
                           : identity->from_seconds > now ? "the certificate is not valid yet"
                           : identity->until_seconds - now <= EXPIRES_SOON_SECONDS
                               ? "the certificate expires soon"
                               : NULL;
    struct log_line line;

    if (sentence == NULL)
        return;
    log_begin(&line, LOG_LEVEL_WARN, "certificate");
    log_string(&line, "error", sentence);
    log_string(&line, "file", path);
    log_end(&line);
}

/* Load a PEM file; the buffer ends in a NUL that its length does not count. */
static bool pem_load(const char *option, const char *path, struct buffer *buffer, struct error *err)
{
    if (!file_load(path, PEM_LIMIT_BYTES, buffer, err))
        return error_wrap(err, "%s", option);
    buffer_add_char(buffer, '\0');
    if (buffer->failed)
        return error_memory(err);
    buffer->length--;
    return true;
}

static bool load_certificate(struct server *server, const struct options *options, struct error *err)
{
    struct tls_identity identity;

    if (!pem_load("--tls-cert", options->tls_cert, &server->certificate_pem, err) ||
        !pem_load("--tls-key", options->tls_key, &server->key_pem, err))
        return false;
    if (!tls_identity_read(buffer_text(&server->certificate_pem), &identity, err))
        return error_wrap(err, "--tls-cert %s", options->tls_cert);
    if (!tls_identity_match(buffer_text(&server->certificate_pem), buffer_text(&server->key_pem), err))
        return error_wrap(err, "--tls-key %s", options->tls_key);
    warn_of_validity(&identity, options->tls_cert);
    server->service.certificate_until_seconds = identity.until_seconds;
    return true;
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

static bool start_https(struct server *server, const struct options *options, struct error *err)
{
    struct http_server_options https = {
        .certificate_pem = server->certificate_pem.at,
        .key_pem = server->key_pem.at,
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
    struct http_server_options plain = {
        .threads = 1,
        .body_limit_bytes = PLAIN_BODY_LIMIT_BYTES,
        .in_flight_limit = PLAIN_CONNECTION_LIMIT,
        .connection_limit = PLAIN_CONNECTION_LIMIT,
        .idle_seconds = IDLE_SECONDS,
        .proven_idle_seconds = IDLE_SECONDS,
        .handlers = probes_handlers(&server->service),
    };

    if (!listener_open(options->plain_listen, &server->plain_listener, err))
        return error_wrap(err, "--plain-listen");
    plain.listener = server->plain_listener.descriptor;
    server->plain_listener.descriptor = 0;
    if (!http_server_start(&plain, &server->plain, err))
        return error_wrap(err, "--plain-listen %.80s", options->plain_listen);
    return true;
}

static void log_started(const struct server *server, uint64_t began_nanoseconds)
{
    struct timespec now;
    uint64_t took;
    struct log_line line;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    took = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec - began_nanoseconds;
    log_begin(&line, LOG_LEVEL_INFO, "started");
    log_string(&line, "version", version);
    log_string(&line, "https", server->https_listener.address);
    log_number(&line, "httpsPort", server->https_listener.port);
    log_string(&line, "plain", server->plain_listener.address);
    log_number(&line, "plainPort", server->plain_listener.port);
    log_string(&line, "path", server->service.path);
    log_number(&line, "types", server->loaded.config.catalogue.count);
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
    server->service.path = options->path;
    current_publish(&server->service.current, &server->loaded.snapshot);
    server->threads = options->threads > 0 ? options->threads : threads_of_machine();
    raise_descriptor_limit();
    return load_certificate(server, options, err) && start_https(server, options, err) &&
           start_plain(server, options, err);
}

int serve(const struct options *options, uint64_t began_nanoseconds)
{
    AUTO(server_release) struct server server = {0};
    struct error err = {0};
    int status;

    log_set_level(options->log_level);
    drain_block_signals();
    status = loaded_load(options, &server.loaded);
    if (status != 0)
        return status;
    if (!server_start(&server, options, &err))
        return exit_with(&err);
    log_started(&server, began_nanoseconds);
    log_signal(drain_wait());
    drain(&server.service, server.https, options->drain_delay_seconds);
    log_stopped();
    return 0;
}
