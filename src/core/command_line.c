/* SPDX-License-Identifier: Apache-2.0 */
#include "core/command_line.h"

#include "core/config_values.h"

#include <stdio.h>

enum {
    NAME_SIZE = 64, /* an option's name and its argument's, for --help */
};

/* The member that an option fills. */
static void *member(void *options, const struct option *option)
{
    return (char *)options + option->offset;
}

static void set_string(void *options, const struct option *option, const char *value)
{
    memcpy(member(options, option), &value, sizeof(value));
}

static void set_flag(void *options, const struct option *option)
{
    bool yes = true;

    memcpy(member(options, option), &yes, sizeof(yes));
}

static bool is_one_of(const char *choices, const char *value)
{
    struct text rest = text_of(choices);
    struct text choice;

    while (text_split(&rest, '|', &choice)) {
        if (text_is_string(choice, value))
            return true;
    }
    return false;
}

static bool set_number(void *options, const struct option *option, const char *value, struct error *err)
{
    uint64_t number;
    unsigned narrow;

    if (!text_parse_unsigned(text_of(value), option->limit, &number) || number < option->least)
        return error_set(err, ERROR_INPUT, "--%s %.80s: write a whole number from %u to %u", option->name,
                         value, option->least, option->limit);
    narrow = (unsigned)number;
    memcpy(member(options, option), &narrow, sizeof(narrow));
    return true;
}

static bool set_path(void *options, const struct option *option, const char *value, struct error *err)
{
    size_t length = strlen(value);

    if (value[0] != '/' || strcspn(value, "?#% \t\"\\") != length) {
        return error_set(err, ERROR_INPUT,
                         "--%s %.80s: write a path such as /mutate, without ? # %% or spaces", option->name,
                         value);
    }
    set_string(options, option, value);
    return true;
}

/* A DNS label. Source: RFC 1123 in Kubernetes. */
static bool set_namespace(void *options, const struct option *option, const char *value, struct error *err)
{
    if (!value_is_dns_subdomain(text_of(value)) || strchr(value, '.') != NULL) {
        return error_set(err, ERROR_INPUT,
                         "--%s %.80s: write at most 63 lower-case letters, digits and '-', with a letter or "
                         "digit at both ends",
                         option->name, value);
    }
    set_string(options, option, value);
    return true;
}

/* A DNS subdomain. Source: names of objects in Kubernetes. */
static bool set_object(void *options, const struct option *option, const char *value, struct error *err)
{
    if (!value_is_dns_subdomain(text_of(value))) {
        return error_set(
            err, ERROR_INPUT,
            "--%s %.80s: write at most 253 lower-case letters, digits, '-' and '.', with a letter or "
            "digit at both ends",
            option->name, value);
    }
    set_string(options, option, value);
    return true;
}

static unsigned mode_get(const struct command_line *line, const void *options)
{
    unsigned mode;

    memcpy(&mode, (const char *)options + line->mode_offset, sizeof(mode));
    return mode;
}

static bool set_mode(const struct command_line *line, void *options, const struct option *option,
                     const char *value, struct error *err)
{
    unsigned mode = mode_get(line, options);

    if (mode != line->mode_without && mode != option->mode)
        return error_set(err, ERROR_INPUT, "--%s does not go with another of the things to do", option->name);
    memcpy((char *)options + line->mode_offset, &option->mode, sizeof(option->mode));
    if (option->argument != NULL)
        set_string(options, option, value);
    return true;
}

static bool set_choice(void *options, const struct option *option, const char *value, struct error *err)
{
    if (!is_one_of(option->accepted, value))
        return error_set(err, ERROR_INPUT, "--%s %.80s: write one of %s", option->name, value,
                         option->accepted);
    set_string(options, option, value);
    return true;
}

static bool set_value(const struct command_line *line, void *options, const struct option *option,
                      const char *value, struct error *err)
{
    switch (option->kind) {
    case OPTION_MODE:
        return set_mode(line, options, option, value, err);
    case OPTION_FLAG:
        set_flag(options, option);
        return true;
    case OPTION_NUMBER:
        return set_number(options, option, value, err);
    case OPTION_PATH:
        return set_path(options, option, value, err);
    case OPTION_NAMESPACE:
        return set_namespace(options, option, value, err);
    case OPTION_OBJECT:
        return set_object(options, option, value, err);
    case OPTION_CHOICE:
        return set_choice(options, option, value, err);
    case OPTION_STRING:
        break;
    }
    set_string(options, option, value);
    return true;
}

static const struct option *option_find(const struct command_line *line, struct text name)
{
    for (size_t i = 0; i < line->option_count; i++) {
        if (text_is_string(name, line->options[i].name))
            return &line->options[i];
    }
    return NULL;
}

static const struct option *option_find_letter(const struct command_line *line, char letter)
{
    for (size_t i = 0; i < line->option_count; i++) {
        if (line->options[i].letter == letter)
            return &line->options[i];
    }
    return NULL;
}

/* An argument taken apart: "--name", "--name=value", "-x", "-xvalue". */
struct word {
    const struct option *option;
    const char *value; /* NULL: in the next argument, if it needs one */
};

static bool refuse_stray(const struct command_line *line, const char *argument, struct error *err)
{
    if (line->stray == NULL)
        return error_set(err, ERROR_INPUT, "'%.80s' stands alone: see --help", argument);
    return error_set(err, ERROR_INPUT, "'%.80s' stands alone: write --%s %.80s %s, or see --help", argument,
                     line->stray, argument, line->stray_purpose);
}

static bool word_parse(const struct command_line *line, const char *argument, struct word *ret_word,
                       struct error *err)
{
    struct word word = {.option = line->options};

    if (argument[0] != '-' || argument[1] == '\0')
        return refuse_stray(line, argument, err);
    if (argument[1] == '-') {
        struct text name = {.at = argument + 2, .length = strcspn(argument + 2, "=")};

        word.option = option_find(line, name);
        word.value = name.at[name.length] == '=' ? name.at + name.length + 1 : NULL;
    } else {
        word.option = option_find_letter(line, argument[1]);
        word.value = argument[2] != '\0' ? argument + 2 : NULL;
    }
    if (word.option == NULL)
        return error_set(err, ERROR_INPUT, "unknown option %.80s: see --help", argument);
    *ret_word = word;
    return true;
}

/* Find the value, in the word or behind it, and move `at` over it. */
static bool word_complete(struct word *word, char *const *arguments, int *at, struct error *err)
{
    const struct option *option = word->option;
    const char *next = arguments[*at];

    if (option->argument == NULL) {
        if (word->value != NULL)
            return error_set(err, ERROR_INPUT, "--%s takes no value", option->name);
        word->value = "";
        return true;
    }
    if (word->value == NULL && next != NULL && (next[0] != '-' || next[1] == '\0')) {
        word->value = next;
        (*at)++;
    }
    if (word->value != NULL && (word->value[0] != '\0' || option->may_be_empty))
        return true;
    (void)error_set(err, ERROR_INPUT, "--%s needs a value: --%s %s", option->name, option->name,
                    option->argument);
    return false; /* said so, for clang-tidy */
}

static bool defaults_set(const struct command_line *line, void *options, struct error *err)
{
    for (size_t i = 0; i < line->option_count; i++) {
        const struct option *option = &line->options[i];

        if (option->standard != NULL && !set_value(line, options, option, option->standard, err))
            return false;
    }
    return true;
}

/* The option that chooses one of these modes; NULL: none does. */
static const struct option *mode_option(const struct command_line *line, unsigned modes)
{
    for (size_t i = 0; i < line->option_count; i++) {
        const struct option *option = &line->options[i];

        if (option->kind == OPTION_MODE && (modes & OPTION_FOR(option->mode)) != 0)
            return option;
    }
    return NULL;
}

static bool refuse_pair(const struct command_line *line, const struct option *option, unsigned mode,
                        struct error *err)
{
    const struct option *chosen = mode_option(line, OPTION_FOR(mode));
    const struct option *wanted = mode_option(line, option->modes);

    if (chosen != NULL || wanted == NULL)
        return error_set(err, ERROR_INPUT, "--%s does not go with --%s", option->name,
                         chosen != NULL ? chosen->name : line->program);
    return error_set(err, ERROR_INPUT, "--%s goes with --%s%s%s only", option->name, wanted->name,
                     wanted->argument != NULL ? " " : "", wanted->argument != NULL ? wanted->argument : "");
}

static bool do_they_go_together(const struct command_line *line, const void *options, const bool *given,
                                struct error *err)
{
    unsigned mode = mode_get(line, options);

    for (size_t i = 0; i < line->option_count; i++) {
        const struct option *option = &line->options[i];

        if (given[i] && option->kind != OPTION_MODE && (option->modes & OPTION_FOR(mode)) == 0)
            return refuse_pair(line, option, mode, err);
    }
    return line->check == NULL || line->check(options, err);
}

bool command_line_parse(const struct command_line *line, int count, char *const *words, void *options,
                        struct error *err)
{
    bool given[OPTIONS_LIMIT] = {false};
    int at = 1;

    memcpy((char *)options + line->mode_offset, &line->mode_without, sizeof(line->mode_without));
    if (!defaults_set(line, options, err))
        return false;
    while (at < count) {
        struct word word = {.option = line->options};

        if (!word_parse(line, words[at++], &word, err) || !word_complete(&word, words, &at, err) ||
            !set_value(line, options, word.option, word.value, err))
            return false;
        given[word.option - line->options] = true;
    }
    /* Who asks for help gets it, whatever else is there. */
    return mode_get(line, options) == line->mode_help || do_they_go_together(line, options, given, err);
}

static void help_option(struct buffer *buffer, const struct option *option)
{
    char name[NAME_SIZE];
    char line[256];

    (void)snprintf(name, sizeof(name), "--%s %s", option->name,
                   option->argument != NULL ? option->argument : "");
    (void)snprintf(line, sizeof(line), "  %c%c%s %-26s %s", option->letter != '\0' ? '-' : ' ',
                   option->letter != '\0' ? option->letter : ' ', option->letter != '\0' ? "," : " ", name,
                   option->help);
    buffer_add_string(buffer, line);
    if (option->standard != NULL) {
        buffer_add_string(buffer, " [");
        buffer_add_string(buffer, option->standard);
        buffer_add_char(buffer, ']');
    }
    buffer_add_char(buffer, '\n');
}

void command_line_help(const struct command_line *line, struct buffer *buffer)
{
    buffer_add_string(buffer, line->program);
    buffer_add_string(buffer, line->opening);
    for (size_t i = 0; i < line->option_count; i++) {
        const struct option *option = &line->options[i];

        if (option->group != NULL) {
            buffer_add_char(buffer, '\n');
            buffer_add_string(buffer, option->group);
            buffer_add_string(buffer, ":\n");
        }
        if (!option->is_hidden)
            help_option(buffer, option);
    }
    buffer_add_char(buffer, '\n');
    buffer_add_string(buffer, line->ending);
}
