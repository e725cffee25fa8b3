/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node_condition.h"

#include "core/timestamp.h"

/* A condition of any type, as it comes. */
struct entry {
    struct text type;
    struct node_condition condition;
};

/* Who wrote a moment that is none is of no interest here: it counts as not written. */
static int64_t read_moment(struct json *json)
{
    struct text text = json_text_or_null(json);
    int64_t seconds;

    return text.at != NULL && timestamp_parse(text, &seconds) ? seconds : 0;
}

static void read_transition(struct json *json, void *into)
{
    struct entry *entry = into;

    entry->condition.transition_seconds = read_moment(json);
}

static void read_heartbeat(struct json *json, void *into)
{
    struct entry *entry = into;

    entry->condition.heartbeat_seconds = read_moment(json);
}

static void read_entry(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("type", struct entry, type),
        JSON_FIELD_TEXT("status", struct entry, condition.status),
        JSON_FIELD_TEXT("reason", struct entry, condition.reason),
        JSON_FIELD_TEXT("message", struct entry, condition.message),
        JSON_FIELD("lastTransitionTime", read_transition),
        JSON_FIELD("lastHeartbeatTime", read_heartbeat),
    };
    struct entry entry = {.type = {0}};
    struct node_condition *condition = into;

    (void)json_read_object(json, fields, COUNT_OF(fields), &entry);
    if (text_is_string(entry.type, NODE_CONDITION_TYPE))
        *condition = entry.condition;
}

void node_condition_read(struct json *json, void *into)
{
    (void)json_read_array(json, read_entry, into);
}

bool node_condition_keep(struct node_condition *condition, struct arena *arena)
{
    return arena_keep(arena, &condition->status) && arena_keep(arena, &condition->reason) &&
           arena_keep(arena, &condition->message);
}

static void add_member(struct buffer *buffer, const char *key, struct text value)
{
    buffer_add_string(buffer, key);
    buffer_add_json(buffer, value);
}

static void add_moment(struct buffer *buffer, const char *key, int64_t seconds)
{
    char moment[TIMESTAMP_BYTES];

    timestamp_format(seconds, moment);
    add_member(buffer, key, text_of(moment));
}

void node_condition_format(struct buffer *buffer, const char *node_name,
                           const struct node_condition *condition)
{
    add_member(buffer,
               "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":", text_of(node_name));
    add_member(buffer, "},\"status\":{\"conditions\":[{\"type\":\"" NODE_CONDITION_TYPE "\",\"status\":",
               condition->status);
    add_member(buffer, ",\"reason\":", condition->reason);
    add_member(buffer, ",\"message\":", condition->message);
    add_moment(buffer, ",\"lastTransitionTime\":", condition->transition_seconds);
    add_moment(buffer, ",\"lastHeartbeatTime\":", condition->heartbeat_seconds);
    buffer_add_string(buffer, "}]}}");
}
