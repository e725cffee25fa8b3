/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as an API server's answer: lines of its head, an empty one, then its body in parts. What is refused
 * has a sentence without our secret; what is taken is a 2xx within its limit. The body goes through the
 * reader of ExecCredentials too.
 */
#include "core/macros.h"
#include "io/kube_answer.h"
#include "io/kube_plugin.h"

#include <stdlib.h>

enum {
    LIMIT_BYTES = 512,
    PART_BYTES = 7,
};

static const struct text secret = TEXT("s3cr3t");

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void feed(struct kube_answer *answer, struct text rest)
{
    bool goes_on = true;
    struct text line;

    while (goes_on && text_split(&rest, '\n', &line) && line.length > 0)
        goes_on = kube_answer_take_line(answer, line);
    while (goes_on && rest.length > 0) {
        size_t length = rest.length < PART_BYTES ? rest.length : PART_BYTES;

        goes_on = kube_answer_take_body(answer, (struct text){.at = rest.at, .length = length});
        rest = text_after(rest, length);
    }
}

static void require_answer(struct text bytes)
{
    AUTO(kube_answer_release)
    struct kube_answer answer = {
        .accept = "application/json", .limit_bytes = LIMIT_BYTES, .secrets = &secret, .secret_count = 1};
    struct error err = {0};

    feed(&answer, bytes);
    if (!kube_answer_check(&answer, &err)) {
        require(err.kind == ERROR_REMOTE && err.text[0] != '\0' && strstr(err.text, secret.at) == NULL);
        return;
    }
    require(answer.status >= 200 && answer.status <= 299 && answer.body.length <= LIMIT_BYTES);
    require(answer.body.length == answer.body_bytes);
}

static void require_credential(struct text bytes)
{
    static const struct kube_plugin plugin = {.version = "client.authentication.k8s.io/v1"};
    AUTO(kube_issue_release) struct kube_issue issue = {0};
    struct error err = {0};

    if (kube_plugin_parse(&plugin, bytes, &issue, &err))
        require(issue.is_there && (issue.token.length > 0 || issue.certificate.length > 0));
    else
        require(err.kind == ERROR_REMOTE && !issue.is_there);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text bytes = {.at = (const char *)data, .length = size};
    const char *body = size > 0 ? memmem(data, size, "\n\n", 2) : NULL;

    if (size == 0)
        return 0;
    require_answer(bytes);
    if (body != NULL)
        require_credential(text_after(bytes, (size_t)(body - bytes.at) + 2));
    return 0;
}
