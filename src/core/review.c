/* SPDX-License-Identifier: Apache-2.0 */
#include "core/review.h"

#include "pod_read.h"

/* The object comes before or after what tells whether to read it as a pod, so its bytes are kept and read
 * last. */
struct envelope {
    struct review *review;
    struct text api_version;
    struct text kind;
    enum member request;
};

static void read_resource(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("group", struct review, group),
        JSON_FIELD_TEXT("resource", struct review, resource),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static bool is_pod_creation(const struct review *review)
{
    return text_is_string(review->operation, "CREATE") && text_is_string(review->resource, "pods") &&
           review->group.length == 0 && review->sub_resource.length == 0;
}

/* The API server writes object behind all that says what it is: read the pod in the same walk. Anyone else's
   order is fine too: then the bytes are read again at the end. */
static void read_object(struct json *json, void *into)
{
    struct review *review = into;
    const char *begin;

    if (json_peek(json) != JSON_NEXT_OBJECT || !is_pod_creation(review)) {
        review->object = json_skip(json);
        return;
    }
    begin = json->at;
    json->noted = &review->spans;
    pod_read(json, &review->pod);
    json->noted = NULL;
    review->has_pod = true;
    review->object = (struct text){.at = begin, .length = (size_t)(json->at - begin)};
}

static void read_request(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("uid", struct review, uid),
        JSON_FIELD_TEXT("operation", struct review, operation),
        JSON_FIELD_TEXT("namespace", struct review, namespace),
        JSON_FIELD("resource", read_resource),
        JSON_FIELD_TEXT("subResource", struct review, sub_resource),
        JSON_FIELD_BOOL("dryRun", struct review, is_dry_run),
        JSON_FIELD("object", read_object),
    };
    struct envelope *envelope = into;

    envelope->request = json_read_object(json, fields, COUNT_OF(fields), envelope->review);
}

/* Members behind the object may have said that it is a pod's creation, or that it is none. */
static bool read_late_pod(struct review *review, struct arena *arena, struct error *err)
{
    struct json json;

    if (!is_pod_creation(review)) {
        review->pod = (struct pod){0};
        review->has_pod = false;
        return true;
    }
    if (review->has_pod)
        return true;
    if (review->object.at == NULL || review->object.at[0] != '{')
        return error_set(err, ERROR_INPUT, "request.object must be the pod that is created");
    json_init(&json, review->object, arena);
    review->spans.count = 0;
    json.noted = &review->spans;
    pod_read(&json, &review->pod);
    if (!json_finish(&json, err))
        return error_wrap(err, "request.object");
    review->has_pod = true;
    return true;
}

static bool check_envelope(const struct envelope *envelope, struct error *err)
{
    if (!text_is_string(envelope->kind, "AdmissionReview"))
        return error_set(err, ERROR_INPUT, "kind must be AdmissionReview, not '%.*s'",
                         TEXT_ARGS(envelope->kind));
    if (!text_is_string(envelope->api_version, "admission.k8s.io/v1"))
        return error_set(err, ERROR_INPUT, "apiVersion must be admission.k8s.io/v1, not '%.*s'",
                         TEXT_ARGS(envelope->api_version));
    if (envelope->request != MEMBER_PRESENT)
        return error_set(err, ERROR_INPUT, "request is missing: this is no review that asks for an answer");
    if (envelope->review->uid.length == 0)
        return error_set(err, ERROR_INPUT, "request.uid is missing, so there is nothing to answer to");
    return true;
}

bool review_read(struct text body, struct arena *arena, struct review *ret_review, struct error *err)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("apiVersion", struct envelope, api_version),
        JSON_FIELD_TEXT("kind", struct envelope, kind),
        JSON_FIELD("request", read_request),
    };
    struct envelope envelope = {.review = ret_review};
    struct json json;

    *ret_review = (struct review){0};
    json_init(&json, body, arena);
    (void)json_read_object(&json, fields, COUNT_OF(fields), &envelope);
    if (!json_finish(&json, err) || !check_envelope(&envelope, err) || !read_late_pod(ret_review, arena, err))
        return false;
    if (ret_review->has_pod && ret_review->pod.namespace.length == 0)
        ret_review->pod.namespace = ret_review->namespace;
    return true;
}
