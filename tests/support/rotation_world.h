/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cluster whose certificates are managed: three objects that change under optimistic locking, replicas that
 * see a new leaf late, API servers that see a new bundle late, and managers that work one request at a time.
 *
 * What is held to hold: whichever leaf a replica may serve with, every API server trusts it, save while
 * `excused_until` says that somebody broke it.
 */
#ifndef SUPPORT_ROTATION_WORLD_H
#define SUPPORT_ROTATION_WORLD_H

#include "core/rotation.h"
#include "support/choices.h"

#include <stddef.h>

enum {
    WORLD_AUTHORITIES = 8192,
    WORLD_TRUSTED = 12,   /* authorities in one bundle */
    WORLD_VERSIONS = 128, /* of the leaf and of the bundle that are remembered */
    WORLD_LEAF_LAG = 90,
    WORLD_BUNDLE_LAG = 60,
    WORLD_NOBODY = -1,
};

struct world_bundle {
    int trusted[WORLD_TRUSTED];
    size_t count;
    bool has_junk;
};

struct world_leaf {
    int signer;
    int64_t from;
    int64_t until;
    int service; /* whose name it bears */
};

/* What the objects hold; `version` is their resourceVersion. */
struct world_configuration {
    bool is_there;
    unsigned version;
    int64_t changed_at;
    struct world_bundle bundle;
};

struct world_leaf_secret {
    enum rotation_presence presence;
    unsigned version;
    int64_t changed_at;
    struct world_leaf leaf;
};

struct world_authority_secret {
    enum rotation_presence presence;
    unsigned version;
    int current; /* its certificate; WORLD_NOBODY: none that can be read */
    bool current_has_key;
    int previous;
    bool previous_has_key;
};

struct world {
    int64_t now;
    int64_t step_delay;
    int64_t authority_life;
    int64_t leaf_life;
    int service; /* its name, which may change */
    unsigned versions;
    struct world_configuration configuration;
    struct world_leaf_secret leaf;
    struct world_authority_secret authority;
    struct rotation_authority authorities[WORLD_AUTHORITIES];
    int authority_count;
    struct {
        int64_t at;
        struct world_leaf leaf;
    } leaves[WORLD_VERSIONS];
    struct {
        int64_t at;
        struct world_bundle bundle;
    } bundles[WORLD_VERSIONS];
    size_t leaf_count; /* all that ever were; the arrays are rings */
    size_t bundle_count;
    int64_t excused_until;
    unsigned steps[ROTATION_STEP_COUNT];
    unsigned conflicts;
};

/* One run of --manage-certs. */
struct world_manager {
    unsigned phase; /* which of the objects is read next */
    bool is_done;
    bool has_rotated;
    unsigned turns;
    unsigned conflicts;
    struct world_configuration configuration;
    struct world_leaf_secret leaf;
    struct world_authority_secret authority;
    struct rotation_plan last;
};

/* Nothing but a configuration without a bundle. */
void world_init(struct world *world, int64_t step_delay);

/* One request of a run: read an object, or decide and write. */
void world_manager_step(struct world *world, struct world_manager *manager);

/* A whole run, alone. Returns what was decided last. */
struct rotation_plan world_run(struct world *world);

/* What others put into the bundle. */
void world_set_bundle(struct world *world, const struct world_bundle *bundle);

/* A new authority that nobody knows yet, valid from an hour ago. */
int world_add_authority(struct world *world, bool has_key, int64_t life);

/* False, with the sentence, when some replica may serve what some API server does not trust. */
bool world_is_trusted(const struct world *world, char *sentence, size_t size);

/* Let time pass; the test fails where the world is not trusted and not excused, before and after. */
void world_pass(struct world *world, int64_t seconds);

/* Fails the test where the world is not trusted and not excused. */
void world_check(const struct world *world);

#endif
