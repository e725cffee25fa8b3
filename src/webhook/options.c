/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "core/config_values.h"
#include "options_table.h"

#include <stdio.h>

enum {
    NAME_SIZE = 64, /* an option's name and its argument's, for --help */
};

/* The member that an option fills. */
static void *member(struct options *options, const struct option *option)
{
    return (char *)options + option->offset;
}

static void set_string(struct options *options, const struct option *option, const char *value)
{
    memcpy(member(options, option), &value, sizeof(value));
}

static void set_flag(struct options *options, const struct option *option)
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

static bool set_number(struct options *options, const struct option *option, const char *value,
                       struct error *err)
{
    uint64_t number;
    unsigned narrow;

    if (!text_parse_unsigned(text_of(value), option->limit, &number))
        return error_set(err, ERROR_INPUT, "--%s %.80s: write a whole number from 0 to %u", option->name,
                         value, option->limit);
    narrow = (unsigned)number;
    memcpy(member(options, option), &narrow, sizeof(narrow));
    return true;
}

static bool set_path(struct options *options, const struct option *option, const char *value,
                     struct error *err)
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
static bool set_namespace(struct options *options, const struct option *option, const char *value,
                          struct error *err)
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
static bool set_object(struct options *options, const struct option *option, const char *value,
                       struct error *err)
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

static bool set_mode(struct options *options, const struct option *option, const char *value,
                     struct error *err)
{
    if (options->mode != MODE_SERVE && options->mode != option->mode)
        return error_set(err, ERROR_INPUT, "--%s does not go with another of the things to do", option->name);
    options->mode = option->mode;
    if (option->argument != NULL)
        set_string(options, option, value);
    return true;
}

static bool set_value(struct options *options, const struct option *option, const char *value,
                      struct error *err)
{
    switch (option->kind) {
    case OPTION_MODE:
        return set_mode(options, option, value, err);
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
        if (!is_one_of(option->accepted, value))
            return error_set(err, ERROR_INPUT, "--%s %.80s: write one of %s", option->name, value,
                             option->accepted);
        break;
    case OPTION_STRING:
        break;
    }
    set_string(options, option, value);
    return true;
}

static const struct option *option_find(struct text name)
{
    for (size_t i = 0; i < option_count; i++) {
        if (text_is_string(name, option_table[i].name))
            return &option_table[i];
    }
    return NULL;
}

static const struct option *option_find_letter(char letter)
{
    for (size_t i = 0; i < option_count; i++) {
        if (option_table[i].letter == letter)
            return &option_table[i];
    }
    return NULL;
}

/* An argument taken apart: "--name", "--name=value", "-x", "-xvalue". */
struct word {
    const struct option *option;
    const char *value; /* NULL: in the next argument, if it needs one */
};

static bool word_parse(const char *argument, struct word *ret_word, struct error *err)
{
    struct word word = {.option = option_table};

    if (argument[0] != '-' || argument[1] == '\0') {
        return error_set(err, ERROR_INPUT,
                         "'%.80s' stands alone: write --print-patch %.80s to patch a file, or see --help",
                         argument, argument);
    }
    if (argument[1] == '-') {
        struct text name = {.at = argument + 2, .length = strcspn(argument + 2, "=")};

        word.option = option_find(name);
        word.value = name.at[name.length] == '=' ? name.at + name.length + 1 : NULL;
    } else {
        word.option = option_find_letter(argument[1]);
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
    if (word->value != NULL && word->value[0] != '\0')
        return true;
    (void)error_set(err, ERROR_INPUT, "--%s needs a value: --%s %s", option->name, option->name,
                    option->argument);
    return false; /* said so, for clang-tidy */
}

static bool defaults_set(struct options *options, struct error *err)
{
    for (size_t i = 0; i < option_count; i++) {
        if (option_table[i].standard != NULL &&
            !set_value(options, &option_table[i], option_table[i].standard, err))
            return false;
    }
    return true;
}

static const char *mode_name(enum mode mode)
{
    for (size_t i = 0; i < option_count; i++) {
        if (option_table[i].kind == OPTION_MODE && option_table[i].mode == mode)
            return option_table[i].name;
    }
    return NULL;
}

static bool can_serve(const struct options *options, struct error *err)
{
    if (options->tls_cert == NULL || options->tls_key == NULL) {
        return error_set(err, ERROR_INPUT,
                         "serving needs --tls-cert FILE and --tls-key FILE; `make certs` makes a pair to try "
                         "with (certs/dev/tls.crt, certs/dev/tls.key)");
    }
    if (options->watches_nodes && options->nodes != NULL)
        return error_set(err, ERROR_INPUT,
                         "--nodes and --watch-nodes both say which nodes there are: keep one");
    if (!options->watches_nodes && (options->kubeconfig != NULL || options->context != NULL)) {
        return error_set(err, ERROR_INPUT,
                         "--%s says which cluster to ask: add --watch-nodes, or leave it out",
                         options->kubeconfig != NULL ? "kubeconfig" : "context");
    }
    return true;
}

/* The first of the modes that an option goes with. */
static const struct option *mode_of(const struct option *option)
{
    const struct option *mode = option_table;

    while (mode->kind != OPTION_MODE || (option->modes & OPTION_FOR(mode->mode)) == 0)
        mode++;
    return mode;
}

/* A leaf lives within its authority's life, also when that is two thirds over. */
static bool can_manage(const struct options *options, struct error *err)
{
    if (options->leaf_days == 0)
        return error_set(err, ERROR_INPUT, "--leaf-days 0: write at least 1");
    if (options->leaf_days > options->ca_days / 2)
        return error_set(err, ERROR_INPUT, "--leaf-days %u: write at most half of --ca-days, which is %u",
                         options->leaf_days, options->ca_days);
    return true;
}

static bool do_they_go_together(const struct options *options, const bool *given, struct error *err)
{
    const char *mode = mode_name(options->mode);

    for (size_t i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];

        if (!given[i] || option->kind == OPTION_MODE || (option->modes & OPTION_FOR(options->mode)) != 0)
            continue;
        if (mode != NULL)
            return error_set(err, ERROR_INPUT, "--%s does not go with --%s", option->name, mode);
        return error_set(err, ERROR_INPUT, "--%s goes with --%s%s%s only", option->name,
                         mode_of(option)->name, mode_of(option)->argument != NULL ? " " : "",
                         mode_of(option)->argument != NULL ? mode_of(option)->argument : "");
    }
    if (options->mode == MODE_MANAGE_CERTS)
        return can_manage(options, err);
    return options->mode != MODE_SERVE || can_serve(options, err);
}

bool options_parse(int count, char *const *arguments, struct options *ret_options, struct error *err)
{
    struct options options = {0};
    bool given[OPTIONS_LIMIT] = {false};
    int at = 1;

    if (!defaults_set(&options, err))
        return false;
    while (at < count) {
        struct word word = {.option = option_table};

        if (!word_parse(arguments[at++], &word, err) || !word_complete(&word, arguments, &at, err) ||
            !set_value(&options, word.option, word.value, err))
            return false;
        given[word.option - option_table] = true;
    }
    /* Who asks for help gets it, whatever else is there. */
    if (options.mode != MODE_HELP && !do_they_go_together(&options, given, err))
        return false;
    *ret_options = options;
    return true;
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

void options_help(struct buffer *buffer)
{
    buffer_add_string(buffer, "efa-webhook: patches pods so that they ask for what an AWS EFA node offers\n"
                              "\n"
                              "  efa-webhook --print-patch job.yaml\n"
                              "  efa-webhook --tls-cert tls.crt --tls-key tls.key\n");
    for (size_t i = 0; i < option_count; i++) {
        if (option_table[i].group != NULL) {
            buffer_add_char(buffer, '\n');
            buffer_add_string(buffer, option_table[i].group);
            buffer_add_string(buffer, ":\n");
        }
        help_option(buffer, &option_table[i]);
    }
    buffer_add_string(
        buffer, "\nExit: 0 done, 1 this machine failed, 2 bad input, 3 a pod is denied, or the API server\n"
                "refused or is away.\n");
}
