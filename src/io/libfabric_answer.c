/* SPDX-License-Identifier: Apache-2.0 */
#include "libfabric_answer.h"

#include "core/printable.h"

enum {
    SHOWN_BYTES_MAX = 200,
};

/* An answer being read. */
struct reader {
    struct inventory *inventory;
    uint64_t count;
    bool is_over;   /* the last line was there */
    bool is_broken; /* a line is none of ours */
    struct text error;
};

/* The rest of a line that begins with a word; absent: it does not. */
static struct text rest_of(struct text line, const char *word)
{
    struct text prefix = text_of(word);

    return text_has_prefix(line, prefix) ? text_after(line, prefix.length) : (struct text){0};
}

/* A copy that can be shown. */
static struct text keep(struct inventory *inventory, struct text text)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    struct text kept;

    printable_add(&buffer, text, SHOWN_BYTES_MAX);
    kept = arena_copy(&inventory->arena, buffer_text(&buffer));
    inventory->failed = inventory->failed || buffer.failed || kept.at == NULL;
    return kept;
}

static void read_device(struct reader *reader, struct text name)
{
    struct rdma_device *device = inventory_find_device(reader->inventory, name);

    reader->count++;
    reader->is_broken = reader->is_broken || name.length == 0;
    if (device != NULL)
        device->is_in_libfabric = true;
}

static void read_end(struct reader *reader, struct text number)
{
    uint64_t count = 0;

    if (!text_parse_unsigned(number, UINT64_MAX, &count) || count != reader->count)
        reader->is_broken = true;
    reader->is_over = true;
}

static void read_error(struct reader *reader, struct text error)
{
    reader->error = error;
    reader->is_over = true;
}

static void read_line(struct reader *reader, struct text line)
{
    struct text version = rest_of(line, LIBFABRIC_ANSWER_VERSION);
    struct text name = rest_of(line, LIBFABRIC_ANSWER_DEVICE);
    struct text end = rest_of(line, LIBFABRIC_ANSWER_END);
    struct text error = rest_of(line, LIBFABRIC_ANSWER_ERROR);

    if (version.at != NULL)
        reader->inventory->libfabric_version = keep(reader->inventory, version);
    else if (name.at != NULL)
        read_device(reader, name);
    else if (end.at != NULL)
        read_end(reader, end);
    else if (error.at != NULL)
        read_error(reader, error);
    else
        reader->is_broken = true;
}

/* Whether all of it is an answer. A line ends in a newline, so that one that was cut is not taken. */
static bool read_lines(struct reader *reader, struct text answer)
{
    struct text line;

    if (answer.length == 0 || answer.at[answer.length - 1] != '\n')
        return false;
    answer.length--;
    if (!text_split(&answer, '\n', &line) || !text_is_string(line, LIBFABRIC_ANSWER_FIRST))
        return false;
    while (!reader->is_over && !reader->is_broken && text_split(&answer, '\n', &line))
        read_line(reader, line);
    return reader->is_over && !reader->is_broken && answer.at == NULL;
}

void libfabric_answer_read(struct text answer, struct inventory *inventory)
{
    struct reader reader = {.inventory = inventory};

    bool is_whole = read_lines(&reader, answer);

    if (is_whole && reader.error.at == NULL) {
        inventory->libfabric = reading_known(reader.count);
        return;
    }
    for (size_t i = 0; i < inventory->device_count; i++)
        inventory->devices[i].is_in_libfabric = false;
    if (is_whole)
        inventory->libfabric = reading_missed(keep(inventory, reader.error));
    else
        inventory->libfabric = reading_missed(text_of("its probe wrote what is no answer"));
}
