/* SPDX-License-Identifier: Apache-2.0 */
#include "support/subject.h"

#include "support/check.h"

#include <string.h>

void subject_fixture_init(struct subject_fixture *fixture, const char *pod_json)
{
    static const struct text prefix = TEXT("efa-injector.io");
    struct text bytes = {.length = strlen(pod_json)};
    struct json json;
    struct error err = {0};
    char *body;
    size_t i;

    body = arena_alloc(&fixture->arena, bytes.length + 1);
    assert_non_null(body);
    for (i = 0; i < bytes.length; i++)
        body[i] = (char)(pod_json[i] == '\'' ? '"' : pod_json[i]);
    bytes.at = body;
    json_init(&json, bytes, &fixture->arena);
    pod_read(&json, &fixture->pod);
    if (!json_finish(&json, &err))
        fail_msg("%s in %s", err.text, pod_json);
    fixture->policy.prefix = prefix;
    fixture->policy.default_type = SIZE_MAX;
    fixture->snapshot.policy = &fixture->policy;
    fixture->snapshot.catalogue = &fixture->catalogue;
    subject_fixture_restart(fixture);
}

void subject_fixture_restart(struct subject_fixture *fixture)
{
    fixture->decision = (struct decision){
        .arena = &fixture->arena,
        .is_allowed = true,
        .wants_notes = true,
        .subject =
            {
                .pod = &fixture->pod,
                .annotations = &fixture->annotations,
                .snapshot = &fixture->snapshot,
                .share = 1,
                .share_of = 1,
            },
    };
}

void subject_fixture_release(struct subject_fixture *fixture)
{
    arena_release(&fixture->arena);
}

bool subject_fixture_has_note(const struct subject_fixture *fixture, const char *words)
{
    size_t i;

    for (i = 0; i < fixture->decision.note_count; i++) {
        struct text note = fixture->decision.notes[i];

        if (memmem(note.at, note.length, words, strlen(words)) != NULL)
            return true;
    }
    return false;
}
