/* SPDX-License-Identifier: Apache-2.0 */
#include "http_client.h"

#include "io/clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include <curl/curl.h>

enum {
    TICK_MS = 500,
    CONNECT_MS = 15 * 1000,
    KEEPALIVE_SECONDS = 30,
    KEEPALIVE_AGAIN_SECONDS = 10,
    CONNECTIONS_MAX = 2, /* kept: one to the server, one for a stream's successor */
};

struct http_client {
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers;
    const struct http_client_call *call;
    char detail[CURL_ERROR_SIZE];
    int64_t heard_ms; /* when the last byte came, or the call began */
    int64_t ticked_ms;
    bool is_refused;   /* by take_line or take_body */
    bool is_connected; /* the request could be sent */
};

/* libcurl wants this once in a process, and not from two threads at a time. It leaves SIGPIPE to us, and a
   server that goes away must not end the program. */
static pthread_once_t started = PTHREAD_ONCE_INIT;
static CURLcode start_code;

static void start(void)
{
    struct sigaction action = {0};

    if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
        (void)signal(SIGPIPE, SIG_IGN);
    start_code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

int64_t http_client_parse_date(const char *date)
{
    return curl_getdate(date, NULL);
}

unsigned http_client_parse_status(struct text line)
{
    uint64_t status = 0;
    struct text word;

    (void)text_split(&line, ' ', &word);
    if (!text_split(&line, ' ', &word) || !text_parse_unsigned(word, 999, &status))
        return 0;
    return (unsigned)status;
}

struct http_client *http_client_new(struct error *err)
{
    struct http_client *http = calloc(1, sizeof(*http));

    if (http == NULL) {
        (void)error_memory(err);
        return NULL;
    }
    (void)pthread_once(&started, start);
    if (start_code == CURLE_OK) {
        http->multi = curl_multi_init();
        http->easy = curl_easy_init();
    }
    if (http->multi == NULL || http->easy == NULL) {
        (void)error_memory(err);
        http_client_free(&http);
        return NULL;
    }
    (void)curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX);
    return http;
}

/* Headers hold the token. */
static void drop_headers(struct http_client *http)
{
    for (struct curl_slist *header = http->headers; header != NULL; header = header->next)
        explicit_bzero(header->data, strlen(header->data));
    curl_slist_free_all(http->headers);
    http->headers = NULL;
}

void http_client_free(struct http_client **http)
{
    if (*http == NULL)
        return;
    drop_headers(*http);
    curl_easy_cleanup((*http)->easy);
    (void)curl_multi_cleanup((*http)->multi);
    free(*http);
    *http = NULL;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the library's type */
static size_t take_line(char *bytes, size_t size, size_t count, void *context)
{
    struct http_client *http = context;
    struct text line = {.at = bytes, .length = size * count};

    http->heard_ms = clock_ms();
    if (http->call->take_line(http->call->context, text_trim(line)))
        return line.length;
    http->is_refused = true;
    return 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the library's type */
static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct http_client *http = context;
    struct text body = {.at = bytes, .length = size * count};

    http->heard_ms = clock_ms();
    if (http->call->take_body(http->call->context, body))
        return body.length;
    http->is_refused = true;
    return 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the library's type */
static int note_connection(void *context, char *there, char *here, int there_port, int here_port)
{
    struct http_client *http = context;

    (void)there;
    (void)here;
    (void)there_port;
    (void)here_port;
    http->is_connected = true;
    return CURL_PREREQFUNC_OK;
}

bool http_client_is_connected(const struct http_client *http)
{
    return http->is_connected;
}

static bool set_headers(struct http_client *http)
{
    const struct http_client_call *call = http->call;

    for (size_t i = 0; i < call->header_count; i++) {
        struct curl_slist *longer;

        if (call->headers[i] == NULL)
            continue;
        longer = curl_slist_append(http->headers, call->headers[i]);
        if (longer == NULL)
            return false;
        http->headers = longer;
    }
    return curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, http->headers) == CURLE_OK;
}

static bool set_blob(CURL *easy, CURLoption option, struct text pem)
{
    struct curl_blob blob = {.data = (void *)(uintptr_t)pem.at, .len = pem.length, .flags = CURL_BLOB_NOCOPY};

    return pem.at == NULL || curl_easy_setopt(easy, option, &blob) == CURLE_OK;
}

/* An authority of our own stands alone: without the last line libcurl would believe the system's too. No
   session is taken up again, so that each connection shows the certificate as it is now. */
static bool set_tls(CURL *easy, const struct http_client_call *call)
{
    bool checks = !call->skips_verification;

    return curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, checks ? 1L : 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, checks ? 2L : 0L) == CURLE_OK &&
           set_blob(easy, CURLOPT_CAINFO_BLOB, call->authority) &&
           set_blob(easy, CURLOPT_SSLCERT_BLOB, call->certificate) &&
           set_blob(easy, CURLOPT_SSLKEY_BLOB, call->key) &&
           (call->authority.at == NULL || curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK);
}

static bool set_connection(CURL *easy, const struct http_client_call *call, struct curl_slist *connect_to)
{
    const char *proxy = call->proxy != NULL ? call->proxy : "";
    bool is_ours = call->proxy != NULL || !call->uses_environment_proxy;

#if LIBCURL_VERSION_NUM >= 0x075700
    (void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a slow resolver holds nobody up */
#endif
    return curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_SECONDS) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_AGAIN_SECONDS) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to) == CURLE_OK &&
           (!is_ours || (curl_easy_setopt(easy, CURLOPT_PROXY, proxy) == CURLE_OK &&
                         curl_easy_setopt(easy, CURLOPT_NOPROXY, "") == CURLE_OK));
}

/* A POST goes over a connection of its own: libcurl would send it twice where a kept one turns out dead. */
static bool set_request(CURL *easy, const struct http_client_call *call)
{
    bool is_ok = curl_easy_setopt(easy, CURLOPT_URL, call->url) == CURLE_OK;

    if (call->body.at != NULL) {
        is_ok =
            is_ok && curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.length) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body.at) == CURLE_OK;
    }
    if (strcmp(call->method, "POST") == 0)
        is_ok = is_ok && curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
    return is_ok && curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method) == CURLE_OK;
}

static bool set_callbacks(struct http_client *http)
{
    CURL *easy = http->easy;

    http->detail[0] = '\0';
    return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->detail) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, note_connection) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PREREQDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_line) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, http) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, http) == CURLE_OK;
}

/* Codes whose detail names hosts, ports and certificates at most; others may quote a proxy with its password.
 */
static bool is_plain(CURLcode code)
{
    static const CURLcode plain[] = {
        CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,      CURLE_PEER_FAILED_VERIFICATION,
        CURLE_SSL_CONNECT_ERROR,    CURLE_SSL_CERTPROBLEM,      CURLE_SSL_CACERT_BADFILE,
        CURLE_OPERATION_TIMEDOUT,   CURLE_RECV_ERROR,           CURLE_SEND_ERROR,
        CURLE_PARTIAL_FILE,         CURLE_GOT_NOTHING,          CURLE_WEIRD_SERVER_REPLY,
        CURLE_SSL_CIPHER,           CURLE_UNSUPPORTED_PROTOCOL,
    };

    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        if (plain[i] == code)
            return true;
    }
    return false;
}

/* Without " after 3 ms", so that the same failure says the same each time. */
static void drop_time(char *detail)
{
    static const char before[] = " after ";
    char *at = strstr(detail, before);
    size_t digits = at != NULL ? strspn(at + sizeof(before) - 1, "0123456789") : 0;
    const char *behind;

    if (digits == 0)
        return;
    behind = at + sizeof(before) - 1 + digits;
    if (strncmp(behind, " ms", 3) == 0)
        memmove(at, behind + 3, strlen(behind + 3) + 1);
}

static bool refuse(struct http_client *http, CURLcode code, struct error *err)
{
    bool is_told = http->detail[0] != '\0' && is_plain(code);
    const char *detail = is_told ? http->detail : curl_easy_strerror(code);

    drop_time(http->detail);
    if (code == CURLE_OUT_OF_MEMORY)
        return error_memory(err);
    if (code == CURLE_PARTIAL_FILE || code == CURLE_GOT_NOTHING)
        return error_set(err, ERROR_REMOTE, "the connection ended before the answer did: %s", detail);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return error_set(err, ERROR_REMOTE, "%.130s (checked against %.90s)", detail,
                         http->call->authority_name);
    return error_set(err, ERROR_REMOTE, "%s", detail);
}

/* Whether time or the caller ends the call; `err` is set where that is a failure. */
static bool is_over(struct http_client *http, enum http_client_end *ret_end, struct error *err)
{
    const struct http_client_call *call = http->call;
    int64_t now = clock_ms();

    if (call->tick != NULL && now - http->ticked_ms >= TICK_MS) {
        http->ticked_ms = now;
        if (!call->tick(call->context)) {
            *ret_end = HTTP_CLIENT_TICKED;
            return true;
        }
    }
    if (call->until_ms != 0 && now >= call->until_ms) {
        *ret_end = HTTP_CLIENT_LATE;
        return true;
    }
    if (call->idle_seconds != 0 && now - http->heard_ms >= (int64_t)call->idle_seconds * 1000)
        return !error_set(err, ERROR_REMOTE, "nothing came for %u s; the connection counts as dead",
                          call->idle_seconds);
    return false;
}

static int wait_ms(const struct http_client *http)
{
    int64_t left = http->call->until_ms != 0 ? http->call->until_ms - clock_ms() : TICK_MS;

    if (left < 0)
        return 0;
    return left < TICK_MS ? (int)left : TICK_MS;
}

/* What became of the transfer, once none runs any more. */
static bool conclude(struct http_client *http, enum http_client_end *ret_end, struct error *err)
{
    CURLcode code = CURLE_GOT_NOTHING;
    const CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE)
            code = message->data.result;
    }
    *ret_end = http->is_refused ? HTTP_CLIENT_REFUSED : HTTP_CLIENT_DONE;
    return code == CURLE_OK || http->is_refused || refuse(http, code, err);
}

static bool run(struct http_client *http, enum http_client_end *ret_end, struct error *err)
{
    int running = 1;

    err->kind = ERROR_NONE;
    for (;;) {
        CURLMcode code = curl_multi_perform(http->multi, &running);

        if (code == CURLM_OK && running == 0)
            return conclude(http, ret_end, err);
        if (code == CURLM_OK && is_over(http, ret_end, err))
            return err->kind == ERROR_NONE;
        if (code == CURLM_OK)
            code = curl_multi_poll(http->multi, NULL, 0, wait_ms(http), NULL);
        if (code != CURLM_OK) {
            return code == CURLM_OUT_OF_MEMORY
                       ? error_memory(err)
                       : error_set(err, ERROR_SYSTEM, "%s", curl_multi_strerror(code));
        }
    }
}

static void release_list(struct curl_slist **list)
{
    curl_slist_free_all(*list);
}

bool http_client_run(struct http_client *http, const struct http_client_call *call,
                     enum http_client_end *ret_end, struct error *err)
{
    AUTO(release_list)
    struct curl_slist *connect_to =
        call->connect_to != NULL ? curl_slist_append(NULL, call->connect_to) : NULL;
    bool is_ok;

    if (call->connect_to != NULL && connect_to == NULL)
        return error_memory(err);
    http->call = call;
    http->is_refused = false;
    http->is_connected = false;
    http->heard_ms = clock_ms();
    http->ticked_ms = 0;
    curl_easy_reset(http->easy);
    is_ok = set_headers(http) && set_tls(http->easy, call) && set_connection(http->easy, call, connect_to) &&
            set_request(http->easy, call) && set_callbacks(http) &&
            curl_multi_add_handle(http->multi, http->easy) == CURLM_OK;
    if (!is_ok) {
        drop_headers(http);
        return error_memory(err);
    }
    is_ok = run(http, ret_end, err);
    (void)curl_multi_remove_handle(http->multi, http->easy);
    drop_headers(http);
    return is_ok;
}
