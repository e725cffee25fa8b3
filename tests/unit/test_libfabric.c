/* SPDX-License-Identifier: Apache-2.0 */
/* The probe of libfabric: what it answers, how it may end, and that it never holds up its caller. */
#include "io/libfabric.h"

#include "support/check.h"
#include "support/rdma_case.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST "echo libfabric-probe 1; echo version 1.17.0; "
#define BROKEN "its probe wrote what is no answer"

struct answer_row {
    const char *name;
    const char *script; /* stands for the probe */
    int64_t number;     /* -1: not known */
    const char *why;
};

static const struct answer_row answer_rows[] = {
    {"two devices", FIRST "echo device efa_0; echo device efa_1; echo end 2", 2, NULL},
    {"no device", FIRST "echo end 0", 0, NULL},
    {"a device that sysfs did not show", FIRST "echo device rdmap9s0; echo end 1", 1, NULL},
    {"a library that is not there", "echo libfabric-probe 1; echo error it is not there", -1,
     "it is not there"},
    {"an error after devices", FIRST "echo device efa_0; echo error it broke", -1, "it broke"},
    {"nothing", "true", -1, BROKEN},
    {"something else", "echo Hello", -1, BROKEN},
    {"another version of the answer", "echo libfabric-probe 2; echo end 0", -1, BROKEN},
    {"no end", FIRST "echo device efa_0", -1, BROKEN},
    {"an end in the middle of a line", FIRST "echo device efa_0; printf 'end 1'", -1, BROKEN},
    {"a device more than at the end", FIRST "echo device efa_0; echo end 0", -1, BROKEN},
    {"a device less than at the end", FIRST "echo end 1", -1, BROKEN},
    {"an end that is no number", FIRST "echo end none", -1, BROKEN},
    {"two ends", FIRST "echo end 0; echo end 0", -1, BROKEN},
    {"a device without a name", FIRST "echo 'device '; echo end 1", -1, BROKEN},
    {"a line that nobody knows", FIRST "echo hint; echo end 0", -1, BROKEN},
    {"too much", "yes", -1, "its probe: prints more than 262144 bytes"},
    {"a status", "echo 'out of luck' >&2; echo more >&2; exit 3", -1,
     "its probe ended with status 3: out of luck"},
    {"a status after a whole answer", FIRST "echo end 0; exit 1", -1,
     "its probe ended with status 1: it said nothing"},
    {"a signal", "kill -SEGV $$", -1, "its probe ended by signal 11: it said nothing"},
    {"no end in time", "sleep 60", -1, "fi_getinfo() took longer than 400 ms and was killed"},
    {"one that closes its output and goes on", "exec >&- 2>&-; sleep 60", -1,
     "fi_getinfo() took longer than 400 ms and was killed"},
};

/* A program of one's own in $TMPDIR, with the pid of what it started last in `note`. */
struct script {
    char path[160];
    char note[160];
};

static void script_release(struct script *script)
{
    (void)unlink(script->path);
    (void)unlink(script->note);
}

static void script_init(struct script *script, const char *commands)
{
    const char *folder = getenv("TMPDIR");
    FILE *file;

    folder = folder != NULL ? folder : "/tmp";
    (void)snprintf(script->path, sizeof(script->path), "%s/probe.%d", folder, (int)getpid());
    (void)snprintf(script->note, sizeof(script->note), "%s/note.%d", folder, (int)getpid());
    file = fopen(script->path, "we");
    if (file == NULL)
        fail_msg("cannot write %s", script->path);
    (void)fprintf(file, "#!/bin/sh\n[ \"$*\" = --probe-libfabric ] || exit 99\nNOTE=%s\n%s\n", script->note,
                  commands);
    (void)fclose(file);
    assert_int_equal(chmod(script->path, 0700), 0);
}

static struct rdma_device named_device(const char *name)
{
    return (struct rdma_device){.name = text_of(name), .is_efa = true, .character = CHARACTER_USABLE};
}

static void takes_answer_row(void **state)
{
    const struct answer_row *row = *state;
    AUTO(script_release) struct script script = {.path = ""};
    AUTO(inventory_release) struct inventory inventory = {0};
    struct libfabric_options options = {.program = script.path, .deadline_ms = 20000};
    struct rdma_device devices[] = {named_device("efa_0"), named_device("efa_1"), named_device("efa_2")};
    int descriptors = check_count_descriptors();

    if (row->why != NULL && strstr(row->why, "took longer") != NULL)
        options.deadline_ms = 400;
    script_init(&script, row->script);
    inventory.devices = devices;
    inventory.device_count = COUNT_OF(devices);
    libfabric_read(&options, &inventory);
    assert_int_equal(check_count_descriptors(), descriptors);
    assert_false(inventory.failed);
    check_text(inventory.libfabric.why, row->why);
    assert_int_equal(inventory.libfabric.is_known, row->number >= 0);
    assert_int_equal(inventory.is_libfabric_late,
                     row->why != NULL && strstr(row->why, "took longer") != NULL);
    if (row->number >= 0) {
        assert_int_equal(inventory.libfabric.number, row->number);
        check_text(inventory.libfabric_version, "1.17.0");
    }
    assert_int_equal(devices[0].is_in_libfabric, row->number == 2);
    assert_int_equal(devices[1].is_in_libfabric, row->number == 2);
    assert_false(devices[2].is_in_libfabric);
}

static void says_that_the_probe_is_not_there(void **state)
{
    static const struct libfabric_options options = {.program = "/nowhere/probe"};
    AUTO(inventory_release) struct inventory inventory = {0};

    (void)state;
    libfabric_read(&options, &inventory);
    assert_false(inventory.libfabric.is_known);
    check_text(inventory.libfabric.why, "its probe: cannot run /nowhere/probe: No such file or directory");
}

/* Whether a process is there that is not a zombie. */
static bool lives(long id)
{
    char path[64];
    char text[256] = "";
    const char *after;
    FILE *file;

    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", id);
    file = fopen(path, "re");
    if (file == NULL)
        return false;
    after = fgets(text, sizeof(text), file) != NULL ? strrchr(text, ')') : NULL;
    (void)fclose(file);
    return after != NULL && after[2] != 'Z' && after[2] != 'X';
}

static void kills_what_the_probe_started_too(void **state)
{
    AUTO(script_release) struct script script = {.path = ""};
    AUTO(inventory_release) struct inventory inventory = {0};
    struct libfabric_options options = {.program = script.path, .deadline_ms = 2000};
    char *noted;
    size_t length;
    long id;

    (void)state;
    script_init(&script, "sleep 60 & echo $! >\"$NOTE\"; sleep 60");
    libfabric_read(&options, &inventory);
    assert_false(inventory.libfabric.is_known);
    noted = check_load(script.note, &length);
    id = (long)strtoul(noted, NULL, 10);
    free(noted);
    assert_true(id > 1);
    for (int i = 0; i < 200 && lives(id); i++)
        (void)usleep(10000);
    assert_false(lives(id));
}

/* Opening each of four devices takes 5 s, as where the kernel or udev keeps libibverbs waiting. */
static void keeps_the_deadline_where_devices_are_slow(void **state)
{
    static const struct rdma_case asked = {.node = {.efa = 4}, .delay_ms = "5000", .deadline_ms = 500};
    struct rdma_seen seen;

    (void)state;
    rdma_case_run(&asked, &seen);
    assert_false(seen.libfabric.is_known);
    check_text(text_of(seen.libfabric.why), "fi_getinfo() took longer than 500 ms and was killed");
    assert_true(seen.libfabric_ms >= 500 && seen.libfabric_ms < 4500);
    assert_true(seen.character.is_known && seen.character.number == 4);
    assert_true(seen.verbs.is_known && seen.verbs.number == 4);
}

static void asks_only_where_opening_was_tried(void **state)
{
    AUTO(inventory_release) struct inventory inventory = {0};
    struct libfabric_options options = {.program = "/nowhere/probe"};
    struct rdma_device device = named_device("efa_0");

    (void)state;
    device.character = CHARACTER_UNKNOWN;
    inventory.devices = &device;
    inventory.device_count = 1;
    libfabric_read(&options, &inventory);
    assert_false(inventory.libfabric.is_known);
    check_text(inventory.libfabric.why, "it was not tried whether the file of efa_0 can be opened");
}

static void raises_its_limit_of_open_files(void **state)
{
    static const struct rdma_case asked = {.node = {.efa = 32}, .soft_limit = 40};
    struct rdma_seen seen;

    (void)state;
    rdma_case_run(&asked, &seen);
    assert_true(seen.libfabric.is_known);
    assert_int_equal(seen.libfabric.number, 32);
}

static void says_that_open_files_are_too_few(void **state)
{
    static const struct rdma_case asked = {
        .node = {.efa = 32, .no_counters = true}, .soft_limit = 100, .hard_limit = 100};
    struct rdma_seen seen;

    (void)state;
    rdma_case_run(&asked, &seen);
    assert_false(seen.libfabric.is_known);
    check_text(text_of(seen.libfabric.why),
               "fi_getinfo() needs 128 open files, and RLIMIT_NOFILE allows 100");
}

static void heeds_no_variables_that_are_meant_for_others(void **state)
{
    static const struct rdma_case asked = {.node = {.efa = 2}};
    struct rdma_seen seen;

    (void)state;
    (void)setenv("FI_PROVIDER", "tcp", 1);
    (void)setenv("FI_LOG_LEVEL", "debug", 1);
    rdma_case_run(&asked, &seen);
    (void)unsetenv("FI_PROVIDER");
    (void)unsetenv("FI_LOG_LEVEL");
    assert_true(seen.libfabric.is_known);
    assert_int_equal(seen.libfabric.number, 2);
}

static void says_that_the_library_cannot_be_loaded(void **state)
{
    static const struct rdma_case asked = {.node = {.efa = 1}};
    char folder[160];
    char path[192];
    struct rdma_seen seen;
    FILE *file;

    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/libraries.%d",
                   getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp", (int)getpid());
    (void)snprintf(path, sizeof(path), "%s/libfabric.so.1", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    file = fopen(path, "we");
    assert_non_null(file);
    (void)fclose(file);
    (void)setenv("LD_LIBRARY_PATH", folder, 1);
    rdma_case_run(&asked, &seen);
    (void)unsetenv("LD_LIBRARY_PATH");
    (void)unlink(path);
    (void)rmdir(folder);
    assert_false(seen.libfabric.is_known);
    assert_non_null(strstr(seen.libfabric.why, "the library cannot be loaded: "));
    assert_non_null(strstr(seen.libfabric.why, "file too short"));
    assert_int_equal(seen.libfabric_version[0], '\0');
}

static bool read_with_a_script(void *state, struct error *err)
{
    const struct script *script = state;
    AUTO(inventory_release) struct inventory inventory = {0};
    struct libfabric_options options = {.program = script->path, .deadline_ms = 20000};

    libfabric_read(&options, &inventory);
    return !inventory.failed || error_memory(err);
}

static void says_that_memory_ran_out(void **state)
{
    AUTO(script_release) struct script script = {.path = ""};

    (void)state;
    script_init(&script, FIRST "echo end 0");
    assert_true(check_every_allocation(read_with_a_script, &script) >= 3);
    script_init(&script, "echo out of luck >&2; exit 1");
    assert_true(check_every_allocation(read_with_a_script, &script) >= 3);
}

static const struct check_test tests[] = {
    CHECK_TEST(says_that_the_probe_is_not_there),
    CHECK_TEST(kills_what_the_probe_started_too),
    CHECK_TEST(keeps_the_deadline_where_devices_are_slow),
    CHECK_TEST(asks_only_where_opening_was_tried),
    CHECK_TEST(raises_its_limit_of_open_files),
    CHECK_TEST(says_that_open_files_are_too_few),
    CHECK_TEST(heeds_no_variables_that_are_meant_for_others),
    CHECK_TEST(says_that_the_library_cannot_be_loaded),
    CHECK_TEST(says_that_memory_ran_out),
};

int main(int argc, char **argv)
{
    if (rdma_case_is_probe(argc, argv))
        return libfabric_probe(STDOUT_FILENO);
    return CHECK_ROWS("answers", answer_rows, takes_answer_row) | CHECK_TESTS("libfabric", tests);
}
