/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of an API server, as a page of nodes and as a watch: however they are cut, the same is made of them,
 * and a page that was taken is JSON. The cuts follow from the bytes.
 */
#include "core/buffer.h"
#include "core/node_stream.h"

#include "io/config.h"
#include "support/choices.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct config config;

static void check(bool is_right, const char *sentence)
{
    if (is_right)
        return;
    (void)fprintf(stderr, "%s\n", sentence);
    abort();
}

static void load_config(void)
{
    AUTO(problems_release) struct problems problems = {0};

    if (config.catalogue.count == 0)
        check(config_parse(NULL, NULL, &config, &problems), "the shipped configuration is bad");
}

/* What was made of the bytes, and all that a view says. */
struct outcome {
    bool is_well;
    struct error err;
    struct buffer said;
};

static void say_nodes(struct node_store *store, struct buffer *said)
{
    const struct nodes *nodes = node_store_view(store);
    size_t i;

    check(nodes != NULL, "no memory for a view");
    buffer_add_unsigned(said, nodes->node_count);
    for (i = 0; i < nodes->class_count; i++) {
        const struct node_class *class = &nodes->classes[i];

        buffer_add_char(said, '\n');
        buffer_add_unsigned(said, class->node_count);
        buffer_add_char(said, ' ');
        buffer_add_unsigned(said, class->ready_count);
        buffer_add_char(said, ' ');
        buffer_add_unsigned(said, class->efa);
        buffer_add_char(said, ' ');
        buffer_add_unsigned(said, class->hugepages_bytes);
        buffer_add_char(said, ' ');
        buffer_add_unsigned(said, class->label_count);
    }
}

static struct text take_piece(struct text *bytes, struct choices *choices)
{
    struct text piece = *bytes;
    size_t size = choices == NULL ? piece.length : 1 + (size_t)choices_below(choices, 64);

    piece.length = size < piece.length ? size : piece.length;
    *bytes = text_after(*bytes, piece.length);
    return piece;
}

static struct outcome read_page(struct text bytes, struct choices *choices)
{
    AUTO(node_store_free) struct node_store *store = node_store_new(&config.catalogue, &config.policy);
    AUTO(node_page_free) struct node_page *page = node_page_new(store);
    struct outcome outcome = {.is_well = true};

    while (outcome.is_well && bytes.length > 0)
        outcome.is_well = node_page_take(page, take_piece(&bytes, choices), &outcome.err);
    outcome.is_well = outcome.is_well && node_page_finish(page, &outcome.err);
    say_nodes(store, &outcome.said);
    buffer_add(&outcome.said, node_page_continue(page));
    buffer_add_char(&outcome.said, ' ');
    buffer_add(&outcome.said, node_page_version(page));
    return outcome;
}

static struct outcome read_events(struct text bytes, struct choices *choices)
{
    AUTO(node_store_free) struct node_store *store = node_store_new(&config.catalogue, &config.policy);
    AUTO(node_events_free) struct node_events *events = node_events_new(store);
    struct outcome outcome = {.is_well = true};

    while (outcome.is_well && bytes.length > 0)
        outcome.is_well = node_events_take(events, take_piece(&bytes, choices), &outcome.err);
    outcome.is_well = outcome.is_well && node_events_finish(events, &outcome.err);
    say_nodes(store, &outcome.said);
    buffer_add_unsigned(&outcome.said, node_events_count(events));
    buffer_add_char(&outcome.said, ' ');
    buffer_add_unsigned(&outcome.said, node_events_status(events));
    buffer_add_char(&outcome.said, ' ');
    buffer_add(&outcome.said, node_events_version(events));
    return outcome;
}

static void check_same(const struct outcome *whole, const struct outcome *cut)
{
    check(whole->is_well == cut->is_well, "whole and cut differ in whether they are read");
    check(whole->is_well || (whole->err.kind == ERROR_REMOTE && whole->err.text[0] != '\0'),
          "refused without a reason");
    check(strcmp(whole->err.text, cut->err.text) == 0, "whole and cut differ in the reason");
    check(text_is(buffer_text(&whole->said), buffer_text(&cut->said)), "whole and cut differ in the nodes");
}

/* But for its depth, of which the list itself takes two levels. */
static bool is_json(struct text bytes)
{
    AUTO(arena_release) struct arena arena = {0};
    struct error err;
    struct json json;

    json_init(&json, bytes, &arena);
    (void)json_skip(&json);
    return json_finish(&json, &err) || strstr(err.text, "nested deeper") != NULL;
}

static void check_each(struct text bytes, struct outcome (*read)(struct text bytes, struct choices *choices),
                       bool wants_json)
{
    struct choices choices = choices_of_seed(hash_text(bytes));
    struct outcome whole = read(bytes, NULL);
    struct outcome cut = read(bytes, &choices);

    check_same(&whole, &cut);
    check(!wants_json || !whole.is_well || is_json(bytes), "a page that is no JSON was taken");
    buffer_release(&whole.said);
    buffer_release(&cut.said);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct text text = {.at = (const char *)bytes, .length = length};

    load_config();
    check_each(text, read_page, true);
    check_each(text, read_events, false);
    return 0;
}
