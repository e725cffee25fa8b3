/* SPDX-License-Identifier: Apache-2.0 */
#include "core/kube_event.h"

#include "core/decision.h"
#include "core/printable.h"
#include "core/timestamp.h"

enum {
    NAME_MAX_BYTES = 253, /* of an object: a DNS subdomain */
    NAMESPACE_MAX_BYTES = 63,
    NUMBER_DIGITS = 16,
    ID_MAX_BYTES = 64,
};

static bool is_name(struct text name, size_t limit)
{
    if (name.length == 0 || name.length > limit)
        return false;
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.at[i];
        bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');

        if (!is_letter && byte != '-' && byte != '.')
            return false;
    }
    return true;
}

bool kube_event_is_about(const struct pod_promise *pod)
{
    return is_name(pod->name, NAME_MAX_BYTES) && is_name(pod->namespace, NAMESPACE_MAX_BYTES) &&
           pod->uid.length > 0;
}

struct text kube_event_namespace(const struct pod_promise *pod)
{
    return pod != NULL ? pod->namespace : (struct text)TEXT("default");
}

static void add_member(struct buffer *buffer, const char *key, struct text value)
{
    buffer_add_string(buffer, key);
    buffer_add_json(buffer, value);
}

/* "train-0.00c0ffee00c0ffee": the object's name is cut where both would be too long. */
static void add_event_name(struct buffer *buffer, struct text object, uint64_t number)
{
    static const char digits[] = "0123456789abcdef";
    struct text name = object;

    if (name.length > NAME_MAX_BYTES - NUMBER_DIGITS - 1)
        name.length = NAME_MAX_BYTES - NUMBER_DIGITS - 1;
    while (name.length > 0 && (name.at[name.length - 1] == '.' || name.at[name.length - 1] == '-'))
        name.length--;
    buffer_add_char(buffer, '"');
    buffer_add(buffer, name);
    buffer_add_char(buffer, '.');
    for (int shift = 60; shift >= 0; shift -= 4)
        buffer_add_char(buffer, digits[number >> shift & 15]);
    buffer_add_char(buffer, '"');
}

static void add_object(struct buffer *buffer, const struct kube_event *event)
{
    struct text node_uid = event->node_uid.length > 0 ? event->node_uid : event->node_name;

    buffer_add_string(buffer, "},\"involvedObject\":{\"apiVersion\":\"v1\"");
    if (event->pod == NULL) {
        add_member(buffer, ",\"kind\":\"Node\",\"name\":", event->node_name);
        add_member(buffer, ",\"uid\":", node_uid);
        return;
    }
    add_member(buffer, ",\"kind\":\"Pod\",\"namespace\":", event->pod->namespace);
    add_member(buffer, ",\"name\":", event->pod->name);
    add_member(buffer, ",\"uid\":", event->pod->uid);
}

void kube_event_format(struct buffer *buffer, const struct kube_event *event)
{
    char moment[TIMESTAMP_BYTES];

    timestamp_format(event->seconds, moment);
    buffer_add_string(buffer, "{\"apiVersion\":\"v1\",\"kind\":\"Event\",\"metadata\":{\"name\":");
    add_event_name(buffer, event->pod != NULL ? event->pod->name : event->node_name, event->number);
    add_member(buffer, ",\"namespace\":", kube_event_namespace(event->pod));
    add_object(buffer, event);
    add_member(buffer, "},\"type\":", text_of(event->is_warning ? "Warning" : "Normal"));
    add_member(buffer, ",\"reason\":", event->reason);
    add_member(buffer, ",\"message\":", event->message);
    add_member(buffer, ",\"source\":{\"component\":\"" KUBE_EVENT_COMPONENT "\",\"host\":", event->node_name);
    add_member(buffer, "},\"count\":1,\"firstTimestamp\":", text_of(moment));
    add_member(buffer, ",\"lastTimestamp\":", text_of(moment));
    add_member(buffer, ",\"reportingComponent\":\"" KUBE_EVENT_COMPONENT "\",\"reportingInstance\":",
               event->node_name);
    buffer_add_char(buffer, '}');
}

/* A part of a sentence, behind what joins it to those before it, if there are any. */
static void add_part(struct buffer *buffer, size_t begin, const char *joint, const char *word,
                     struct text part)
{
    if (part.length == 0)
        return;
    if (buffer->length > begin)
        buffer_add_string(buffer, joint);
    buffer_add_string(buffer, word);
    printable_add(buffer, part, KUBE_EVENT_MESSAGE_MAX / 2);
}

void kube_event_format_finding(struct buffer *buffer, const struct finding *finding, bool is_on_pod)
{
    size_t whole = buffer->length;
    size_t begin;

    if (finding->pod != NULL && !is_on_pod && finding->pod->name.length > 0) {
        add_part(buffer, whole, "", "pod ", finding->pod->namespace);
        add_part(buffer, whole, "/", "", finding->pod->name);
        buffer_add_string(buffer, ": ");
    }
    begin = buffer->length;
    add_part(buffer, begin, "", "expected ", finding->expected);
    add_part(buffer, begin, ", ", "found ", finding->found);
    add_part(buffer, begin, ": ", "", finding->cause);
    add_part(buffer, begin, "; ", "", finding->fix);
    printable_cut(buffer, whole, KUBE_EVENT_MESSAGE_MAX);
}

void kube_event_format_warning(struct buffer *buffer, struct text id)
{
    buffer_add_string(buffer, "the pod's status warns: ");
    for (unsigned i = 0; i < WARNING_COUNT; i++) {
        if (!text_is(warning_id((enum warning)i), id))
            continue;
        buffer_add(buffer, warning_about((enum warning)i));
        buffer_add_string(buffer, " (");
        buffer_add(buffer, id);
        buffer_add_char(buffer, ')');
        return;
    }
    printable_add(buffer, id, ID_MAX_BYTES);
}
