/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct line_row {
    const char *name;
    const char *words;
    const char *warning;
} rows[] = {
    {"short", "set memory", "set memory"},
    {"120 characters", HUNDRED TEN TEN, HUNDRED TEN TEN},
    {"121 characters", HUNDRED TEN TEN "x", HUNDRED TEN TEN},
    {"120 of two bytes each end whole", HUNDRED TEN "012345678\xc3\xa9\xc3\xa9",
     HUNDRED TEN "012345678\xc3\xa9"},
    {"the 120th has four bytes", HUNDRED TEN "012345678\xf0\x9f\x98\x80z",
     HUNDRED TEN "012345678\xf0\x9f\x98\x80"},
    {"newline, tab, DEL", "a\nb\tc\x7f!", "a b c !"},
    {"C1 control characters", "a\xc2\x85z\xc2\x9fy", "a  z  y"},
    {"not what follows them", "\xc2\xa0\xc2\xbf", "\xc2\xa0\xc2\xbf"},
    {"line and paragraph separator", "a\xe2\x80\xa8z\xe2\x80\xa9", "a   z   "},
    {"not their neighbours", "\xe2\x80\xa7\xe2\x80\xaa\xe2\x81\xa8", "\xe2\x80\xa7\xe2\x80\xaa\xe2\x81\xa8"},
    {"nothing", "", ""},
};

static void warns_in_one_short_line(void **state)
{
    const struct line_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    subject_fixture_init(&fixture, "{}");
    decision_warn(&fixture.decision, WARNING_ENV_FROM, "%s", row->words);
    assert_int_equal(fixture.decision.warning_count, 1);
    check_text(fixture.decision.warnings[0].text, row->warning);
}

static void is_cut_whole_where_the_room_ends(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct text text;
    char words[1800];
    size_t i;

    (void)state;
    for (i = 0; i + 3 <= sizeof(words); i += 3)
        memcpy(words + i, "\xe2\x82\xac", 3);
    words[sizeof(words) - 3] = '\0';
    subject_fixture_init(&fixture, "{}");
    decision_warn(&fixture.decision, WARNING_ENV_FROM, "%s", words);
    assert_int_equal(fixture.decision.warnings[0].text.length, 360);
    decision_deny(&fixture.decision, REASON_BAD_POD, "%s", words);
    text = fixture.decision.message;
    assert_int_equal(text.length % 3, 0);
    assert_in_range(text.length, 1000, 1023);
}

static void warns_once_of_the_same(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, "{}");
    decision_warn(&fixture.decision, WARNING_ENV_FROM, "a");
    decision_warn(&fixture.decision, WARNING_ENV_FROM, "a");
    assert_int_equal(fixture.decision.warning_count, 1);
    decision_warn(&fixture.decision, WARNING_ENV_FROM, "b");
    decision_warn(&fixture.decision, WARNING_NO_GROUP, "a");
    assert_int_equal(fixture.decision.warning_count, 3);
    assert_true(decision_has_warning(&fixture.decision, WARNING_NO_GROUP));
    assert_false(decision_has_warning(&fixture.decision, WARNING_NO_HUGEPAGES));
}

static void keeps_at_most_32_warnings(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    unsigned i;

    (void)state;
    subject_fixture_init(&fixture, "{}");
    for (i = 0; i < 40; i++)
        decision_warn(&fixture.decision, WARNING_ENV_FROM, "%u", i);
    assert_int_equal(fixture.decision.warning_count, 32);
    check_text(fixture.decision.warnings[31].text, "31");
    assert_false(fixture.decision.failed);
}

static void denies_with_a_sentence(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, "{}");
    decision_deny(&fixture.decision, REASON_IMPOSSIBLE, "no %s\nat all", "way");
    assert_false(fixture.decision.is_allowed);
    assert_int_equal(fixture.decision.reason, REASON_IMPOSSIBLE);
    check_text(fixture.decision.message, "no way at all");
}

static void keeps_notes_for_who_wants_them(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    unsigned i;

    (void)state;
    subject_fixture_init(&fixture, "{}");
    for (i = 0; i < 5; i++)
        decision_note(&fixture.decision, "note %u", i);
    assert_int_equal(fixture.decision.note_count, 5);
    check_text(fixture.decision.notes[4], "note 4");
    subject_fixture_restart(&fixture);
    fixture.decision.wants_notes = false;
    decision_note(&fixture.decision, "not kept");
    assert_int_equal(fixture.decision.note_count, 0);
}

static void writes_amounts(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, "{}");
    check_text(decision_number(&fixture.decision, 0), "0");
    check_text(decision_number(&fixture.decision, UINT64_MAX), "18446744073709551615");
    check_text(decision_mebibytes(&fixture.decision, (uint64_t)5120 << 20), "5120Mi");
}

static void has_a_word_for_every_reason_and_warning(void **state)
{
    int i;

    (void)state;
    for (i = 0; i < REASON_COUNT; i++) {
        assert_true(reason_label((enum reason)i).length > 0);
        assert_true(reason_sentence((enum reason)i).length > 0);
    }
    for (i = 0; i < WARNING_COUNT; i++) {
        assert_true(warning_id((enum warning)i).length > 0);
        assert_true(warning_about((enum warning)i).length > 0);
    }
    check_text(reason_label(REASON_NOT_A_POD), "not-a-pod");
    check_text(reason_sentence(REASON_OPTED_OUT), "the pod says inject: \"false\"");
    check_text(warning_id(WARNING_ZONE_IMPOSSIBLE), "zone-impossible");
    check_text(warning_about(WARNING_SHM_NONE), "no room for a useful /dev/shm");
    check_text(reason_label(REASON_COUNT), NULL);
    check_text(reason_sentence(REASON_COUNT), NULL);
    check_text(warning_id(WARNING_COUNT), NULL);
    check_text(warning_about(WARNING_COUNT), NULL);
}

/* Each addition, alone, with no memory left. */
static void warn(struct decision *decision)
{
    decision_warn(decision, WARNING_ENV_FROM, "a");
}

static void note(struct decision *decision)
{
    decision_note(decision, "a");
}

static void deny(struct decision *decision)
{
    decision_deny(decision, REASON_BAD_POD, "a");
}

static void add_node_selector(struct decision *decision)
{
    decision_add_node_selector(decision, text_of("a"), text_of("b"));
}

static void add_volume(struct decision *decision)
{
    decision_add_volume(decision, (struct new_volume){.name = text_of("a")});
}

static void number(struct decision *decision)
{
    check_text(decision_number(decision, 1), NULL);
}

static void mebibytes(struct decision *decision)
{
    check_text(decision_mebibytes(decision, 1), NULL);
}

static const struct memory_row {
    const char *name;
    void (*add)(struct decision *decision);
} memory_rows[] = {
    {"warning", warn},        {"note", note},
    {"denial", deny},         {"node selector", add_node_selector},
    {"volume", add_volume},   {"number", number},
    {"mebibytes", mebibytes},
};

static void remembers_that_memory_ran_out(void **state)
{
    const struct memory_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct decision *decision = &fixture.decision;

    subject_fixture_init(&fixture, "{}");
    fixture.arena.limit_bytes = fixture.arena.used_bytes;
    row->add(decision);
    assert_true(decision->failed);
    row->add(decision); /* and again: nothing is counted that is not there */
    assert_int_equal(decision->warning_count + decision->note_count + decision->node_selector_count, 0);
    assert_int_equal(decision->volume_count, 0);
}

static const struct check_test tests[] = {
    CHECK_TEST(is_cut_whole_where_the_room_ends),
    CHECK_TEST(warns_once_of_the_same),
    CHECK_TEST(keeps_at_most_32_warnings),
    CHECK_TEST(denies_with_a_sentence),
    CHECK_TEST(keeps_notes_for_who_wants_them),
    CHECK_TEST(writes_amounts),
    CHECK_TEST(has_a_word_for_every_reason_and_warning),
};

int main(void)
{
    return CHECK_ROWS("decision_warn", rows, warns_in_one_short_line) |
           CHECK_ROWS("without memory", memory_rows, remembers_that_memory_ran_out) |
           CHECK_TESTS("decision", tests);
}
