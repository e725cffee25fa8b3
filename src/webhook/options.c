/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "core/config_values.h"

#include <stdio.h>

enum kind {
    KIND_MODE,   /* chooses what is done; takes a file where the table names an argument */
    KIND_STRING, /* any text but an empty one */
    KIND_CHOICE, /* one of the words in `accepted` */
    KIND_NUMBER, /* digits, at most `limit` */
    KIND_PATH,   /* of a URL */
    KIND_NAMESPACE,
};

#define FOR(mode) (1u << (mode))

enum {
    FOR_SERVE = FOR(MODE_SERVE),
    FOR_PATCH = FOR(MODE_PRINT_PATCH),
    FOR_CHECK = FOR(MODE_CHECK_CONFIG),
    OPTION_NAME_LIMIT = 32,
};

struct option {
    const char *name;
    char letter;
    enum kind kind;
    const char *argument;
    const char *standard; /* the default, parsed as if it had been given; NULL: none */
    size_t offset;        /* of the member that takes the value */
    unsigned modes;       /* what it goes with */
    enum mode mode;
    unsigned limit;
    const char *accepted;
    const char *group; /* heading that begins here */
    const char *help;
};

#define MEMBER(name) .offset = offsetof(struct options, name)

/* clang-format off */
static const struct option table[] = {
    {.name = "print-patch", .kind = KIND_MODE, .argument = "FILE", .mode = MODE_PRINT_PATCH, MEMBER(manifest),
     .group = "What to do (without one of these: serve)",
     .help = "print what would be patched into the pods of a manifest or review; - is standard input"},
    {.name = "check-config", .kind = KIND_MODE, .mode = MODE_CHECK_CONFIG,
     .help = "check policy and catalogue and print all problems; exit 2 if there are any"},
    {.name = "version", .kind = KIND_MODE, .mode = MODE_VERSION, .help = "print the version"},
    {.name = "help", .letter = 'h', .kind = KIND_MODE, .mode = MODE_HELP, .help = "print this"},

    {.name = "policy", .kind = KIND_STRING, .argument = "FILE", MEMBER(policy),
     .modes = FOR_SERVE | FOR_PATCH | FOR_CHECK, .group = "What to decide by",
     .help = "policy whose keys replace the shipped ones (config/policy.yaml)"},
    {.name = "instance-types", .kind = KIND_STRING, .argument = "FILE", MEMBER(instance_types),
     .modes = FOR_SERVE | FOR_PATCH | FOR_CHECK,
     .help = "catalogue in place of the shipped one (config/instance-types.yaml)"},
    {.name = "nodes", .kind = KIND_STRING, .argument = "FILE", MEMBER(nodes), .modes = FOR_SERVE | FOR_PATCH,
     .help = "the cluster's nodes, as kubectl get nodes -o json prints them"},

    {.name = "output", .letter = 'o', .kind = KIND_CHOICE, .argument = "FORMAT", .standard = "patch",
     MEMBER(output), .modes = FOR_PATCH, .accepted = "patch|yaml|diff|review|explain",
     .group = "With --print-patch",
     .help = "patch, yaml, diff, review or explain"},
    {.name = "namespace", .letter = 'n', .kind = KIND_NAMESPACE, .argument = "NAME", MEMBER(namespace),
     .modes = FOR_PATCH, .help = "namespace of objects that name none"},

    {.name = "tls-cert", .kind = KIND_STRING, .argument = "FILE", MEMBER(tls_cert), .modes = FOR_SERVE,
     .group = "When serving", .help = "certificate with its chain, PEM (needed)"},
    {.name = "tls-key", .kind = KIND_STRING, .argument = "FILE", MEMBER(tls_key), .modes = FOR_SERVE,
     .help = "its private key, PEM (needed)"},
    {.name = "tls-min", .kind = KIND_CHOICE, .argument = "VERSION", .standard = "1.3", MEMBER(tls_min),
     .modes = FOR_SERVE, .accepted = "1.2|1.3", .help = "oldest version of TLS, 1.2 or 1.3"},
    {.name = "listen", .kind = KIND_STRING, .argument = "ADDR:PORT", .standard = "[::]:8443", MEMBER(listen),
     .modes = FOR_SERVE, .help = "where reviews are answered over TLS; port 0 is any free one"},
    {.name = "plain-listen", .kind = KIND_STRING, .argument = "ADDR:PORT", .standard = "[::]:8080",
     MEMBER(plain_listen), .modes = FOR_SERVE, .help = "where /healthz, /readyz and /metrics are answered"},
    {.name = "path", .kind = KIND_PATH, .argument = "PATH", .standard = "/mutate", MEMBER(path),
     .modes = FOR_SERVE, .help = "where reviews are posted to"},
    {.name = "threads", .kind = KIND_NUMBER, .argument = "N", .standard = "0", .limit = 64, MEMBER(threads),
     .modes = FOR_SERVE, .help = "threads for reviews; 0 is one a processor, from 2 to 8"},
    {.name = "drain-delay", .kind = KIND_NUMBER, .argument = "SECONDS", .standard = "5", .limit = 3600,
     MEMBER(drain_delay_seconds), .modes = FOR_SERVE,
     .help = "how long to go on serving, unready, after SIGTERM"},
    {.name = "log-level", .kind = KIND_CHOICE, .argument = "LEVEL", .standard = "info", MEMBER(log_level),
     .modes = FOR_SERVE, .accepted = "error|warn|info|debug", .help = "error, warn, info or debug"},
};
/* clang-format on */

/* The member that an option fills. */
static void *member(struct options *options, const struct option *option)
{
    return (char *)options + option->offset;
}

static void set_string(struct options *options, const struct option *option, const char *value)
{
    memcpy(member(options, option), &value, sizeof(value));
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
    case KIND_MODE:
        return set_mode(options, option, value, err);
    case KIND_NUMBER:
        return set_number(options, option, value, err);
    case KIND_PATH:
        return set_path(options, option, value, err);
    case KIND_NAMESPACE:
        return set_namespace(options, option, value, err);
    case KIND_CHOICE:
        if (!is_one_of(option->accepted, value))
            return error_set(err, ERROR_INPUT, "--%s %.80s: write one of %s", option->name, value,
                             option->accepted);
        break;
    case KIND_STRING:
        break;
    }
    set_string(options, option, value);
    return true;
}

static const struct option *option_find(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (text_is_string(name, table[i].name))
            return &table[i];
    }
    return NULL;
}

static const struct option *option_find_letter(char letter)
{
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (table[i].letter == letter)
            return &table[i];
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
    struct word word = {.option = table};

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

    if (option->argument == NULL)
        return word->value == NULL || error_set(err, ERROR_INPUT, "--%s takes no value", option->name);
    if (word->value == NULL && next != NULL && (next[0] != '-' || next[1] == '\0')) {
        word->value = next;
        (*at)++;
    }
    if (word->value == NULL || word->value[0] == '\0')
        return error_set(err, ERROR_INPUT, "--%s needs a value: --%s %s", option->name, option->name,
                         option->argument);
    return true;
}

static bool defaults_set(struct options *options, struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (table[i].standard != NULL && !set_value(options, &table[i], table[i].standard, err))
            return false;
    }
    return true;
}

static const char *mode_name(enum mode mode)
{
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (table[i].kind == KIND_MODE && table[i].mode == mode)
            return table[i].name;
    }
    return NULL;
}

static bool do_they_go_together(const struct options *options, const bool *given, struct error *err)
{
    const char *mode = mode_name(options->mode);

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const struct option *option = &table[i];

        if (!given[i] || option->kind == KIND_MODE || (option->modes & FOR(options->mode)) != 0)
            continue;
        if (mode != NULL)
            return error_set(err, ERROR_INPUT, "--%s does not go with --%s", option->name, mode);
        return error_set(err, ERROR_INPUT, "--%s goes with --print-patch FILE only", option->name);
    }
    if (options->mode == MODE_SERVE && (options->tls_cert == NULL || options->tls_key == NULL)) {
        return error_set(err, ERROR_INPUT,
                         "serving needs --tls-cert FILE and --tls-key FILE; `make certs` makes a pair to try "
                         "with (certs/dev/tls.crt, certs/dev/tls.key)");
    }
    return true;
}

bool options_parse(int count, char *const *arguments, struct options *ret_options, struct error *err)
{
    struct options options = {0};
    bool given[COUNT_OF(table)] = {false};
    int at = 1;

    if (!defaults_set(&options, err))
        return false;
    while (at < count) {
        struct word word = {.option = table};

        if (!word_parse(arguments[at++], &word, err) || !word_complete(&word, arguments, &at, err) ||
            !set_value(&options, word.option, word.value, err))
            return false;
        given[word.option - table] = true;
    }
    /* Who asks for help gets it, whatever else is there. */
    if (options.mode != MODE_HELP && !do_they_go_together(&options, given, err))
        return false;
    *ret_options = options;
    return true;
}

static void help_option(struct buffer *buffer, const struct option *option)
{
    char name[OPTION_NAME_LIMIT * 2];
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
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (table[i].group != NULL) {
            buffer_add_char(buffer, '\n');
            buffer_add_string(buffer, table[i].group);
            buffer_add_string(buffer, ":\n");
        }
        help_option(buffer, &table[i]);
    }
    buffer_add_string(buffer, "\nExit: 0 done, 1 this machine failed, 2 bad input, 3 a pod is denied.\n");
}
