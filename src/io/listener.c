/* SPDX-License-Identifier: Apache-2.0 */
#include "io/listener.h"

#include "core/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 1024
};

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool address_is_malformed(const char *endpoint, struct error *err)
{
    return error_set(err, ERROR_INPUT,
                     "'%.80s' is no address to listen on: write ADDRESS:PORT with a numeric address, "
                     "as 127.0.0.1:8443 or [::]:8443",
                     endpoint);
}

static bool host_parse(struct text host, uint16_t port, union address *ret_address)
{
    char name[INET6_ADDRSTRLEN] = "::";
    bool is_bracketed = host.length >= 2 && host.at[0] == '[' && host.at[host.length - 1] == ']';

    if (is_bracketed)
        host = (struct text){.at = host.at + 1, .length = host.length - 2};
    if (host.length >= sizeof(name))
        return false;
    if (host.length > 0) {
        memcpy(name, host.at, host.length);
        name[host.length] = '\0';
    }
    *ret_address = (union address){0};
    if (is_bracketed || host.length == 0) {
        ret_address->v6.sin6_family = AF_INET6;
        ret_address->v6.sin6_port = htons(port);
        return inet_pton(AF_INET6, name, &ret_address->v6.sin6_addr) == 1;
    }
    ret_address->v4.sin_family = AF_INET;
    ret_address->v4.sin_port = htons(port);
    return inet_pton(AF_INET, name, &ret_address->v4.sin_addr) == 1;
}

static bool endpoint_parse(const char *endpoint, union address *ret_address, struct error *err)
{
    const char *colon = strrchr(endpoint, ':');
    uint64_t port;

    if (colon == NULL || !text_parse_unsigned(text_of(colon + 1), UINT16_MAX, &port))
        return address_is_malformed(endpoint, err);
    if (!host_parse((struct text){.at = endpoint, .length = (size_t)(colon - endpoint)}, (uint16_t)port,
                    ret_address))
        return address_is_malformed(endpoint, err);
    return true;
}

static socklen_t address_size(const union address *address)
{
    return address->any.sa_family == AF_INET6 ? sizeof(address->v6) : sizeof(address->v4);
}

static bool is_every_address(const union address *address)
{
    return address->any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr);
}

/* A listening descriptor, or -1 with errno. */
static int socket_listen(const union address *address)
{
    int descriptor = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    const int off = 0;
    int reason;

    if (descriptor < 0)
        return -1;
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        (!is_every_address(address) ||
         setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0) &&
        bind(descriptor, &address->any, address_size(address)) == 0 && listen(descriptor, BACKLOG) == 0)
        return descriptor;
    reason = errno;
    (void)close(descriptor);
    errno = reason;
    return -1;
}

/* The same port on every IPv4 address, for machines without IPv6. */
static int socket_listen_v4(const union address *address)
{
    union address every = {0};

    every.v4.sin_family = AF_INET;
    every.v4.sin_port = address->v6.sin6_port;
    every.v4.sin_addr.s_addr = htonl(INADDR_ANY);
    return socket_listen(&every);
}

static void listener_describe(struct listener *listener)
{
    union address address = {0};
    socklen_t size = sizeof(address);
    char host[INET6_ADDRSTRLEN] = "";
    bool is_v6;

    if (getsockname(listener->descriptor, &address.any, &size) != 0)
        return; /* cannot happen to a socket of ours; the port stays 0 */
    is_v6 = address.any.sa_family == AF_INET6;
    listener->port = ntohs(is_v6 ? address.v6.sin6_port : address.v4.sin_port);
    (void)inet_ntop(address.any.sa_family,
                    is_v6 ? (const void *)&address.v6.sin6_addr : (const void *)&address.v4.sin_addr, host,
                    sizeof(host));
    (void)snprintf(listener->address, sizeof(listener->address), is_v6 ? "[%s]:%u" : "%s:%u", host,
                   (unsigned)listener->port);
}

bool listener_open(const char *endpoint, struct listener *ret_listener, struct error *err)
{
    struct listener listener = {0};
    union address address = {0};

    if (!endpoint_parse(endpoint, &address, err))
        return false;
    listener.descriptor = socket_listen(&address);
    if (listener.descriptor < 0 && is_every_address(&address) && errno != EADDRINUSE && errno != EACCES)
        listener.descriptor = socket_listen_v4(&address);
    if (listener.descriptor < 0)
        return error_set(err, ERROR_SYSTEM, "cannot listen on %.80s: %s", endpoint, strerror(errno));
    listener_describe(&listener);
    *ret_listener = listener;
    return true;
}
