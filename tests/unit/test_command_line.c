/* SPDX-License-Identifier: Apache-2.0 */
#include "core/command_line.h"

#include "support/check.h"

#include <string.h>

enum mode {
    MODE_WORK,
    MODE_LOOK,
    MODE_PROBE,
    MODE_HELP,
};

struct options {
    enum mode mode;
    const char *output;
    const char *name;
    const char *file;
    unsigned seconds;
    bool is_loud;
};

static const struct option table[] = {
    {.name = "look", .kind = OPTION_MODE, .mode = MODE_LOOK, .group = "What to do", .help = "look once"},
    {.name = "probe", .kind = OPTION_MODE, .mode = MODE_PROBE, .is_hidden = true, .help = "for ourselves"},
    {.name = "help", .letter = 'h', .kind = OPTION_MODE, .mode = MODE_HELP, .help = "print this"},
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_CHOICE,
     .argument = "FORMAT",
     .standard = "table",
     .accepted = "table|json",
     .offset = offsetof(struct options, output),
     .modes = OPTION_FOR(MODE_LOOK),
     .group = "How",
     .help = "table or json"},
    {.name = "name",
     .kind = OPTION_OBJECT,
     .argument = "NAME",
     .offset = offsetof(struct options, name),
     .modes = OPTION_FOR(MODE_WORK) | OPTION_FOR(MODE_LOOK),
     .help = "who"},
    {.name = "file",
     .kind = OPTION_STRING,
     .argument = "FILE",
     .offset = offsetof(struct options, file),
     .modes = OPTION_FOR(MODE_WORK),
     .may_be_empty = true,
     .help = "which; '' is none"},
    {.name = "seconds",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .standard = "2",
     .least = 1,
     .limit = 60,
     .offset = offsetof(struct options, seconds),
     .modes = OPTION_FOR(MODE_WORK),
     .help = "how long"},
    {.name = "loud",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct options, is_loud),
     .modes = OPTION_FOR(MODE_WORK),
     .help = "speak up"},
};

static bool is_bearable(const void *filled, struct error *err)
{
    const struct options *options = filled;

    return !options->is_loud || options->seconds < 10 ||
           error_set(err, ERROR_INPUT, "--loud for %u seconds: write less than 10", options->seconds);
}

static const struct command_line line = {
    .program = "tool",
    .opening = ": does it\n",
    .ending = "Exit: 0.\n",
    .options = table,
    .option_count = COUNT_OF(table),
    .mode_offset = offsetof(struct options, mode),
    .mode_without = MODE_WORK,
    .mode_help = MODE_HELP,
    .check = is_bearable,
};

enum {
    WORDS_LIMIT = 6
};

static bool parse(const char *const *arguments, struct options *options, struct error *err)
{
    char *words[WORDS_LIMIT + 2] = {(char *)(uintptr_t) "tool"};
    int count = 1;

    while (arguments[count - 1] != NULL) {
        words[count] = (char *)(uintptr_t)arguments[count - 1];
        count++;
    }
    return command_line_parse(&line, count, words, options, err);
}

struct refused_row {
    const char *name;
    const char *arguments[WORDS_LIMIT];
    const char *sentence;
};

static const struct refused_row refused_rows[] = {
    {"a word where no option takes one", {"x.yaml"}, "'x.yaml' stands alone: see --help"},
    {"less than the least", {"--seconds", "0"}, "--seconds 0: write a whole number from 1 to 60"},
    {"more than the limit", {"--seconds=61"}, "--seconds 61: write a whole number from 1 to 60"},
    {"an option of another mode, without one", {"-ojson"}, "--output goes with --look only"},
    {"an option of none, with one", {"--look", "--loud"}, "--loud does not go with --look"},
    {"what the program itself refuses", {"--loud", "--seconds", "10"}, "--loud for 10 seconds: write less"},
    {"an empty name", {"--name", ""}, "--name needs a value: --name NAME"},
    {"a file that is missing", {"--file", "--loud"}, "--file needs a value: --file FILE"},
    {"two modes", {"--look", "--probe"}, "--probe does not go with another of the things to do"},
    {"a name in capitals", {"--name", "Node"}, "--name Node: write at most 253 lower-case letters"},
    {"an option beside a hidden mode", {"--probe", "--name", "a"}, "--name does not go with --probe"},
};

static void refuses(void **state)
{
    const struct refused_row *row = *state;
    struct options options = {.mode = MODE_WORK};
    struct error err = {0};

    assert_false(parse(row->arguments, &options, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    if (strstr(err.text, row->sentence) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, row->sentence);
}

static void fills_the_struct(void **state)
{
    const char *const arguments[] = {"--loud", "--seconds", "3", "--name", "a.b", NULL};
    struct options options = {.mode = MODE_WORK};
    struct error err = {0};

    (void)state;
    assert_true(parse(arguments, &options, &err));
    assert_int_equal(options.mode, MODE_WORK);
    assert_true(options.is_loud);
    assert_int_equal(options.seconds, 3);
    assert_string_equal(options.name, "a.b");
    assert_string_equal(options.output, "table");
}

static void takes_an_empty_value_where_it_may_be_one(void **state)
{
    const char *const apart[] = {"--file", "", NULL};
    const char *const together[] = {"--file=", "--loud", NULL};
    struct options options = {.mode = MODE_WORK};
    struct error err = {0};

    (void)state;
    assert_true(parse(apart, &options, &err));
    assert_string_equal(options.file, "");
    options.file = NULL;
    assert_true(parse(together, &options, &err));
    assert_string_equal(options.file, "");
    assert_true(options.is_loud);
}

static void begins_with_the_defaults(void **state)
{
    const char *const arguments[] = {"--look", NULL};
    struct options options = {.mode = MODE_WORK};
    struct error err = {0};

    (void)state;
    assert_true(parse(arguments, &options, &err));
    assert_int_equal(options.mode, MODE_LOOK);
    assert_string_equal(options.output, "table");
    assert_int_equal(options.seconds, 2);
    assert_false(options.is_loud);
    assert_null(options.name);
}

static void helps_by_the_table(void **state)
{
    static const char wanted[] = "tool: does it\n"
                                 "\n"
                                 "What to do:\n"
                                 "      --look                     look once\n"
                                 "  -h, --help                     print this\n"
                                 "\n"
                                 "How:\n"
                                 "  -o, --output FORMAT            table or json [table]\n"
                                 "      --name NAME                who\n"
                                 "      --file FILE                which; '' is none\n"
                                 "      --seconds N                how long [2]\n"
                                 "      --loud                     speak up\n"
                                 "\n"
                                 "Exit: 0.\n";
    AUTO(buffer_release) struct buffer text = {0};

    (void)state;
    command_line_help(&line, &text);
    buffer_add_char(&text, '\0');
    assert_false(text.failed);
    assert_string_equal(text.at, wanted);
}

static const struct check_test tests[] = {
    CHECK_TEST(fills_the_struct),
    CHECK_TEST(begins_with_the_defaults),
    CHECK_TEST(takes_an_empty_value_where_it_may_be_one),
    CHECK_TEST(helps_by_the_table),
};

int main(void)
{
    return CHECK_ROWS("command_line_parse", refused_rows, refuses) | CHECK_TESTS("command_line", tests);
}
