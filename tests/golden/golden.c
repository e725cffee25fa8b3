/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Golden cases: every folder here that holds an input is one, found when run.
 *
 * CASE='ray-*' chooses; UPDATE=1 rewrites the expectations; REVIEWS=FOLDER writes each case's review there,
 * for the tests of the built programs, and runs nothing. PODS and POD: generated.c.
 */
#include "expectation.h"
#include "generated.h"
#include "properties.h"
#include "support/check.h"

#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *setting(const char *name)
{
    const char *value = getenv(name);

    return value != NULL ? value : "";
}

/* The folder's name is the test's, and what it says the case proves. */
struct golden_row {
    const char *name;
    const char *folder;
};

static bool is_chosen(const char *folder)
{
    const char *pattern = setting("CASE");
    struct stat status;

    return stat(folder, &status) == 0 && S_ISDIR(status.st_mode) &&
           (pattern[0] == '\0' || fnmatch(pattern, strrchr(folder, '/') + 1, 0) == 0);
}

static struct golden_row *find_rows(const glob_t *found, size_t *ret_count)
{
    struct golden_row *rows = calloc(found->gl_pathc + 1, sizeof(*rows));
    size_t i;

    *ret_count = 0;
    for (i = 0; rows != NULL && i < found->gl_pathc; i++) {
        const char *folder = found->gl_pathv[i];

        if (is_chosen(folder))
            rows[(*ret_count)++] = (struct golden_row){.name = strrchr(folder, '/') + 1, .folder = folder};
    }
    return rows;
}

static void check_properties(const struct question *question, const struct answer *answer)
{
    property_deterministic(question, answer);
    if (!answer->is_answered)
        return;
    property_unknown_members(question, answer);
    if (!answer->admission.review.has_pod)
        return;
    property_minimal(question, answer);
    property_valid(question, answer);
    property_idempotent(question, answer);
}

static void holds(void **state)
{
    const struct golden_row *row = *state;
    AUTO(question_release) struct question question = {0};
    AUTO(arena_release) struct arena arena = {0};
    AUTO(answer_release) struct answer answer = {0};
    struct text body;

    question_load(row->folder, &question);
    body = (struct text){.at = question.body, .length = question.body_length};
    answer_ask(&question, body, &arena, &answer);
    expectation_check(&question, &answer, setting("UPDATE")[0] == '1');
    check_properties(&question, &answer);
}

static void write_review(const struct golden_row *row, const char *folder)
{
    AUTO(question_release) struct question question = {0};
    char path[PATH_SIZE];
    FILE *file;

    question_load(row->folder, &question);
    if (snprintf(path, sizeof(path), "%s/%s.json", folder, row->name) >= (int)sizeof(path))
        fail_msg("%s: the path is too long", folder);
    file = fopen(path, "wb");
    if (file == NULL || fwrite(question.body, 1, question.body_length, file) != question.body_length ||
        fclose(file) != 0)
        fail_msg("cannot write %s", path);
}

static int run_cases(const struct golden_row *rows, size_t count)
{
    int status = 0;
    size_t i;

    if (count == 0) {
        (void)fprintf(stderr, "no folder of tests/golden is called %s\n", setting("CASE"));
        return 1;
    }
    if (setting("REVIEWS")[0] != '\0') {
        for (i = 0; i < count; i++)
            write_review(&rows[i], setting("REVIEWS"));
        return 0;
    }
    if (setting("POD")[0] != '\0')
        return run_generated_tests();
    status = check_rows("golden", rows, count, sizeof(*rows), holds);
    if (setting("CASE")[0] == '\0')
        status |= run_whole_answer_tests() | run_generated_tests();
    return status;
}

int main(void)
{
    glob_t found = {0};
    struct golden_row *rows;
    size_t count;
    int status;

    if (glob("tests/golden/*", 0, NULL, &found) != 0) {
        (void)fprintf(stderr, "run at the top of the tree\n");
        return 1;
    }
    rows = find_rows(&found, &count);
    status = run_cases(rows, count);
    free(rows);
    globfree(&found);
    return status;
}
