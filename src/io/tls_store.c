/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_store.h"

#include <stdlib.h>

static void held_free(struct tls_held *held)
{
    tls_credentials_free(held->credentials);
    free(held);
}

void tls_store_give_back(struct tls_store *store, struct tls_held *held)
{
    bool was_last;

    if (held == NULL)
        return;
    (void)pthread_mutex_lock(&store->mutex);
    was_last = --held->users == 0;
    (void)pthread_mutex_unlock(&store->mutex);
    if (was_last)
        held_free(held);
}

struct tls_held *tls_store_take(struct tls_store *store)
{
    struct tls_held *held;

    (void)pthread_mutex_lock(&store->mutex);
    held = store->newest;
    held->users++;
    (void)pthread_mutex_unlock(&store->mutex);
    return held;
}

bool tls_store_put(struct tls_store *store, struct text certificate_pem, struct text key_pem,
                   struct error *err)
{
    struct tls_held *held = calloc(1, sizeof(*held));
    struct tls_held *old;

    if (held == NULL)
        return error_memory(err);
    if (!tls_credentials_new(certificate_pem, key_pem, &held->credentials, err)) {
        free(held);
        return false;
    }
    held->users = 1;
    (void)pthread_mutex_lock(&store->mutex);
    old = store->newest;
    store->newest = held;
    (void)pthread_mutex_unlock(&store->mutex);
    tls_store_give_back(store, old);
    return true;
}

void tls_store_release(struct tls_store *store)
{
    tls_store_give_back(store, store->newest);
    store->newest = NULL;
    (void)pthread_mutex_destroy(&store->mutex);
}
