/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a watch, cut in every way. */
#include "core/node_stream.h"

#include "core/buffer.h"

#include "support/check.h"
#include "support/cluster.h"

#include <stdio.h>
#include <stdlib.h>

#define NODE_AT(name, version)                                                                               \
    "{'kind':'Node','apiVersion':'v1','metadata':{'name':'" name "','resourceVersion':'" version             \
    "','labels':{'node.kubernetes.io/instance-type':'p5.48xlarge'}},'status':{'capacity':{"                  \
    "'vpc.amazonaws.com/efa':'32'},'conditions':[{'type':'Ready','status':'True'}]}}"
#define EVENT(type, object) "{'type':'" type "','object':" object "}\n"
#define BOOKMARK(version)                                                                                    \
    EVENT("BOOKMARK", "{'kind':'Node','apiVersion':'v1','metadata':{'resourceVersion':'" version             \
                      "','creationTimestamp':null},'spec':{},'status':{'daemonEndpoints':{}}}")
#define STATUS(code, message)                                                                                \
    EVENT("ERROR", "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':'" message \
                   "','reason':'Expired','code':" code "}")

struct events_row {
    const char *name;
    const char *lines;
    const char *sentence; /* NULL: it is well */
    size_t event_count;
    size_t node_count; /* of a, b and c, where a was there before */
    const char *version;
    unsigned status;
};

static const struct events_row rows[] = {
    {"nothing", "", NULL, 0, 1, "", 0},
    {"a node comes", EVENT("ADDED", NODE_AT("b", "8")), NULL, 1, 2, "8", 0},
    {"a node changes", EVENT("MODIFIED", NODE_AT("a", "9")), NULL, 1, 1, "9", 0},
    {"a node goes", EVENT("DELETED", NODE_AT("a", "10")), NULL, 1, 0, "10", 0},
    {"a node that we do not know goes", EVENT("DELETED", NODE_AT("b", "10")), NULL, 1, 1, "10", 0},
    {"a node becomes another type",
     EVENT("MODIFIED", "{'kind':'Node','metadata':{'name':'a','resourceVersion':'11','labels':{"
                       "'node.kubernetes.io/instance-type':'m5.large'}}}"),
     NULL, 1, 0, "11", 0},
    {"a bookmark", BOOKMARK("12"), NULL, 1, 1, "12", 0},
    {"several", EVENT("ADDED", NODE_AT("b", "8")) EVENT("ADDED", NODE_AT("c", "9")) BOOKMARK("20"), NULL, 3,
     3, "20", 0},
    {"empty lines, and one that a carriage return ends",
     "\n \r\n{'object':" NODE_AT("b", "8") ",'type':'ADDED'}\r\n\n", NULL, 1, 2, "8", 0},
    {"too old", EVENT("ADDED", NODE_AT("b", "8")) STATUS("410", "too old resource version: 1 (9)"),
     "the watch of nodes ended with 410: too old resource version: 1 (9)", 1, 2, "8", 410},
    {"an error without a code", EVENT("ERROR", "{'kind':'Status','message':'x'}"), "ended with 500: x", 0, 1,
     "", 500},
    {"an error with a code that is none", STATUS("1e3", "y"), "ended with 500: y", 0, 1, "", 500},
    {"a code that is null", STATUS("null", "y"), "ended with 500: y", 0, 1, "", 500},

    {"HTML", "<html>\n", "the watch of nodes is no JSON: one line must be one event", 0, 1, "", 0},
    {"HTML after an event", EVENT("ADDED", NODE_AT("b", "8")) "<html>", "is no JSON", 1, 2, "8", 0},
    {"a line cut off", EVENT("ADDED", NODE_AT("b", "8")) "{'type':'DEL",
     "was cut off in the middle of an event", 1, 2, "8", 0},
    {"a line without its newline", "{'type':'BOOKMARK','object':{'kind':'Node','metadata':{}}}",
     "was cut off in the middle of an event", 0, 1, "", 0},
    {"half an event on a line", "{'type':'ADDED','object':\n",
     "an event of the watch of nodes: object is cut off", 0, 1, "", 0},
    {"two events on a line", "{'type':'BOOKMARK','object':{'kind':'Node'}}{}\n", "is followed by more", 0, 1,
     "", 0},
    {"another type of event", EVENT("SYNCED", NODE_AT("b", "8")), "has an event of the unknown type 'SYNCED'",
     0, 1, "", 0},
    {"no type", "{'object':" NODE_AT("b", "8") "}\n", "unknown type ''", 0, 1, "", 0},
    {"no object", "{'type':'ADDED'}\n", "has an event without an object", 0, 1, "", 0},
    {"a pod", EVENT("ADDED", "{'kind':'Pod','metadata':{'name':'a'}}"), "something else than a Node", 0, 1,
     "", 0},
    {"no name", EVENT("ADDED", "{'kind':'Node','metadata':{}}"), "has an event that names no node", 0, 1, "",
     0},
    {"a node that is none", EVENT("ADDED", "{'kind':'Node','metadata':{'name':{}}}"),
     "object.metadata.name must be a string", 0, 1, "", 0},
    {"a number of the wrong kind", STATUS("'410'", "z"), "object.code must be a number", 0, 1, "", 0},
};

struct outcome {
    bool is_well;
    struct error err;
    size_t event_count;
    size_t node_count;
    unsigned status;
    char version[16];
};

static bool put_first(struct cluster *cluster, struct node_store *store)
{
    AUTO(node_events_free) struct node_events *events = node_events_new(store);
    struct error err = {0};

    return events != NULL &&
           node_events_take(events, cluster_json(cluster, EVENT("ADDED", NODE_AT("a", "7"))), &err);
}

static bool take_piece(struct node_events *events, struct text piece, struct error *err)
{
    char *copy = malloc(piece.length);
    bool is_well;

    assert_non_null(copy);
    memcpy(copy, piece.at, piece.length);
    is_well = node_events_take(events, (struct text){.at = copy, .length = piece.length}, err);
    free(copy);
    return is_well;
}

static struct outcome read_pieces(struct cluster *cluster, struct text bytes, size_t first, size_t size)
{
    AUTO(node_store_free) struct node_store *store = node_store_new(&cluster->catalogue, &cluster->policy);
    AUTO(node_events_free) struct node_events *events = node_events_new(store);
    struct outcome outcome = {.is_well = true};
    struct text version;

    assert_true(store != NULL && events != NULL && put_first(cluster, store));
    while (outcome.is_well && bytes.length > 0) {
        struct text piece = {.at = bytes.at, .length = first < bytes.length ? first : bytes.length};

        outcome.is_well = take_piece(events, piece, &outcome.err);
        bytes = text_after(bytes, piece.length);
        first = size;
    }
    outcome.is_well = outcome.is_well && node_events_finish(events, &outcome.err);
    outcome.event_count = node_events_count(events);
    outcome.node_count = node_store_node_count(store);
    outcome.status = node_events_status(events);
    version = node_events_version(events);
    (void)snprintf(outcome.version, sizeof(outcome.version), "%.*s", (int)version.length,
                   version.length > 0 ? version.at : "");
    return outcome;
}

static void check_row(const struct events_row *row, const struct outcome *outcome)
{
    assert_int_equal(outcome->is_well, row->sentence == NULL);
    assert_int_equal(outcome->event_count, row->event_count);
    assert_int_equal(outcome->node_count, row->node_count);
    assert_string_equal(outcome->version, row->version);
    assert_int_equal(outcome->status, row->status);
    if (row->sentence == NULL)
        return;
    assert_int_equal(outcome->err.kind, ERROR_REMOTE);
    if (strstr(outcome->err.text, row->sentence) == NULL)
        fail_msg("'%s' lacks '%s'", outcome->err.text, row->sentence);
}

static void reads_row_however_it_is_cut(void **state)
{
    const struct events_row *row = *state;
    AUTO(cluster_release) struct cluster cluster;
    struct outcome whole;
    struct text bytes;
    size_t cut;

    cluster_init(&cluster);
    bytes = cluster_json(&cluster, row->lines);
    whole = read_pieces(&cluster, bytes, SIZE_MAX, SIZE_MAX);
    check_row(row, &whole);
    for (cut = 1; cut <= bytes.length; cut++) {
        struct outcome two = read_pieces(&cluster, bytes, cut, SIZE_MAX);
        struct outcome many = read_pieces(&cluster, bytes, cut, cut);

        check_row(row, &two);
        check_row(row, &many);
        assert_string_equal(two.err.text, whole.err.text);
        assert_string_equal(many.err.text, whole.err.text);
    }
}

/* A line that never ends, in pieces and in one. */
static void ends_a_line_at_4_mib(void **state)
{
    AUTO(cluster_release) struct cluster cluster;
    AUTO(node_store_free) struct node_store *store = NULL;
    AUTO(node_events_free) struct node_events *events = NULL;
    AUTO(buffer_release) struct buffer line = {0};
    static const struct text again = TEXT("{'a':{'a':{'a':{'a':{'a':{'a':{'a':{'a':{'a':{'a':");
    struct error err = {0};

    (void)state;
    cluster_init(&cluster);
    store = node_store_new(&cluster.catalogue, &cluster.policy);
    events = node_events_new(store);
    assert_non_null(events);
    while (node_events_take(events, again, &err))
        buffer_add(&line, again);
    assert_in_range(line.length, NODE_OBJECT_BYTES_MAX - again.length, NODE_OBJECT_BYTES_MAX);
    assert_string_equal(err.text, "the watch of nodes has an event of more than 4 MiB");
    node_events_free(&events);
    events = node_events_new(store);
    assert_non_null(events);
    buffer_add(&line, again);
    buffer_add_char(&line, '\n');
    err = (struct error){0};
    assert_false(node_events_take(events, buffer_text(&line), &err));
    assert_string_equal(err.text, "the watch of nodes has an event of more than 4 MiB");
}

static bool read_once(void *state, struct error *err)
{
    struct cluster *cluster = state;
    AUTO(node_store_free) struct node_store *store = node_store_new(&cluster->catalogue, &cluster->policy);
    AUTO(node_events_free) struct node_events *events = node_events_new(store);
    struct text bytes =
        cluster_json(cluster, EVENT("ADDED", NODE_AT("b", "8")) EVENT("DELETED", NODE_AT("b", "9")));
    struct text half = {.at = bytes.at, .length = bytes.length / 3};

    if (store == NULL || events == NULL)
        return error_memory(err);
    return node_events_take(events, half, err) &&
           node_events_take(events, text_after(bytes, half.length), err) && node_events_finish(events, err);
}

static void survives_each_failing_allocation(void **state)
{
    AUTO(cluster_release) struct cluster cluster;

    (void)state;
    cluster_init(&cluster);
    assert_non_null(cluster_json(&cluster, rows[1].lines).at);
    assert_true(check_every_allocation(read_once, &cluster) >= 8);
}

static const struct check_test tests[] = {
    CHECK_TEST(ends_a_line_at_4_mib),
    CHECK_TEST(survives_each_failing_allocation),
};

int main(void)
{
    return CHECK_ROWS("node_events", rows, reads_row_however_it_is_cut) | CHECK_TESTS("node_events", tests);
}
