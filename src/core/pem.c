/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pem.h"

#include "core/base64.h"

static const struct text begin_line = TEXT("-----BEGIN CERTIFICATE-----");
static const struct text end_line = TEXT("-----END CERTIFICATE-----");

/* Where `line` begins in the text; absent where it does not. */
static const char *find(struct text text, struct text line)
{
    return text.length > 0 ? memmem(text.at, text.length, line.at, line.length) : NULL;
}

/* base64_parse() takes newlines alone as white space. */
static bool drop_space(struct text *text, struct arena *arena, struct error *err)
{
    char *kept = arena_alloc(arena, text->length + 1);
    size_t length = 0;

    if (kept == NULL)
        return error_memory(err);
    for (size_t i = 0; i < text->length; i++) {
        if (strchr(" \t\r\n", text->at[i]) == NULL)
            kept[length++] = text->at[i];
    }
    *text = (struct text){.at = kept, .length = length};
    return true;
}

/* The end of the line on which a block ends, so that what is cut out is lines. */
static struct text skip_newline(struct text text)
{
    size_t length = text.length > 1 && text.at[0] == '\r' ? 1 : 0;

    return text.length > length && text.at[length] == '\n' ? text_after(text, length + 1) : text;
}

/* Move `rest` behind the next block and say where it is and what it holds. */
static bool find_block(struct text *rest, struct text *ret_whole, struct text *ret_inside)
{
    const char *begin = find(*rest, begin_line);
    const char *end;
    struct text inside;

    if (begin == NULL)
        return false;
    inside = text_after(*rest, (size_t)(begin - rest->at) + begin_line.length);
    end = find(inside, end_line);
    if (end == NULL)
        return false;
    *rest = skip_newline(text_after(inside, (size_t)(end - inside.at) + end_line.length));
    inside.length = (size_t)(end - inside.at);
    *ret_inside = inside;
    *ret_whole = (struct text){.at = begin, .length = (size_t)(rest->at - begin)};
    return true;
}

bool pem_next(struct text *rest, struct arena *arena, struct pem_block *ret_block, struct error *err)
{
    struct text whole;
    struct text inside;

    while (find_block(rest, &whole, &inside)) {
        struct error trouble = {.kind = ERROR_NONE};
        struct text der;

        if (!drop_space(&inside, arena, err))
            return false;
        if (base64_parse(inside, arena, &der, &trouble) && der.length > 0) {
            *ret_block = (struct pem_block){.pem = whole, .der = der};
            return true;
        }
        if (trouble.kind == ERROR_MEMORY) {
            *err = trouble;
            return false;
        }
    }
    return false;
}
