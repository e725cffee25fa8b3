/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credentials that new connections show, exchanged while others still use the old.
 *
 *     struct tls_held *held = tls_store_take(&store);    a connection begins
 *     tls_credentials_show(held->credentials, session);
 *     tls_store_give_back(&store, held);                 and has ended
 *
 * Each connection keeps what it began with; the last one that leaves frees what was replaced.
 *
 * Thread: any; a lock guards the count, once where a connection begins and once where it ends.
 */
#ifndef IO_TLS_STORE_H
#define IO_TLS_STORE_H

#include "io/tls_identity.h"

#include <pthread.h>

struct tls_held {
    struct tls_credentials *credentials;
    size_t users; /* connections, and one more while it is what new ones get */
};

struct tls_store {
    pthread_mutex_t mutex;   /* PTHREAD_MUTEX_INITIALIZER */
    struct tls_held *newest; /* NULL: none yet */
};

/* Show these from now on. ERROR_INPUT when they cannot be used: then the old ones stay. */
MUST_CHECK bool tls_store_put(struct tls_store *store, struct text certificate_pem, struct text key_pem,
                              struct error *err);

struct tls_held *tls_store_take(struct tls_store *store);

void tls_store_give_back(struct tls_store *store, struct tls_held *held);

/* When no connection is left. */
void tls_store_release(struct tls_store *store);

#endif
