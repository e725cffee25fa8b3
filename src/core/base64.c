/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base64.h"

enum {
    SEXTET_BITS = 6,
    GROUP = 4, /* characters for three bytes */
};

/* What has been read: whole bytes in `bytes`, the bits that are left in `bits`. */
struct decoder {
    char *bytes;
    size_t length;
    uint32_t bits;
    unsigned bit_count;
    size_t sextets;
    size_t padding;
};

static int value_of(char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9')
        return byte - '0' + 52;
    if (byte == '+')
        return 62;
    return byte == '/' ? 63 : -1;
}

static bool take(struct decoder *decoder, char byte)
{
    int value = value_of(byte);

    if (byte == '=') {
        decoder->padding++;
        return true;
    }
    if (value < 0 || decoder->padding > 0)
        return false;
    decoder->sextets++;
    decoder->bits = decoder->bits << SEXTET_BITS | (uint32_t)value;
    decoder->bit_count += SEXTET_BITS;
    if (decoder->bit_count >= 8) {
        decoder->bit_count -= 8;
        decoder->bytes[decoder->length++] = (char)(decoder->bits >> decoder->bit_count & 0xff);
    }
    return true;
}

/* One or two padding characters, and only to fill the last group; nothing in the bits that they cut off. */
static bool is_whole(const struct decoder *decoder)
{
    return decoder->padding <= 2 && (decoder->sextets + decoder->padding) % GROUP == 0 &&
           (decoder->bits & ((1U << decoder->bit_count) - 1)) == 0;
}

bool base64_parse(struct text text, struct arena *arena, struct text *ret_bytes, struct error *err)
{
    struct decoder decoder = {.bytes = arena_alloc(arena, text.length / GROUP * 3 + GROUP)};

    if (decoder.bytes == NULL)
        return error_memory(err);
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] == '\n' || text.at[i] == '\r')
            continue;
        if (!take(&decoder, text.at[i]))
            return error_set(err, ERROR_INPUT, "must be base64; character %zu is none of it", i + 1);
    }
    if (!is_whole(&decoder))
        return error_set(err, ERROR_INPUT, "must be base64; it is cut, or its padding is wrong");
    *ret_bytes = (struct text){.at = decoder.bytes, .length = decoder.length};
    return true;
}
