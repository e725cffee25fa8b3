/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a NodeList, cut in every way. */
#include "core/node_stream.h"

#include "core/buffer.h"

#include "support/check.h"
#include "support/cluster.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE(metadata, nodes)                                                                                \
    "{'kind':'NodeList','apiVersion':'v1','metadata':{" metadata "},'items':[" nodes "]}"
#define P5(name) NODE(name, "p5.48xlarge", "", DEVICES("32", "8"))

struct page_row {
    const char *name;
    const char *json;
    const char *sentence; /* NULL: it is well */
    size_t node_count;
    const char *continuation;
    const char *version;
};

static const struct page_row rows[] = {
    {"a page", PAGE("'resourceVersion':'7','continue':'abc','remainingItemCount':3", P5("a") "," P5("b")),
     NULL, 2, "abc", "7"},
    {"the last page", PAGE("'resourceVersion':'7'", P5("a")), NULL, 1, "", "7"},
    {"no node", PAGE("'resourceVersion':'7','continue':''", ""), NULL, 0, "", "7"},
    {"items null", "{'kind':'NodeList','metadata':{'resourceVersion':'7'},'items':null}", NULL, 0, "", "7"},
    {"white space, and another order",
     " \r\n{\t'items' : [ " P5("a") " , null , " P5(
         "b") " ] , 'x':[{}, 'y]}\\\\'] , 'n' : -1.5e3 , "
              "'metadata' : { 'resourceVersion':'8' }, 'kind' :'List' } \n",
     NULL, 2, "", "8"},
    {"an escape in a name of ours", "{'kind':'List','\\u0069tems':[" P5("\\u0061") "],'metadata':{}}", NULL,
     1, "", ""},
    {"brackets and quotes in strings",
     PAGE("'resourceVersion':'7'",
          "{'metadata':{'annotations':{'a':'}]\\\\\\\\','b':'\\'{['},'name':'q','labels':{"
          "'node.kubernetes.io/instance-type':'p5.48xlarge'}}}"),
     NULL, 1, "", "7"},
    {"of other types only", PAGE("", NODE("m", "m5.large", "", DEVICES("0", "0"))), NULL, 0, "", ""},
    {"one name twice", PAGE("", P5("a") "," P5("a")), NULL, 1, "", ""},

    {"nothing", "", "the list of nodes is cut off", 0, "", ""},
    {"HTML", "<!DOCTYPE html><html></html>", "the list of nodes is no JSON object", 0, "", ""},
    {"a list without its object", "[]", "the list of nodes is no JSON object", 0, "", ""},
    {"cut off in an item", "{'kind':'NodeList','items':[" P5("a") ",{'metadata':{'na", "cut off", 1, "", ""},
    {"cut off behind an item", "{'kind':'NodeList','items':[" P5("a"), "cut off", 1, "", ""},
    {"cut off behind the items", "{'kind':'NodeList','items':[" P5("a") "]", "cut off", 1, "", ""},
    {"cut off in a number", "{'kind':'NodeList','items':null,'n':12", "cut off", 0, "", ""},
    {"a Status", "{'kind':'Status','code':500}",
     "the list of nodes has the kind 'Status': it must be NodeList", 0, "", ""},
    {"a list of pods", PAGE("", "{'kind':'Pod','metadata':{'name':'a'}}"),
     "the list of nodes: items[0]: kind must be Node", 0, "", ""},
    {"no kind", "{'items':[]}", "has no kind", 0, "", ""},
    {"no items", "{'kind':'NodeList'}", "has no items", 0, "", ""},
    {"items as an object", "{'kind':'NodeList','items':{}}", "has items that are no list", 0, "", ""},
    {"items twice", "{'kind':'NodeList','items':[],'items':[]}", "has items twice", 0, "", ""},
    {"two lists", PAGE("", "") PAGE("", ""), "is followed by more than white space", 0, "", ""},
    {"no comma between items", PAGE("", P5("a") P5("b")), "needs ',' or ']' after an item", 1, "", ""},
    {"a comma too many", PAGE("", P5("a") ","), "has an item without a value", 1, "", ""},
    {"no comma between members", "{'kind':'NodeList' 'items':[]}", "needs ',' or '}' after a member", 0, "",
     ""},
    {"a comma before the end", "{'kind':'NodeList',}", "needs a member's name in quotes", 0, "", ""},
    {"a name without quotes", "{kind:'NodeList'}", "needs a member's name in quotes", 0, "", ""},
    {"no colon", "{'kind' 'NodeList'}", "needs ':' after a member's name", 0, "", ""},
    {"no value", "{'kind':,'items':[]}", "has a member without a value", 0, "", ""},
    {"a bad escape in a name", "{'\\x':1}", "a member's name", 0, "", ""},
    {"a literal that is none", "{'kind':'NodeList','x':trve}", "the list of nodes: a member", 0, "", ""},
    {"brackets that do not match", "{'kind':'NodeList','x':{'a':]}}", "the list of nodes: a member", 0, "",
     ""},
    {"a version that is none", "{'kind':'NodeList','metadata':{'resourceVersion':7}}",
     "the list of nodes: metadata: resourceVersion must be a string", 0, "", ""},
    {"a node that is none", PAGE("", "{'metadata':{'name':7}}"),
     "the list of nodes: items[0]: metadata.name must be a string", 0, "", ""},
};

/* What was made of the bytes. */
struct outcome {
    bool is_well;
    struct error err;
    size_t node_count;
    size_t class_count;
    char continuation[16];
    char version[16];
};

static void copy_text(char room[16], struct text text)
{
    assert_true(text.length < 16);
    (void)snprintf(room, 16, "%.*s", (int)text.length, text.length > 0 ? text.at : "");
}

/* Each piece in memory of its own size, for the sanitizer to see what is read beyond. */
static bool take_piece(struct node_page *page, struct text piece, struct error *err)
{
    char *copy = malloc(piece.length > 0 ? piece.length : 1);
    bool is_well;

    assert_non_null(copy);
    if (piece.length > 0)
        memcpy(copy, piece.at, piece.length);
    is_well = node_page_take(page, (struct text){.at = copy, .length = piece.length}, err);
    free(copy);
    return is_well;
}

/* In pieces: `first` bytes, and then each of `size`. */
static struct outcome read_pieces(const struct cluster *cluster, struct text bytes, size_t first, size_t size)
{
    AUTO(node_store_free) struct node_store *store = node_store_new(&cluster->catalogue, &cluster->policy);
    AUTO(node_page_free) struct node_page *page = node_page_new(store);
    struct outcome outcome = {.is_well = true};

    assert_true(store != NULL && page != NULL);
    while (outcome.is_well && bytes.length > 0) {
        struct text piece = {.at = bytes.at, .length = first < bytes.length ? first : bytes.length};

        outcome.is_well = take_piece(page, piece, &outcome.err);
        bytes = text_after(bytes, piece.length);
        first = size;
    }
    outcome.is_well = outcome.is_well && node_page_finish(page, &outcome.err);
    outcome.node_count = node_store_node_count(store);
    outcome.class_count = node_store_class_count(store);
    copy_text(outcome.continuation, node_page_continue(page));
    copy_text(outcome.version, node_page_version(page));
    return outcome;
}

static void check_row(const struct page_row *row, const struct outcome *outcome)
{
    assert_int_equal(outcome->is_well, row->sentence == NULL);
    assert_int_equal(outcome->node_count, row->node_count);
    if (row->sentence == NULL) {
        assert_string_equal(outcome->continuation, row->continuation);
        assert_string_equal(outcome->version, row->version);
        return;
    }
    assert_int_equal(outcome->err.kind, ERROR_REMOTE);
    if (strstr(outcome->err.text, row->sentence) == NULL)
        fail_msg("'%s' lacks '%s'", outcome->err.text, row->sentence);
}

static void reads_row_however_it_is_cut(void **state)
{
    const struct page_row *row = *state;
    AUTO(cluster_release) struct cluster cluster;
    struct outcome whole;
    struct text bytes;
    size_t cut;

    cluster_init(&cluster);
    bytes = cluster_json(&cluster, row->json);
    whole = read_pieces(&cluster, bytes, SIZE_MAX, SIZE_MAX);
    check_row(row, &whole);
    for (cut = 1; cut <= bytes.length; cut++) {
        struct outcome two = read_pieces(&cluster, bytes, cut, SIZE_MAX);
        struct outcome many = read_pieces(&cluster, bytes, cut, cut);

        check_row(row, &two);
        check_row(row, &many);
        assert_string_equal(two.err.text, whole.err.text);
        assert_string_equal(many.err.text, whole.err.text);
        assert_int_equal(two.class_count, whole.class_count);
        assert_int_equal(many.class_count, whole.class_count);
    }
}

/* An item, a string and a number that never end. */
struct endless_row {
    const char *name;
    const char *before;
    const char *again;
};

static const struct endless_row endless_rows[] = {
    {"an item", "{'kind':'NodeList','items':[{'a':[", "1,2,3,4,"},
    {"a string", "{'kind':'NodeList','x':'", "aaaaaaaa"},
    {"a number", "{'kind':'NodeList','x':", "11111111"},
    {"a name", "{'", "aaaaaaaa"},
};

static void ends_row_at_4_mib(void **state)
{
    const struct endless_row *row = *state;
    AUTO(cluster_release) struct cluster cluster;
    AUTO(node_store_free) struct node_store *store = NULL;
    AUTO(node_page_free) struct node_page *page = NULL;
    struct error err = {0};
    struct text again = text_of(row->again);
    size_t taken = 0;

    cluster_init(&cluster);
    store = node_store_new(&cluster.catalogue, &cluster.policy);
    page = node_page_new(store);
    assert_non_null(page);
    assert_true(node_page_take(page, cluster_json(&cluster, row->before), &err));
    while (node_page_take(page, again, &err))
        taken += again.length;
    assert_int_equal(err.kind, ERROR_REMOTE);
    assert_string_equal(err.text, "the list of nodes has a member of more than 4 MiB");
    assert_in_range(taken, NODE_OBJECT_BYTES_MAX - 16, NODE_OBJECT_BYTES_MAX);
}

/* Also where it came in one piece. */
static void refuses_a_large_item_at_once(void **state)
{
    AUTO(cluster_release) struct cluster cluster;
    AUTO(buffer_release) struct buffer text = {0};
    struct outcome outcome;
    size_t i;

    (void)state;
    cluster_init(&cluster);
    buffer_add_string(&text, "{\"kind\":\"NodeList\",\"items\":[{\"a\":\"");
    for (i = 0; i < NODE_OBJECT_BYTES_MAX / 8; i++)
        buffer_add_string(&text, "01234567");
    buffer_add_string(&text, "\"}]}");
    outcome = read_pieces(&cluster, buffer_text(&text), SIZE_MAX, SIZE_MAX);
    assert_false(outcome.is_well);
    assert_string_equal(outcome.err.text, "the list of nodes has a member of more than 4 MiB");
}

static bool read_once(void *state, struct error *err)
{
    struct cluster *cluster = state;
    AUTO(node_store_free) struct node_store *store = node_store_new(&cluster->catalogue, &cluster->policy);
    AUTO(node_page_free) struct node_page *page = node_page_new(store);
    struct text bytes = cluster_json(cluster, rows[0].json);
    struct text half = {.at = bytes.at, .length = bytes.length / 2};

    if (store == NULL || page == NULL)
        return error_memory(err);
    return node_page_take(page, half, err) && node_page_take(page, text_after(bytes, half.length), err) &&
           node_page_finish(page, err);
}

static void survives_each_failing_allocation(void **state)
{
    AUTO(cluster_release) struct cluster cluster;

    (void)state;
    cluster_init(&cluster);
    assert_non_null(cluster_json(&cluster, rows[0].json).at);
    assert_true(check_every_allocation(read_once, &cluster) >= 8);
}

static const struct check_test tests[] = {
    CHECK_TEST(refuses_a_large_item_at_once),
    CHECK_TEST(survives_each_failing_allocation),
};

int main(void)
{
    return CHECK_ROWS("node_page", rows, reads_row_however_it_is_cut) |
           CHECK_ROWS("node_page: endless", endless_rows, ends_row_at_4_mib) |
           CHECK_TESTS("node_page", tests);
}
