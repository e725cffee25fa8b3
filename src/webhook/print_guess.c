/* SPDX-License-Identifier: Apache-2.0 */
#include "print_guess.h"

static bool contains(struct text line, const char *part)
{
    return line.length > 0 && memmem(line.at, line.length, part, strlen(part)) != NULL;
}

static bool is_helm(struct text line)
{
    return contains(line, "{{") && (contains(line, ".Values") || contains(line, ".Release") ||
                                    contains(line, "include ") || contains(line, "{{-"));
}

static bool is_jinja(struct text line)
{
    return contains(line, "{%") || contains(line, "{{");
}

static bool is_heredoc(struct text line)
{
    return contains(line, "<<EOF") || contains(line, "<< EOF") || contains(line, "<<'EOF'") ||
           contains(line, "<<-EOF") || contains(line, "<<\"EOF\"") || contains(line, "<< 'EOF'") ||
           (contains(line, "cat <<") && !contains(line, "<<<"));
}

static bool is_script(struct text line)
{
    return line.length > 2 && line.at[0] == '#' && line.at[1] == '!';
}

static bool is_binary(struct text line)
{
    return line.length > 0 && memchr(line.at, '\0', line.length) != NULL;
}

static bool is_gzip(struct text line)
{
    return line.length > 1 && line.at[0] == '\x1f' && line.at[1] == '\x8b';
}

/* "[section]" alone on a line, which is a list in YAML, but never at the top of a manifest. */
static bool is_toml(struct text line)
{
    line = text_trim(line);
    return line.length > 2 && line.at[0] == '[' && line.at[line.length - 1] == ']' && !contains(line, ",") &&
           !contains(line, "\"") && !contains(line, ":");
}

static const char helm_sentence[] =
    "this looks like a Helm template, which is no YAML before Helm has filled it in; "
    "run: helm template CHART | efa-webhook --print-patch -";
static const char jinja_sentence[] =
    "this looks like a Jinja template, which is no YAML before it is filled in; "
    "render it first and give the result";

struct look {
    bool (*matches)(struct text line);
    const char *sentence;
};

/* In order: what is surer comes first. */
static const struct look looks[] = {
    {is_gzip, "this looks like a gzip archive; run: gzip -dc FILE | efa-webhook --print-patch -"},
    {is_binary, "this looks like a binary file; give a manifest in YAML or JSON"},
    {is_helm, helm_sentence},
    {is_script,
     "this looks like a script; give the manifest that it writes: its output, or the part between the "
     "lines of the heredoc"},
    {is_heredoc,
     "this looks like a shell heredoc; give the manifest alone, without the lines with the command and "
     "EOF, with variables filled in: envsubst < FILE | efa-webhook --print-patch -"},
    {is_jinja, jinja_sentence},
    {is_toml, "this looks like TOML or an ini file; give a manifest in YAML or JSON"},
};

static struct text find_line(struct text bytes, size_t number)
{
    struct text line = {0};

    while (number > 0 && text_split(&bytes, '\n', &line))
        number--;
    return line;
}

/* What reads like a placeholder on the line that could not be read. */
static const char *guess_placeholder(struct text line)
{
    if (is_helm(line))
        return helm_sentence;
    if (is_jinja(line))
        return jinja_sentence;
    if (contains(line, "${")) {
        return "a placeholder stands where YAML needs a value; fill it in first, for example envsubst < FILE "
               "| "
               "efa-webhook --print-patch -";
    }
    return NULL;
}

static bool is_indented_by_tab(struct text line)
{
    size_t i;

    for (i = 0; i < line.length && line.at[i] == ' '; i++)
        continue;
    return i < line.length && line.at[i] == '\t';
}

/* What else may be wrong with that line of a file that looks like a manifest. */
static const char *guess_slip(struct text bytes, struct text line)
{
    struct text trimmed = text_trim(bytes);

    if (is_indented_by_tab(line))
        return "a tab indents this line, which YAML does not allow; write spaces";
    if (line.length > 0 && line.at[0] == '{' && line.at > trimmed.at && trimmed.at[0] == '{')
        return "a second JSON document; put a line with --- between the two";
    return NULL;
}

const char *print_guess(struct text bytes, size_t *line)
{
    struct text failed = find_line(bytes, *line);
    const char *sentence = guess_placeholder(failed);
    size_t i;

    if (sentence != NULL)
        return sentence;
    for (i = 0; i < COUNT_OF(looks); i++) {
        struct text rest = bytes;
        struct text part;
        size_t number = 0;

        while (text_split(&rest, '\n', &part)) {
            number++;
            if (!looks[i].matches(part) || (looks[i].matches == is_script && number > 1))
                continue;
            *line = number;
            return looks[i].sentence;
        }
    }
    return guess_slip(bytes, failed);
}
