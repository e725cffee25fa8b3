/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rules.h"

/* Things that count accelerators from their own template, so that added ones would not be seen. */
static bool is_managed(const struct pod *pod)
{
    static const struct text ray = TEXT("ray.io/");
    static const struct text volcano = TEXT("volcano.sh/");
    static const struct text queue = TEXT("kueue.x-k8s.io/queue-name");
    const struct pairs *maps[] = {&pod->labels, &pod->annotations};
    size_t map;
    size_t i;

    for (map = 0; map < COUNT_OF(maps); map++) {
        for (i = 0; i < maps[map]->count; i++) {
            struct text key = maps[map]->items[i].key;

            if (text_has_prefix(key, ray) || text_has_prefix(key, volcano) || text_is(key, queue))
                return true;
        }
    }
    return false;
}

static bool is_type_certain(const struct subject *subject)
{
    enum target_source source = subject->target.source;

    return source == TARGET_BY_ANNOTATION || source == TARGET_BY_CONSTRAINTS || source == TARGET_BY_NODES ||
           subject->annotations->wants_pin;
}

/* Why accelerators are not added; NULL where they are. */
static const char *why_kept(const struct subject *subject)
{
    if (subject->annotations->accelerators == AMOUNT_FULL)
        return NULL;
    if (subject->asks.has_claims)
        return "a container references a resource claim";
    if (!is_type_certain(subject))
        return "the type is only inferred; set annotation instance-type";
    if (is_managed(subject->pod))
        return "Ray, Kueue or Volcano counts from its own template; write them there";
    return NULL;
}

/* Limit and request, each where the container lacks it (null is zero, and zero is the author's word). */
static void add_device(struct decision *decision, struct recipient *recipient, struct text name,
                       uint64_t count)
{
    struct text amount = decision_number(decision, count);

    if (resource_find(&recipient->container->limits, name) == NULL)
        decision_add_limit(decision, recipient, name, amount);
    if (resource_find(&recipient->container->requests, name) == NULL)
        decision_add_request(decision, recipient, name, amount);
}

static void add_accelerators(struct decision *decision)
{
    struct subject *subject = &decision->subject;
    struct text resource = vendor_resource(subject->target.type->vendor);
    struct portion *portions = portions_new(decision);
    uint64_t added = 0;
    size_t i;

    if (portions == NULL)
        return;
    for (i = 0; i < subject->recipient_count; i++)
        portions[i].is_counted = !container_names(subject->recipients[i].container, resource);
    portions_split(portions, subject->recipient_count, subject->target.accelerators);
    portions_repeat(portions, subject->recipient_count, subject->target.accelerators);
    for (i = 0; i < subject->recipient_count; i++) {
        struct recipient *recipient = &subject->recipients[i];

        if (portions[i].units == 0)
            continue;
        add_device(decision, recipient, resource, portions[i].units);
        recipient->accelerators = portions[i].units;
        added = subject->target.accelerators;
    }
    subject->asks.accelerators = added;
    if (added > 0) {
        decision_note(decision, "Accelerators: %llu %.*s added, all that the type has.",
                      (unsigned long long)added, TEXT_ARGS(resource));
    } else {
        decision_warn(decision, WARNING_ACCELERATORS_KEPT, "%.*s is 0 in the container, which was kept",
                      TEXT_ARGS(resource));
    }
}

/* A request without its limit gets the limit: the API server refuses it otherwise. */
static void complete_limits(struct decision *decision)
{
    struct subject *subject = &decision->subject;
    size_t i;
    size_t j;

    for (i = 0; i < subject->recipient_count; i++) {
        struct recipient *recipient = &subject->recipients[i];
        const struct resource_list *requests = &recipient->container->requests;

        for (j = 0; j < requests->count; j++) {
            const struct resource *request = &requests->items[j];
            bool is_device = vendor_of_resource(request->name) != VENDOR_NONE ||
                             text_is(request->name, efa_resource) ||
                             text_is(request->name, hugepages_resource);

            if (is_device && !request->is_null &&
                resource_find(&recipient->container->limits, request->name) == NULL)
                decision_add_limit(decision, recipient, request->name, request->amount);
        }
    }
}

static void decide_accelerators(struct decision *decision)
{
    struct subject *subject = &decision->subject;
    const struct instance_type *type = subject->target.type;
    const char *why = why_kept(subject);

    if (type->accelerators == 0 || asks_has_accelerators(&subject->asks) ||
        subject->annotations->accelerators == AMOUNT_KEEP)
        return;
    if (why == NULL)
        add_accelerators(decision);
    else
        decision_warn(decision, WARNING_ACCELERATORS_KEPT, "%.*s was not added: %s",
                      TEXT_ARGS(vendor_resource(type->vendor)), why);
}

static void find_share(struct subject *subject)
{
    uint64_t asked = subject->asks.accelerators;
    unsigned has = subject->target.accelerators;

    subject->share = 1;
    subject->share_of = 1;
    if (has == 0 || asked >= has || (subject->asks.has_claims && asked == 0))
        return;
    subject->share = asked > 0 ? (unsigned)asked : 1;
    subject->share_of = has;
}

/* How many interfaces the pod should have; 0 where it must not be said (denied, or onImpossible: warn). */
static uint64_t wanted_interfaces(struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    const struct annotations *annotations = subject->annotations;
    uint64_t share;

    if (annotations->efa == AMOUNT_NUMBER) {
        if (annotations->efa_count > subject->target.type->efa_interfaces) {
            (void)decision_impossible(
                decision, "annotation efa asks for %u interfaces, but %.*s has %u; write full, or fewer",
                annotations->efa_count, TEXT_ARGS(subject->target.type->name),
                subject->target.type->efa_interfaces);
            return 0;
        }
        if (subject->asks.efa > annotations->efa_count) {
            decision_warn(
                decision, WARNING_EFA_KEPT,
                "vpc.amazonaws.com/efa: %llu was kept, although annotation efa says %u; make them equal",
                (unsigned long long)subject->asks.efa, annotations->efa_count);
        } else {
            decision_warn(decision, WARNING_EFA_NUMBER, "annotation efa sets %u of %u interfaces",
                          annotations->efa_count, subject->target.type->efa_interfaces);
        }
        return annotations->efa_count;
    }
    if (subject->asks.has_shares || subject->target.is_oversubscribed) {
        (void)decision_impossible(
            decision, "%s, so the share of EFA is unknown; set annotation efa to a number",
            subject->asks.has_shares ? "the pod asks for parts of accelerators"
                                     : "nodes share their accelerators by time slicing");
        return 0;
    }
    if (annotations->efa == AMOUNT_FULL || subject->share == subject->share_of)
        return subject->target.efa;
    share = (uint64_t)subject->target.efa * subject->asks.accelerators / subject->share_of;
    return share > 0 ? share : 1;
}

/* A recipient whose devices come from claims, and whose author did not ask for EFA besides, here or there. */
static bool is_claimed(const struct subject *subject, const struct recipient *recipient)
{
    return recipient->asks.has_claims && recipient->asks.efa == 0 && subject->annotations->efa == AMOUNT_AUTO;
}

/* A plain init container behind this sidecar asks for EFA itself: while it runs they count together, so what
 * is free once it is done is not free for the sidecar. */
static bool runs_beside_efa(const struct pod *pod, const struct container *sidecar)
{
    struct quantity amount;
    struct error err = {0};
    size_t i;

    for (i = sidecar->position + 1; sidecar->is_sidecar && i < pod->init_container_count; i++) {
        if (!pod->init_containers[i].is_sidecar &&
            asks_amount(&pod->init_containers[i], efa_resource, &amount, &err) && amount.units > 0)
            return true;
    }
    return false;
}

static void add_interfaces(struct decision *decision, uint64_t wanted)
{
    struct subject *subject = &decision->subject;
    struct portion *portions = portions_new(decision);
    uint64_t running = subject->asks.efa_running;
    size_t i;

    if (portions == NULL)
        return;
    for (i = 0; i < subject->recipient_count; i++) {
        const struct recipient *recipient = &subject->recipients[i];

        portions[i].is_counted = !container_names(recipient->container, efa_resource) &&
                                 !is_claimed(subject, recipient) &&
                                 !runs_beside_efa(subject->pod, recipient->container);
        portions[i].weight = recipient->accelerators;
        portions[i].asked = recipient->asks.efa;
    }
    portions_divide(portions, subject->recipient_count, wanted > running ? wanted - running : 0);
    portions_repeat(portions, subject->recipient_count, wanted);
    for (i = 0; i < subject->recipient_count; i++) {
        if (portions[i].units == 0)
            continue;
        add_device(decision, &subject->recipients[i], efa_resource, portions[i].units);
        subject->recipients[i].efa = portions[i].units;
        subject->asks.efa = wanted > subject->asks.efa ? wanted : subject->asks.efa;
    }
}

static bool has_zero(const struct subject *subject)
{
    size_t i;

    for (i = 0; i < subject->recipient_count; i++) {
        if (subject->recipients[i].asks.has_efa_zero)
            return true;
    }
    return false;
}

static void warn_of_interfaces(struct decision *decision, uint64_t wanted)
{
    const struct subject *subject = &decision->subject;

    if (has_zero(subject)) {
        decision_warn(decision, WARNING_EFA_ZERO,
                      "vpc.amazonaws.com/efa: 0 (the author's, or a LimitRange's default) was kept; use efa: "
                      "off for none");
    } else if (subject->asks.efa < wanted && subject->asks.efa > 0) {
        decision_warn(decision, WARNING_EFA_FEWER,
                      "vpc.amazonaws.com/efa: %llu was kept; the pod's share is %llu",
                      (unsigned long long)subject->asks.efa, (unsigned long long)wanted);
    }
}

static void warn_of_share(struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    uint64_t by_accelerators;
    uint64_t by_efa;

    if (subject->share == subject->share_of || subject->asks.has_shares ||
        (subject->asks.accelerators == 0 && subject->asks.efa == 0))
        return;
    by_accelerators = subject->asks.accelerators > 0 ? subject->share_of / subject->share : UINT64_MAX;
    by_efa = subject->asks.efa > 0 ? subject->target.efa / subject->asks.efa : UINT64_MAX;
    decision_warn(
        decision, WARNING_PARTIAL_NODE,
        "%u of %u accelerators, %llu of %u EFA: %llu such pod(s) fit one %.*s; ask for all for a whole node",
        (unsigned)subject->asks.accelerators, subject->share_of, (unsigned long long)subject->asks.efa,
        subject->target.efa, (unsigned long long)(by_efa < by_accelerators ? by_efa : by_accelerators),
        TEXT_ARGS(subject->target.type->name));
}

static void decide_interfaces(struct decision *decision)
{
    struct subject *subject = &decision->subject;
    uint64_t wanted;
    size_t i;
    size_t claimed = 0;

    for (i = 0; i < subject->recipient_count; i++)
        claimed += is_claimed(subject, &subject->recipients[i]) ? 1 : 0;
    if (claimed > 0)
        decision_warn(decision, WARNING_CLAIMS,
                      "resource claims may stand for EFA, so it was not added; annotation efa: full adds it");
    if (subject->annotations->efa == AMOUNT_OFF) {
        if (subject->asks.efa > 0) {
            decision_warn(
                decision, WARNING_EFA_KEPT,
                "vpc.amazonaws.com/efa: %llu was kept, although annotation efa says off; remove one",
                (unsigned long long)subject->asks.efa);
        }
        decision_note(decision, "EFA: off by annotation; none added.");
    } else if (claimed == subject->recipient_count) {
        if (subject->annotations->accelerators != AMOUNT_FULL)
            decision->reason = REASON_CLAIMS;
    } else {
        wanted = wanted_interfaces(decision);
        if (wanted == 0)
            return;
        add_interfaces(decision, wanted);
        warn_of_interfaces(decision, wanted);
        decision_note(decision, "EFA: the pod's share is %llu of %u interfaces.", (unsigned long long)wanted,
                      subject->target.efa);
    }
    warn_of_share(decision);
}

/* null and zero are no limit. */
static bool has_memory_limit(const struct resource_list *limits)
{
    static const struct text memory = TEXT("memory");
    const struct resource *limit = resource_find(limits, memory);
    struct quantity amount;
    struct error err = {0};

    return limit != NULL && !limit->is_null &&
           (!quantity_parse(limit->amount, &amount, &err) || amount.units > 0 || !amount.whole);
}

static void warn_of_memory(struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    size_t i;

    if (has_memory_limit(&subject->pod->limits))
        return;
    for (i = 0; i < subject->recipient_count; i++) {
        const struct container *container = subject->recipients[i].container;

        if (!has_memory_limit(&container->limits)) {
            decision_warn(decision, WARNING_NO_MEMORY_LIMIT,
                          "container '%.*s' has no memory limit; set resources.limits.memory",
                          TEXT_ARGS_SHORT(container->name));
        }
    }
}

void rule_devices(struct decision *decision)
{
    struct subject *subject = &decision->subject;
    const struct target *target = &subject->target;

    if (target->is_node_fewer) {
        decision_warn(
            decision, WARNING_NODE_FEWER,
            "matching nodes offer %u EFA and %u accelerators, %.*s has %u and %u; check their device plugins",
            target->efa, target->accelerators, TEXT_ARGS(target->type->name), target->type->efa_interfaces,
            target->type->accelerators);
    }
    if (target->other != NULL) {
        decision_warn(decision, WARNING_MIXED_TYPES,
                      "%.*s or %.*s: alike, but peers should run on one type; name it",
                      TEXT_ARGS(target->type->name), TEXT_ARGS(target->other->name));
    }
    complete_limits(decision);
    decide_accelerators(decision);
    find_share(subject);
    decide_interfaces(decision);
    warn_of_memory(decision);
}
