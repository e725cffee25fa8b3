/* SPDX-License-Identifier: Apache-2.0 */
#include "case.h"

#include "support/check.h"
#include "support/yaml_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool question_has(const struct question *question, const char *name, char path[PATH_SIZE])
{
    if (snprintf(path, PATH_SIZE, "%.300s/%.60s", question->folder, name) >= PATH_SIZE)
        fail_msg("%s: the path is too long", question->folder);
    return access(path, F_OK) == 0;
}

void question_load_config(struct question *question)
{
    AUTO(problems_release) struct problems problems = {0};
    struct config_file policy = {.name = "policy.yaml"};
    char path[PATH_SIZE];
    char *bytes = NULL;
    size_t length = 0;
    bool has_policy = question->folder[0] != '\0' && question_has(question, "policy.yaml", path);
    bool ok;

    if (has_policy) {
        bytes = check_load(path, &length);
        policy.bytes = (struct text){.at = bytes, .length = length};
    }
    ok = config_parse(has_policy ? &policy : NULL, NULL, &question->config, &problems);
    free(bytes);
    if (!ok)
        fail_msg("%s: %.*s", path, TEXT_ARGS(buffer_text(&problems.lines)));
    question->snapshot.policy = &question->config.policy;
    question->snapshot.catalogue = &question->config.catalogue;
}

static void load_nodes(struct question *question)
{
    struct error err = {0};
    char path[PATH_SIZE];
    size_t length;
    char *bytes;
    bool ok;

    if (!question_has(question, "nodes.json", path))
        return;
    bytes = check_load(path, &length);
    ok = nodes_read((struct text){.at = bytes, .length = length}, &question->config.catalogue,
                    &question->config.policy, &question->nodes, &err);
    free(bytes);
    if (!ok)
        fail_msg("%s: %s", path, err.text);
    question->snapshot.nodes = &question->nodes;
}

/* The pod's own namespace, wherever it can be read; malformed pods have none. */
static void wrap(struct question *question, const char *bytes, size_t length, const json_t *pod)
{
    const json_t *metadata = json_object_get(pod, "metadata");
    const char *namespace = json_string_value(json_object_get(metadata, "namespace"));
    struct buffer review = {0};

    review_wrap((struct text){.at = bytes, .length = length}, text_of(namespace), &review);
    assert_false(review.failed);
    question->body = review.at;
    question->body_length = review.length;
}

static void load_yaml_pod(struct question *question, const char *path)
{
    size_t length;
    char *yaml = check_load(path, &length);
    const char *problem = NULL;
    size_t line = 0;
    json_t *pod = yaml_json_parse(yaml, length, &problem, &line);
    char *json;

    if (pod == NULL)
        fail_msg("%s:%zu: %s", path, line, problem);
    if (yaml[0] != '#')
        fail_msg("%s: the first lines are a comment that says what the case proves", path);
    json = json_dumps(pod, JSON_COMPACT);
    assert_non_null(json);
    wrap(question, json, strlen(json), pod);
    json_decref(pod);
    free(json);
    free(yaml);
}

static void load_json_pod(struct question *question, const char *path)
{
    size_t length;
    char *bytes = check_load(path, &length);
    json_t *pod = json_loadb(bytes, length, JSON_ALLOW_NUL, NULL);

    wrap(question, bytes, length, pod);
    json_decref(pod);
    free(bytes);
}

static void load_body(struct question *question)
{
    char path[PATH_SIZE];
    int inputs = 0;

    if (question_has(question, "review.json", path)) {
        question->body = check_load(path, &question->body_length);
        inputs++;
    }
    if (question_has(question, "pod.json", path) && inputs++ == 0)
        load_json_pod(question, path);
    if (question_has(question, "pod.yaml", path) && inputs++ == 0)
        load_yaml_pod(question, path);
    if (inputs != 1)
        fail_msg("%s: needs one of pod.yaml, pod.json and review.json", question->folder);
}

void question_load(const char *folder, struct question *question)
{
    (void)snprintf(question->folder, sizeof(question->folder), "%s", folder);
    question_load_config(question);
    load_nodes(question);
    load_body(question);
}

void question_release(struct question *question)
{
    free(question->body);
    nodes_release(&question->nodes);
    config_release(&question->config);
}

static unsigned sextet(char byte)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = memchr(alphabet, byte, sizeof(alphabet) - 1);

    if (at == NULL)
        fail_msg("the patch is no base64");
    return (unsigned)(at - alphabet);
}

/* RFC 4648 with padding, as the API server reads the patch. */
static json_t *decode_patch(const char *base64)
{
    size_t length = strlen(base64);
    char *bytes = calloc(length + 1, 1);
    size_t used = 0;
    unsigned bits = 0;
    json_t *patch;
    size_t i;

    assert_non_null(bytes);
    assert_int_equal(length % 4, 0);
    for (i = 0; i < length && base64[i] != '='; i++) {
        bits = bits << 6 | sextet(base64[i]);
        if (i % 4 > 0)
            bytes[used++] = (char)(bits >> (6 - 2 * (i % 4)) & 0xff);
    }
    patch = json_loadb(bytes, used, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
    free(bytes);
    if (!json_is_array(patch) || json_array_size(patch) == 0)
        fail_msg("the patch is no list of operations");
    return patch;
}

static void read_response(struct answer *answer)
{
    struct text bytes = buffer_text(&answer->admission.response);
    json_t *review = json_loadb(bytes.at, bytes.length, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
    const char *base64;

    answer->response = json_incref(json_object_get(review, "response"));
    json_decref(review);
    if (!json_is_boolean(json_object_get(answer->response, "allowed")))
        fail_msg("the response is no JSON or lacks `allowed`: %.*s", TEXT_ARGS(bytes));
    base64 = json_string_value(json_object_get(answer->response, "patch"));
    if (base64 != NULL)
        answer->patch = decode_patch(base64);
}

void answer_ask(const struct question *question, struct text body, struct arena *arena, struct answer *answer)
{
    answer->is_answered =
        admission_answer(body, &question->snapshot, arena, &answer->admission, &answer->err);
    if (answer->is_answered)
        read_response(answer);
    else if (answer->err.kind == ERROR_NONE || answer->err.text[0] == '\0')
        fail_msg("a failure without kind and sentence");
}

void answer_release(struct answer *answer)
{
    buffer_release(&answer->admission.response);
    json_decref(answer->response);
    json_decref(answer->patch);
}
