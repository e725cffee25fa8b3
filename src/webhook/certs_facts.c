/* SPDX-License-Identifier: Apache-2.0 */
#include "certs_facts.h"

#include "core/base64.h"
#include "core/timestamp.h"
#include "io/certificate.h"

/* Whether a question about bytes of others was answered by no: anything else has failed us. */
static bool is_no(const struct error *err)
{
    return err->kind == ERROR_INPUT;
}

/* The number of an authority, a new one for a certificate not met before; ROTATION_NOBODY for what is none.
 */
static bool number(struct certs_state *state, const struct pem_block *block, int *ret_number,
                   struct error *err)
{
    struct certificate_facts facts;
    struct error trouble = {.kind = ERROR_NONE};
    size_t i = 0;

    while (i < state->authority_count && !text_is(state->authorities[i].der, block->der))
        i++;
    *ret_number = (int)i;
    if (i < state->authority_count)
        return true;
    *ret_number = ROTATION_NOBODY;
    if (!certificate_read(block->pem, &facts, &trouble)) {
        *err = trouble;
        return is_no(&trouble);
    }
    if (i == ROTATION_AUTHORITIES_LIMIT) {
        return error_set(
            err, ERROR_INPUT,
            "the bundle holds more than %d certificates: empty it, and the next run puts in what "
            "is needed",
            ROTATION_AUTHORITIES_LIMIT - 4);
    }
    state->facts.authorities[i].from_seconds = facts.from_seconds;
    state->facts.authorities[i].until_seconds = facts.until_seconds;
    state->authorities[i] = *block;
    state->authority_count++;
    *ret_number = (int)i;
    return true;
}

/* The first certificate of a text, numbered; ROTATION_NOBODY where there is none. */
static bool number_first(struct certs_state *state, struct text pem, int *ret_number, struct error *err)
{
    struct pem_block block;
    struct error trouble = {.kind = ERROR_NONE};

    *ret_number = ROTATION_NOBODY;
    if (pem_next(&pem, &state->arena, &block, &trouble))
        return number(state, &block, ret_number, err);
    if (trouble.kind != ERROR_NONE)
        *err = trouble;
    return trouble.kind == ERROR_NONE;
}

/* When an object was changed last: as noted, but not before it was made (unless our clock is behind). */
static int64_t changed_at(const struct object_meta *meta, int64_t now)
{
    int64_t noted;
    int64_t created;

    if (!timestamp_parse(object_meta_annotation(meta, CERTS_CHANGED_AT), &noted))
        return ROTATION_TIME_UNKNOWN;
    return timestamp_parse(meta->created, &created) && created > noted && created <= now ? created : noted;
}

/* One of the two key pairs in the authority's Secret. `ret_can_sign`: certificate and key are an authority's.
 */
static bool read_pair(struct certs_state *state, const char *certificate_name, const char *key_name,
                      int *ret_number, struct error *err)
{
    struct text certificate;
    struct text key;
    struct certificate_facts facts;
    struct error trouble = {.kind = ERROR_NONE};

    if (!secret_find(&state->authority, certificate_name, &state->arena, &certificate, err) ||
        !secret_find(&state->authority, key_name, &state->arena, &key, err) ||
        !number_first(state, certificate, ret_number, err))
        return false;
    if (*ret_number == ROTATION_NOBODY)
        return true;
    if (!certificate_read(certificate, &facts, &trouble) || !certificate_match(certificate, key, &trouble)) {
        *err = trouble;
        return is_no(&trouble);
    }
    state->facts.authorities[*ret_number].has_key |= facts.is_authority;
    if (facts.is_authority)
        state->keys[*ret_number] = key;
    return true;
}

static bool read_authority(struct certs_state *state, struct error *err)
{
    struct rotation_facts *facts = &state->facts;

    facts->presence = state->has_authority ? ROTATION_BROKEN : ROTATION_ABSENT;
    if (!read_pair(state, CERTS_CA_CERTIFICATE, CERTS_CA_KEY, &facts->current, err) ||
        !read_pair(state, CERTS_PREVIOUS_CERTIFICATE, CERTS_PREVIOUS_KEY, &facts->previous, err))
        return false;
    if (facts->current != ROTATION_NOBODY && facts->authorities[facts->current].has_key)
        facts->presence = ROTATION_WHOLE;
    else
        facts->current = ROTATION_NOBODY;
    if (facts->previous == facts->current)
        facts->previous = ROTATION_NOBODY;
    return true;
}

/* The certificates of one webhook's bundle. */
static bool read_entry(struct certs_state *state, const struct webhook_entry *entry, uint64_t *ret_mask,
                       struct error *err)
{
    struct error trouble = {.kind = ERROR_NONE};
    struct pem_block block;
    struct text rest = {0};
    uint64_t mask = 0;
    int which;

    if (entry->bundle.length > 0 && !base64_parse(entry->bundle, &state->arena, &rest, &trouble))
        rest = (struct text){0};
    while (trouble.kind != ERROR_MEMORY && pem_next(&rest, &state->arena, &block, &trouble)) {
        if (!number(state, &block, &which, err))
            return false;
        if (which == ROTATION_NOBODY)
            state->facts.bundle.has_junk = true;
        else
            mask |= UINT64_C(1) << (unsigned)which;
    }
    if (trouble.kind == ERROR_MEMORY)
        return error_memory(err);
    *ret_mask = mask;
    return true;
}

static bool read_bundle(struct certs_state *state, struct error *err)
{
    struct rotation_bundle *bundle = &state->facts.bundle;
    uint64_t mask = 0;

    bundle->is_there = state->has_configuration && state->configuration.count > 0;
    bundle->all = bundle->is_there ? UINT64_MAX : 0;
    bundle->changed_at_seconds = changed_at(&state->configuration.meta, state->facts.now_seconds);
    for (size_t i = 0; i < state->configuration.count; i++) {
        if (!read_entry(state, &state->configuration.entries[i], &mask, err))
            return false;
        bundle->all &= mask;
        bundle->any |= mask;
    }
    return true;
}

/* The authorities that signed this very certificate, or that are it. */
static bool find_signers(struct certs_state *state, const struct pem_block *block, struct error *err)
{
    for (size_t i = 0; i < state->authority_count; i++) {
        struct error trouble = {.kind = ERROR_NONE};

        if (text_is(state->authorities[i].der, block->der) ||
            certificate_verify(block->pem, state->authorities[i].pem, &trouble))
            state->facts.leaf.signers |= UINT64_C(1) << i;
        else if (!is_no(&trouble)) {
            *err = trouble;
            return false;
        }
    }
    return true;
}

/* Up the chain that is served with the leaf, for as long as each certificate is signed by the next. */
static bool read_chain(struct certs_state *state, struct error *err)
{
    struct text rest = state->leaf_certificate;
    struct error trouble = {.kind = ERROR_NONE};
    struct text below = {0};
    struct pem_block block;

    while (pem_next(&rest, &state->arena, &block, &trouble) &&
           (below.at == NULL || certificate_verify(below, block.pem, &trouble))) {
        if (!find_signers(state, &block, err))
            return false;
        below = block.pem;
    }
    if (trouble.kind == ERROR_NONE || is_no(&trouble))
        return true;
    *err = trouble;
    return false;
}

static bool read_leaf(const struct certs_target *target, struct certs_state *state, struct error *err)
{
    struct rotation_leaf *leaf = &state->facts.leaf;
    struct certificate_facts facts;
    struct error trouble = {.kind = ERROR_NONE};
    int ignored;

    leaf->presence = state->has_leaf ? ROTATION_BROKEN : ROTATION_ABSENT;
    leaf->changed_at_seconds = changed_at(&state->leaf.meta, state->facts.now_seconds);
    if (!secret_find(&state->leaf, CERTS_TLS_CERTIFICATE, &state->arena, &state->leaf_certificate, err) ||
        !secret_find(&state->leaf, CERTS_TLS_KEY, &state->arena, &state->leaf_key, err) ||
        !secret_find(&state->leaf, CERTS_CA_CERTIFICATE, &state->arena, &state->leaf_authority, err) ||
        !number_first(state, state->leaf_authority, &ignored, err))
        return false;
    if (!certificate_read(state->leaf_certificate, &facts, &trouble) ||
        !certificate_match(state->leaf_certificate, state->leaf_key, &trouble)) {
        *err = trouble;
        return is_no(&trouble);
    }
    leaf->presence = ROTATION_WHOLE;
    leaf->from_seconds = facts.from_seconds;
    leaf->until_seconds = facts.until_seconds;
    leaf->is_for_service = certificate_is_for(state->leaf_certificate, target->host);
    return read_chain(state, err);
}

bool certs_facts_fill(const struct certs_target *target, int64_t now_seconds, struct certs_state *state,
                      struct error *err)
{
    state->facts.now_seconds = now_seconds;
    state->facts.step_delay_seconds = target->options->step_delay_seconds;
    return read_authority(state, err) && read_bundle(state, err) && read_leaf(target, state, err);
}
