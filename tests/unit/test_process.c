/* SPDX-License-Identifier: Apache-2.0 */
#include "io/process.h"

#include "io/clock.h"
#include "support/check.h"

#include <signal.h>
#include <sys/wait.h>

static const char *const no_variables[] = {NULL};

static struct process process_of(const char *const *arguments)
{
    return (struct process){.arguments = arguments,
                            .variables = no_variables,
                            .limit_bytes = 1000,
                            .until_ms = clock_ms() + 20000};
}

static void runs_a_program_to_its_end(void **state)
{
    static const char *const arguments[] = {"sh", "-c", "echo out; echo err >&2; exit 7", NULL};
    struct process process = process_of(arguments);
    AUTO(process_end_release) struct process_end end = {0};
    struct error err = {0};

    (void)state;
    assert_true(process_run(&process, &end, &err));
    check_text(buffer_text(&end.output), "out\n");
    check_text(text_of(end.said), "err\n");
    assert_int_equal(WEXITSTATUS(end.status), 7);
}

static void gives_default_signals_to_a_program(void **state)
{
    static const char *const arguments[] = {"sh", "-c", "kill -TERM $$; sleep 0.1; echo lived", NULL};
    struct process process = process_of(arguments);
    AUTO(process_end_release) struct process_end end = {0};
    struct error err = {0};
    sigset_t blocked;
    sigset_t before;

    (void)state;
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGTERM);
    assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
    assert_true(process_run(&process, &end, &err));
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
    assert_true(WIFSIGNALED(end.status));
    assert_int_equal(WTERMSIG(end.status), SIGTERM);
}

static void ends_a_program_that_prints_too_much_or_takes_too_long(void **state)
{
    static const char *const yes[] = {"yes", NULL};
    static const char *const sleeps[] = {"sleep", "60", NULL};
    struct process loud = process_of(yes);
    struct process slow = process_of(sleeps);
    AUTO(process_end_release) struct process_end loud_end = {0};
    AUTO(process_end_release) struct process_end slow_end = {0};
    struct error err = {0};

    (void)state;
    assert_false(process_run(&loud, &loud_end, &err));
    assert_non_null(strstr(err.text, "prints more than 1000 bytes"));
    slow.until_ms = clock_ms() + 100;
    assert_false(process_run(&slow, &slow_end, &err));
    assert_non_null(strstr(err.text, "was killed"));
    assert_true(WIFSIGNALED(slow_end.status));
}

static void says_that_a_program_is_not_there(void **state)
{
    static const char *const arguments[] = {"/nowhere/login", NULL};
    struct process process = process_of(arguments);
    AUTO(process_end_release) struct process_end end = {0};
    struct error err = {0};

    (void)state;
    assert_false(process_run(&process, &end, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    check_text(text_of(err.text), "cannot run /nowhere/login: No such file or directory");
}

static const struct check_test tests[] = {
    CHECK_TEST(runs_a_program_to_its_end),
    CHECK_TEST(gives_default_signals_to_a_program),
    CHECK_TEST(ends_a_program_that_prints_too_much_or_takes_too_long),
    CHECK_TEST(says_that_a_program_is_not_there),
};

int main(void)
{
    return CHECK_TESTS("process", tests);
}
