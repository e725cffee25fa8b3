/* SPDX-License-Identifier: Apache-2.0 */
#include "reporter_send.h"

enum {
    DEADLINE_SECONDS = 10,
    UNAUTHORIZED = 401,
    TIMED_OUT = 408,
    TOO_MANY = 429,
    SERVER_ERRORS = 500,
};

/* A Node has tens of kilobytes of images and field managers: only who reads it wants them. */
static const char metadata_alone[] =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

static enum reporter_answer judge(unsigned status)
{
    bool is_away = status == 0 || status == UNAUTHORIZED || status == TIMED_OUT || status == TOO_MANY ||
                   status >= SERVER_ERRORS;

    return is_away ? REPORTER_AWAY : REPORTER_REFUSED;
}

enum reporter_answer reporter_send(struct kube_client *client, struct reporter_request *request,
                                   struct error *err)
{
    struct kube_request call = {
        .method = request->method,
        .content_type = request->content_type,
        .accept = request->method == KUBE_GET ? NULL : metadata_alone,
        .body = buffer_text(&request->body),
        .deadline_seconds = DEADLINE_SECONDS,
    };

    buffer_add_char(&request->path, '\0');
    if (request->path.failed || request->body.failed) {
        (void)error_memory(err);
        return REPORTER_AWAY;
    }
    call.path = request->path.at;
    if (kube_call(client, &call, &request->response, err))
        return REPORTER_DONE;
    return judge(request->response.status);
}

void reporter_request_release(struct reporter_request *request)
{
    buffer_release(&request->path);
    buffer_release(&request->body);
    kube_response_release(&request->response);
}
