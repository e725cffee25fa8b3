/* SPDX-License-Identifier: Apache-2.0 */
#include "expectation.h"

#include "support/check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* refusal.txt is a real API server's to say: tests/e2e/test_golden_cases.py */
static const char *const inputs[] = {"pod.yaml",    "pod.json",   "review.json",
                                     "policy.yaml", "nodes.json", "refusal.txt"};

static const char *const kinds[] = {
    [ERROR_NONE] = "none",     [ERROR_INPUT] = "input",   [ERROR_REMOTE] = "remote",
    [ERROR_SYSTEM] = "system", [ERROR_MEMORY] = "memory",
};

static bool is_input(const char *name)
{
    size_t i;

    for (i = 0; i < COUNT_OF(inputs); i++) {
        if (strcmp(name, inputs[i]) == 0)
            return true;
    }
    return false;
}

static void format_patch(const struct answer *answer, struct buffer *text)
{
    AUTO(arena_release) struct arena arena = {0};
    struct patch patch;
    struct error err = {0};

    if (!patch_build(&answer->admission.decision, &arena, &patch, &err))
        fail_msg("%s", err.text);
    patch_format_lines(&patch, text);
}

/* The text that the file of this name should hold; absent where there should be none. */
static void format_expectation(const struct answer *answer, const char *name, struct buffer *text)
{
    bool is_allowed = answer->admission.decision.is_allowed;

    if (strcmp(name, "error.txt") == 0 && !answer->is_answered) {
        buffer_add_string(text, kinds[answer->err.kind]);
        buffer_add_string(text, ": ");
        buffer_add_string(text, answer->err.text);
        buffer_add_char(text, '\n');
    } else if (strcmp(name, "answer.json") == 0 && answer->is_answered) {
        buffer_add(text, buffer_text(&answer->admission.response));
        buffer_add_char(text, '\n');
    } else if (strcmp(name, "patch.json") == 0 && answer->is_answered && is_allowed) {
        format_patch(answer, text);
    }
    assert_false(text->failed);
}

static void write_file(const char *path, struct text text)
{
    FILE *file;

    if (text.length == 0) {
        (void)unlink(path);
        return;
    }
    file = fopen(path, "wb");
    if (file == NULL || fwrite(text.at, 1, text.length, file) != text.length || fclose(file) != 0)
        fail_msg("cannot write %s", path);
}

/* The bytes around the first difference; a whole answer would not fit cmocka's line. */
static struct text window(struct text text, size_t at)
{
    size_t begin = at > 60 ? at - 60 : 0;
    size_t length = text.length - begin;

    return (struct text){.at = text.at + begin, .length = length < 180 ? length : 180};
}

static void compare(const char *path, struct text expected, struct text got)
{
    size_t at = 0;

    if (expected.length == 0 && got.length > 0)
        fail_msg("%s is missing: read what this case comes to, then make golden UPDATE=1. It says: %.*s",
                 path, TEXT_ARGS(got));
    if (expected.length > 0 && got.length == 0)
        fail_msg("%s should not be there, for this case has another outcome: make golden UPDATE=1", path);
    while (at < expected.length && at < got.length && expected.at[at] == got.at[at])
        at++;
    if (at < expected.length || at < got.length) {
        fail_msg("%s differs at byte %zu; where that is right: make golden UPDATE=1\n  expected: %.*s\n  "
                 "got: %.*s",
                 path, at, TEXT_ARGS(window(expected, at)), TEXT_ARGS(window(got, at)));
    }
}

static void check_expectation(const struct question *question, const struct answer *answer, const char *name,
                              bool updates)
{
    AUTO(buffer_release) struct buffer got = {0};
    char path[PATH_SIZE];
    size_t length = 0;
    char *expected = question_has(question, name, path) ? check_load(path, &length) : NULL;

    format_expectation(answer, name, &got);
    if (updates)
        write_file(path, buffer_text(&got));
    else
        compare(path, (struct text){.at = expected, .length = length}, buffer_text(&got));
    free(expected);
}

/* A file that nothing reads is stale, or misspelt and silently not what its author believes. */
static void check_folder(const struct question *question)
{
    DIR *folder = opendir(question->folder);
    const struct dirent *entry;

    if (folder == NULL)
        fail_msg("cannot read %s", question->folder);
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        const char *name = entry->d_name;

        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !is_input(name) &&
            strcmp(name, "patch.json") != 0 && strcmp(name, "answer.json") != 0 &&
            strcmp(name, "error.txt") != 0)
            fail_msg("%s/%s is no file of a golden case: stale, or misspelt", question->folder, name);
    }
    if (folder != NULL)
        (void)closedir(folder);
}

void expectation_check(const struct question *question, const struct answer *answer, bool updates)
{
    check_folder(question);
    check_expectation(question, answer, "error.txt", updates);
    check_expectation(question, answer, "patch.json", updates);
    check_expectation(question, answer, "answer.json", updates);
}
