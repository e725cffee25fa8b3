/* SPDX-License-Identifier: Apache-2.0 */
/*
 * efa-webhook over TLS on connections that stay open, against a bare libmicrohttpd server that reads the body
 * and returns fixed bytes of the same size: same threads, same certificate, same client, in turn in one run.
 * Prints the ratio of their throughputs, and what an idle webhook takes to start and of memory.
 *
 * BENCH_LEAST_SERVER=0.5 makes the program fail where the ratio is below 0.5.
 */
#include "io/file.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    SERVER_THREADS = 2,
    CLIENTS = 8,
    ROUNDS = 5,
    ROUND_MS = 800,
    PATH_SIZE = 256,
    FILE_BYTES_MAX = 1024 * 1024,
};

static const char review_path[] = "tests/data/reviews/mpijob-worker.json";

struct place {
    char folder[PATH_SIZE];
    char log[PATH_SIZE + 16];
    char certificate[PATH_SIZE + 16];
    char key[PATH_SIZE + 16];
    char authority[PATH_SIZE + 16];
};

struct server {
    const char *name;
    pid_t process;
    unsigned port;
    double rates[ROUNDS];
};

static _Noreturn void give_up(const char *what)
{
    (void)fprintf(stderr, "bench_server: %s\n", what);
    exit(EXIT_FAILURE);
}

static double now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void sleep_ms(long ms)
{
    (void)nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void load(const char *path, struct buffer *buffer)
{
    struct error err = {0};

    if (!file_load(path, FILE_BYTES_MAX, buffer, &err))
        give_up(err.text);
    buffer_add_char(buffer, '\0');
    buffer->length--;
}

static const char *binary(const char *name, char path[PATH_SIZE])
{
    const char *folder = getenv("EFA_BIN");

    (void)snprintf(path, PATH_SIZE, "%s/%s", folder != NULL ? folder : "build/bin", name);
    return path;
}

/* Start a program with its output in a file; NULL ends the arguments. */
static pid_t start(const char *const *arguments, const char *output)
{
    pid_t process = fork();

    if (process < 0)
        give_up("fork failed");
    if (process > 0)
        return process;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* also where we give up */
    if (dup2(open(output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), STDOUT_FILENO) < 0)
        _exit(1);
    (void)execv(arguments[0], (char *const *)(uintptr_t)arguments); /* it changes none of them */
    _exit(1);
}

static void make_place(struct place *place)
{
    const char *parent = getenv("TMPDIR");
    char program[PATH_SIZE];
    int status;

    (void)snprintf(place->folder, sizeof(place->folder), "%s/bench_server.XXXXXX",
                   parent != NULL ? parent : "/tmp");
    if (mkdtemp(place->folder) == NULL)
        give_up("no temporary folder");
    (void)snprintf(place->log, sizeof(place->log), "%s/log", place->folder);
    (void)snprintf(place->certificate, sizeof(place->certificate), "%s/tls.crt", place->folder);
    (void)snprintf(place->key, sizeof(place->key), "%s/tls.key", place->folder);
    (void)snprintf(place->authority, sizeof(place->authority), "%s/ca.crt", place->folder);
    (void)binary("efa-dev-certs", program);
    if (waitpid(start((const char *[]){program, place->folder, NULL}, place->log), &status, 0) < 0 ||
        status != 0)
        give_up("efa-dev-certs failed");
}

static void remove_place(const struct place *place)
{
    (void)unlink(place->log);
    (void)unlink(place->certificate);
    (void)unlink(place->key);
    (void)unlink(place->authority);
    (void)rmdir(place->folder);
}

/* The number behind a key of the log's line that says where it listens; 0 while it is not there. */
static unsigned started_port(const char *log)
{
    AUTO(buffer_release) struct buffer lines = {0};
    const char *line;
    const char *port;

    load(log, &lines);
    line = strstr(lines.at, "\"event\":\"started\"");
    port = line != NULL ? strstr(line, "\"httpsPort\":") : NULL;
    return port != NULL ? (unsigned)strtoul(port + strlen("\"httpsPort\":"), NULL, 10) : 0;
}

static void start_webhook(const struct place *place, struct server *server)
{
    char program[PATH_SIZE];
    char threads[16];
    double begin = now_ms();

    (void)snprintf(threads, sizeof(threads), "%d", SERVER_THREADS);
    (void)binary("efa-webhook", program);
    server->process = start((const char *[]){program, "--tls-cert", place->certificate, "--tls-key",
                                             place->key, "--listen", "127.0.0.1:0", "--plain-listen",
                                             "127.0.0.1:0", "--threads", threads, "--drain-delay", "0", NULL},
                            place->log);
    while ((server->port = started_port(place->log)) == 0) {
        if (now_ms() - begin > 5000 || waitpid(server->process, NULL, WNOHANG) != 0)
            give_up("efa-webhook did not start");
        sleep_ms(1);
    }
    (void)printf("efa-webhook: started in %.0f ms\n", now_ms() - begin);
}

static void print_memory(const struct server *server, const char *when)
{
    AUTO(buffer_release) struct buffer status = {0};
    char path[PATH_SIZE];
    const char *line;

    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)server->process);
    load(path, &status);
    line = strstr(status.at, "VmRSS:");
    if (line != NULL)
        (void)printf("efa-webhook: %.1f MiB resident %s\n", strtod(line + strlen("VmRSS:"), NULL) / 1024,
                     when);
}

/* The bare server's whole work: read the body, then queue the same bytes. */
/* NOLINTNEXTLINE(readability-function-size): the library calls it so */
static enum MHD_Result answer_fixed(void *context, struct MHD_Connection *connection, const char *path,
                                    const char *method, const char *version, const char *upload,
                                    size_t *upload_size, void **state)
{
    static int seen;
    const struct buffer *fixed = context;
    struct MHD_Response *response;
    enum MHD_Result result;

    (void)path, (void)method, (void)version, (void)upload;
    if (*state == NULL) {
        *state = &seen;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    response = MHD_create_response_from_buffer(fixed->length, fixed->at, MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        return MHD_NO;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

static _Noreturn void serve_fixed(const struct place *place, struct buffer *fixed, int told)
{
    AUTO(buffer_release) struct buffer certificate = {0};
    AUTO(buffer_release) struct buffer key = {0};
    const union MHD_DaemonInfo *info;
    struct MHD_Daemon *daemon;
    unsigned port;

    load(place->certificate, &certificate);
    load(place->key, &key);
    daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS, 0, NULL, NULL, answer_fixed, fixed,
                              MHD_OPTION_HTTPS_MEM_CERT, certificate.at, MHD_OPTION_HTTPS_MEM_KEY, key.at,
                              MHD_OPTION_HTTPS_PRIORITIES, "NORMAL:-VERS-ALL:+VERS-TLS1.3",
                              MHD_OPTION_THREAD_POOL_SIZE, (unsigned)SERVER_THREADS,
                              MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32 * 1024, MHD_OPTION_END);
    info = daemon != NULL ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    port = info != NULL ? info->port : 0;
    if (write(told, &port, sizeof(port)) != sizeof(port))
        _exit(1);
    for (;;)
        (void)pause();
}

static void start_bare(const struct place *place, struct buffer *fixed, struct server *server)
{
    int told[2];

    if (pipe2(told, O_CLOEXEC) != 0)
        give_up("pipe failed");
    server->process = fork();
    if (server->process == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
        serve_fixed(place, fixed, told[1]);
    if (server->process < 0 || read(told[0], &server->port, sizeof(server->port)) != sizeof(server->port) ||
        server->port == 0)
        give_up("the bare server did not start");
    (void)close(told[0]);
    (void)close(told[1]);
}

/* One connection that posts the review again and again. */
struct client {
    pthread_t thread;
    const struct server *server;
    const struct place *place;
    struct text body;
    struct buffer *keep; /* the first answer; NULL: not wanted */
    double until_ms;
    long answers;
    bool failed;
};

/* NOLINTNEXTLINE(readability-non-const-parameter): the library calls it so */
static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
    struct buffer *keep = context;

    if (keep != NULL)
        buffer_add(keep, (struct text){.at = bytes, .length = size * count});
    return size * count;
}

static void *run_client(void *context)
{
    struct client *client = context;
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    CURL *curl = curl_easy_init();
    char address[64];
    long status = 0;

    (void)snprintf(address, sizeof(address), "https://127.0.0.1:%u/mutate?timeout=10s", client->server->port);
    (void)curl_easy_setopt(curl, CURLOPT_URL, address);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_CAINFO, client->place->authority);
    (void)curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, client->body.at);
    (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)client->body.length);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, client->keep);
    do {
        client->failed = curl_easy_perform(curl) != CURLE_OK ||
                         curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
                         status != 200;
        client->answers++;
    } while (!client->failed && now_ms() < client->until_ms);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    return NULL;
}

/* Answers a second. */
static double measure(const struct server *server, const struct place *place, struct text body)
{
    struct client clients[CLIENTS];
    double begin = now_ms();
    long answers = 0;
    size_t i;

    for (i = 0; i < CLIENTS; i++) {
        clients[i] =
            (struct client){.server = server, .place = place, .body = body, .until_ms = begin + ROUND_MS};
        if (pthread_create(&clients[i].thread, NULL, run_client, &clients[i]) != 0)
            give_up("no thread");
    }
    for (i = 0; i < CLIENTS; i++) {
        (void)pthread_join(clients[i].thread, NULL);
        answers += clients[i].answers;
        if (clients[i].failed)
            give_up("a request failed");
    }
    return (double)answers * 1e3 / (now_ms() - begin);
}

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;

    return (a > b) - (a < b);
}

static double median_rate(struct server *server)
{
    qsort(server->rates, ROUNDS, sizeof(server->rates[0]), compare_numbers);
    return server->rates[ROUNDS / 2];
}

static double compare(struct server servers[2], const struct place *place, struct text body)
{
    size_t round;

    for (round = 0; round < ROUNDS; round++) {
        servers[0].rates[round] = measure(&servers[0], place, body);
        servers[1].rates[round] = measure(&servers[1], place, body);
    }
    (void)printf("%-22s %8.0f answers a second\n", servers[0].name, median_rate(&servers[0]));
    (void)printf("%-22s %8.0f answers a second\n", servers[1].name, median_rate(&servers[1]));
    return median_rate(&servers[0]) / median_rate(&servers[1]);
}

int main(void)
{
    AUTO(buffer_release) struct buffer body = {0};
    AUTO(buffer_release) struct buffer answer = {0};
    struct server servers[2] = {{.name = "efa-webhook"}, {.name = "bare libmicrohttpd"}};
    struct place place;
    const char *wanted = getenv("BENCH_LEAST_SERVER");
    struct client first = {.server = &servers[0], .place = &place, .keep = &answer};
    double ratio;
    size_t i;

    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    load(review_path, &body);
    first.body = buffer_text(&body);
    make_place(&place);
    start_webhook(&place, &servers[0]);
    print_memory(&servers[0], "idle");
    (void)run_client(&first);
    start_bare(&place, &answer, &servers[1]);
    ratio = compare(servers, &place, first.body);
    print_memory(&servers[0], "under load");
    for (i = 0; i < 2; i++) {
        (void)kill(servers[i].process, i == 0 ? SIGTERM : SIGKILL);
        (void)waitpid(servers[i].process, NULL, 0);
    }
    remove_place(&place);
    (void)printf(
        "%.2f of the bare server's throughput (%zu bytes in, %zu out, TLS 1.3, %d connections, %d threads)\n",
        ratio, body.length, answer.length, CLIENTS, SERVER_THREADS);
    return first.failed || (wanted != NULL && ratio < strtod(wanted, NULL)) ? EXIT_FAILURE : EXIT_SUCCESS;
}
