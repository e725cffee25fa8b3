/* SPDX-License-Identifier: Apache-2.0 */
/* What is decided about single states of a cluster; test_rotation_life.c has whole lives. */
#include "core/rotation.h"

#include "support/check.h"

#include <string.h>

enum {
    NOW = 1000000000,
    DAY = 86400,
    OLD = 0,
    NEW = 1,
    STRANGER = 2,
    DEAD = 3, /* expired */
    DELAY = 600,
};

#define BIT(authority) (UINT64_C(1) << (authority))

struct state_row {
    const char *name;
    const char *reason; /* a part of it */
    enum rotation_step step;
    int signer;
    int previous;
    bool is_rotation;
    bool is_urgent;
    uint64_t bundle;
    struct rotation_facts facts;
};

/* What all rows begin with: the new authority is current and signed a leaf a day ago, all is well. */
#define WELL                                                                                                 \
    .now_seconds = NOW, .step_delay_seconds = DELAY, .presence = ROTATION_WHOLE, .current = NEW,             \
    .previous = ROTATION_NOBODY,                                                                             \
    .authorities = {[OLD] = {NOW - 70 * DAY, NOW + 30 * DAY, true},                                          \
                    [NEW] = {NOW - DAY, NOW + 99 * DAY, true},                                               \
                    [STRANGER] = {NOW - DAY, NOW + 99 * DAY, false},                                         \
                    [DEAD] = {NOW - 99 * DAY, NOW - DAY, true}}

#define LEAF(...)                                                                                            \
    .leaf = {.presence = ROTATION_WHOLE,                                                                     \
             .from_seconds = NOW - DAY,                                                                      \
             .until_seconds = NOW + 29 * DAY,                                                                \
             .is_for_service = true,                                                                         \
             .signers = BIT(NEW),                                                                            \
             .changed_at_seconds = NOW - DAY,                                                                \
             __VA_ARGS__}
#define NO_LEAF .leaf = {.presence = ROTATION_ABSENT, .changed_at_seconds = ROTATION_TIME_UNKNOWN}
#define BUNDLE(trusted, changed) BUNDLE_WITH(trusted, changed, .is_there = true)
#define BUNDLE_WITH(trusted, changed, ...)                                                                   \
    .bundle = {                                                                                              \
        .is_there = true, .all = (trusted), .any = (trusted), .changed_at_seconds = (changed), __VA_ARGS__}
#define NOBODYS .signer = ROTATION_NOBODY, .previous = ROTATION_NOBODY

#pragma GCC diagnostic ignored "-Woverride-init"

static const struct state_row rows[] = {
    {"all is well", "all is well", ROTATION_NONE, NOBODYS,
     .facts = {WELL, LEAF(), BUNDLE(BIT(NEW), NOW - DAY)}},
    {"nothing is there", "no authority yet", ROTATION_MAKE_AUTHORITY, .is_urgent = true, NOBODYS,
     .facts = {WELL, .presence = ROTATION_ABSENT, .current = ROTATION_NOBODY, NO_LEAF,
               BUNDLE(0, ROTATION_TIME_UNKNOWN)}},
    {"an authority, and nothing else", "the bundle is empty", ROTATION_SET_BUNDLE, .is_urgent = true,
     .bundle = BIT(NEW), NOBODYS, .facts = {WELL, NO_LEAF, BUNDLE(0, ROTATION_TIME_UNKNOWN)}},
    {"a bundle, and no leaf", "no certificate to serve with", ROTATION_ISSUE_LEAF, .is_urgent = true,
     .signer = NEW, .previous = ROTATION_NOBODY, .facts = {WELL, NO_LEAF, BUNDLE(BIT(NEW), NOW)}},
    {"no configuration and no leaf", "no certificate to serve with", ROTATION_ISSUE_LEAF, .is_urgent = true,
     .signer = NEW, .previous = ROTATION_NOBODY, .facts = {WELL, NO_LEAF}},
    {"no configuration", "nothing calls", ROTATION_NONE, NOBODYS, .facts = {WELL, LEAF()}},
    {"no configuration, and the leaf is due", "two thirds of the certificate's", ROTATION_ISSUE_LEAF,
     .is_rotation = true, .signer = NEW, .previous = ROTATION_NOBODY,
     .facts = {WELL, LEAF(.from_seconds = NOW - 70 * DAY)}},
    {"a broken authority", "incomplete or damaged", ROTATION_MAKE_AUTHORITY, .is_urgent = true,
     .signer = ROTATION_NOBODY, .previous = NEW,
     .facts = {WELL, .presence = ROTATION_BROKEN, .current = ROTATION_NOBODY, LEAF(),
               BUNDLE(BIT(NEW), NOW - DAY)}},
    {"an authority that expired", "expires within the hour", ROTATION_MAKE_AUTHORITY, .is_urgent = true,
     NOBODYS, .facts = {WELL, .current = DEAD, LEAF(.signers = BIT(DEAD)), BUNDLE(BIT(DEAD), NOW - DAY)}},
    {"a new authority joins", "joins the bundle", ROTATION_SET_BUNDLE, .is_rotation = true,
     .bundle = BIT(OLD) | BIT(NEW), NOBODYS,
     .facts = {WELL, .previous = OLD, LEAF(.signers = BIT(OLD)), BUNDLE(BIT(OLD), NOW - DAY)}},
    {"it has just joined", "every API server", ROTATION_WAIT, NOBODYS,
     .facts = {WELL, .previous = OLD, LEAF(.signers = BIT(OLD)),
               BUNDLE(BIT(OLD) | BIT(NEW), NOW - DELAY + 1)}},
    {"nobody knows when it joined", "is not known, and is noted", ROTATION_SET_BUNDLE,
     .bundle = BIT(OLD) | BIT(NEW), NOBODYS,
     .facts = {WELL, .previous = OLD, LEAF(.signers = BIT(OLD)),
               BUNDLE(BIT(OLD) | BIT(NEW), ROTATION_TIME_UNKNOWN)}},
    {"it joins tomorrow", "is not known, and is noted", ROTATION_SET_BUNDLE, .bundle = BIT(OLD) | BIT(NEW),
     NOBODYS,
     .facts = {WELL, .previous = OLD, LEAF(.signers = BIT(OLD)), BUNDLE(BIT(OLD) | BIT(NEW), NOW + DAY)}},
    {"everybody knows it", "the new authority signs", ROTATION_ISSUE_LEAF, .is_rotation = true, .signer = NEW,
     .previous = ROTATION_NOBODY,
     .facts = {WELL, .previous = OLD, LEAF(.signers = BIT(OLD)), BUNDLE(BIT(OLD) | BIT(NEW), NOW - DELAY)}},
    {"one webhook of two trusts it", "joins the bundle", ROTATION_SET_BUNDLE, .is_rotation = true,
     .bundle = BIT(OLD) | BIT(NEW), NOBODYS,
     .facts = {WELL, .previous = OLD, LEAF(.signers = BIT(OLD)),
               BUNDLE_WITH(BIT(OLD), NOW - DAY, .any = BIT(OLD) | BIT(NEW))}},
    {"it has just signed", "every replica", ROTATION_WAIT, NOBODYS,
     .facts = {WELL, .previous = OLD, LEAF(.changed_at_seconds = NOW - 1),
               BUNDLE(BIT(OLD) | BIT(NEW), NOW - DAY)}},
    {"nobody knows when it signed", "is not known, and is noted", ROTATION_NOTE_LEAF, NOBODYS,
     .facts = {WELL, LEAF(.changed_at_seconds = ROTATION_TIME_UNKNOWN),
               BUNDLE(BIT(OLD) | BIT(NEW), NOW - DAY)}},
    {"every replica has the new leaf", "leaves", ROTATION_SET_BUNDLE, .is_rotation = true, .bundle = BIT(NEW),
     NOBODYS, .facts = {WELL, .previous = OLD, LEAF(), BUNDLE(BIT(OLD) | BIT(NEW), NOW - DAY)}},
    {"the old one has left", "nothing needs", ROTATION_FORGET_AUTHORITY, NOBODYS,
     .facts = {WELL, .previous = OLD, LEAF(), BUNDLE(BIT(NEW), NOW)}},
    {"a stranger is in the bundle", "leaves", ROTATION_SET_BUNDLE, .is_rotation = true, .bundle = BIT(NEW),
     NOBODYS, .facts = {WELL, LEAF(), BUNDLE(BIT(NEW) | BIT(STRANGER), NOW)}},
    {"junk is in the bundle", "leaves", ROTATION_SET_BUNDLE, .is_rotation = true, .bundle = BIT(NEW), NOBODYS,
     .facts = {WELL, LEAF(), BUNDLE_WITH(BIT(NEW), NOW, .has_junk = true)}},
    {"an emptied bundle", "the bundle is empty", ROTATION_SET_BUNDLE, .is_urgent = true, .bundle = BIT(NEW),
     NOBODYS, .facts = {WELL, LEAF(), BUNDLE(0, NOW - DAY)}},
    {"an emptied bundle after a change of leaf", "the bundle is empty", ROTATION_SET_BUNDLE,
     .is_urgent = true, .bundle = BIT(OLD) | BIT(NEW), NOBODYS,
     .facts = {WELL, .previous = OLD, LEAF(.changed_at_seconds = NOW - 1), BUNDLE(0, NOW - DAY)}},
    {"a bundle without whom it needs", "lacks an authority", ROTATION_SET_BUNDLE, .is_urgent = true,
     .bundle = BIT(NEW) | BIT(STRANGER), NOBODYS, .facts = {WELL, LEAF(), BUNDLE(BIT(STRANGER), NOW - DAY)}},
    {"a leaf that is due", "two thirds of the certificate's", ROTATION_ISSUE_LEAF, .is_rotation = true,
     .signer = NEW, .previous = ROTATION_NOBODY,
     .facts = {WELL, LEAF(.from_seconds = NOW - 70 * DAY), BUNDLE(BIT(NEW), NOW)}},
    {"a leaf that expires within the hour", "within the hour", ROTATION_ISSUE_LEAF, .is_urgent = true,
     .signer = NEW, .previous = ROTATION_NOBODY,
     .facts = {WELL, LEAF(.until_seconds = NOW + 3599), BUNDLE(BIT(NEW), NOW)}},
    {"a leaf from the future", "is not valid", ROTATION_ISSUE_LEAF, .is_urgent = true, .signer = NEW,
     .previous = ROTATION_NOBODY, .facts = {WELL, LEAF(.from_seconds = NOW + 1), BUNDLE(BIT(NEW), NOW)}},
    {"a broken leaf", "incomplete or damaged", ROTATION_ISSUE_LEAF, .is_urgent = true, .signer = NEW,
     .previous = ROTATION_NOBODY, .facts = {WELL, LEAF(.presence = ROTATION_BROKEN), BUNDLE(BIT(NEW), NOW)}},
    {"a leaf for another Service", "does not name the Service", ROTATION_ISSUE_LEAF, .is_urgent = true,
     .signer = NEW, .previous = ROTATION_NOBODY,
     .facts = {WELL, LEAF(.is_for_service = false), BUNDLE(BIT(NEW), NOW)}},
    {"a leaf that nobody signed", "who signed", ROTATION_ISSUE_LEAF, .is_urgent = true, .signer = NEW,
     .previous = ROTATION_NOBODY, .facts = {WELL, LEAF(.signers = 0), BUNDLE(BIT(NEW), NOW)}},
    {"no leaf while an authority joins", "no certificate", ROTATION_ISSUE_LEAF, .is_urgent = true,
     .signer = OLD, .previous = ROTATION_NOBODY,
     .facts = {WELL, .previous = OLD, NO_LEAF, BUNDLE(BIT(OLD) | BIT(NEW), NOW - 1)}},
    {"no leaf after it joined", "no certificate", ROTATION_ISSUE_LEAF, .is_urgent = true, .signer = NEW,
     .previous = ROTATION_NOBODY,
     .facts = {WELL, .previous = OLD, NO_LEAF, BUNDLE(BIT(OLD) | BIT(NEW), NOW - DELAY)}},
    {"no leaf, and the old one has no key", "no certificate", ROTATION_ISSUE_LEAF, .is_urgent = true,
     .signer = NEW, .previous = ROTATION_NOBODY,
     .facts = {WELL, .previous = STRANGER, NO_LEAF, BUNDLE(BIT(STRANGER) | BIT(NEW), NOW - 1)}},
    {"an authority that is due", "two thirds of the authority's", ROTATION_MAKE_AUTHORITY,
     .signer = ROTATION_NOBODY, .previous = OLD,
     .facts = {WELL, .current = OLD, LEAF(.signers = BIT(OLD)), BUNDLE(BIT(OLD), NOW - DAY)}},
};

static void decides(void **state)
{
    const struct state_row *row = *state;
    struct rotation_plan plan = rotation_decide(&row->facts);

    assert_string_equal(rotation_step_word(plan.step), rotation_step_word(row->step));
    if (strstr(plan.reason, row->reason) == NULL)
        fail_msg("'%s' does not say '%s'", plan.reason, row->reason);
    assert_int_equal(plan.is_rotation, row->is_rotation);
    assert_int_equal(plan.is_urgent, row->is_urgent);
    assert_int_equal(plan.bundle, row->bundle);
    assert_int_equal(plan.signer, row->signer);
    assert_int_equal(plan.previous, row->previous);
}

static void says_when_the_next_step_is_due(void **state)
{
    struct rotation_facts facts = {WELL, LEAF(), BUNDLE(BIT(NEW), NOW - DAY)};

    (void)state;
    assert_int_equal(rotation_decide(&facts).until_seconds, NOW + 19 * DAY);
    facts.previous = OLD;
    facts.bundle.all = BIT(OLD) | BIT(NEW);
    facts.bundle.any = facts.bundle.all;
    facts.leaf.changed_at_seconds = NOW - 1;
    assert_int_equal(rotation_decide(&facts).until_seconds, NOW - 1 + DELAY);
    facts.leaf.signers = BIT(OLD);
    facts.bundle.changed_at_seconds = NOW - 2;
    assert_int_equal(rotation_decide(&facts).until_seconds, NOW - 2 + DELAY);
}

static const struct check_test tests[] = {
    CHECK_TEST(says_when_the_next_step_is_due),
};

int main(void)
{
    return CHECK_ROWS("rotation_decide", rows, decides) | CHECK_TESTS("rotation_decide", tests);
}
