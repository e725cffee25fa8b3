/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rules.h"

#include "core/hash.h"

static const char default_container[] = "kubectl.kubernetes.io/default-container";

static bool add_recipient(struct decision *decision, const struct container *container)
{
    struct subject *subject = &decision->subject;
    struct recipient *larger =
        arena_grow(decision->arena, subject->recipients, subject->recipient_count, sizeof(*larger));

    if (larger == NULL) {
        decision->failed = true;
        return false;
    }
    subject->recipients = larger;
    larger[subject->recipient_count++] = (struct recipient){.container = container};
    return true;
}

/* "main, sidecar", for a sentence that says which names there are. */
static struct text list_names(const struct decision *decision)
{
    static const struct text comma = TEXT(", ");
    const struct pod *pod = decision->subject.pod;
    struct text parts[16];
    size_t count = 0;
    size_t i;

    for (i = 0; i < pod->container_count + pod->init_container_count && count + 2 <= COUNT_OF(parts); i++) {
        if (count > 0)
            parts[count++] = comma;
        parts[count++] = i < pod->container_count ? pod->containers[i].name
                                                  : pod->init_containers[i - pod->container_count].name;
    }
    return arena_join(decision->arena, parts, count);
}

static void deny_name(struct decision *decision, struct text name, const char *why)
{
    struct text names = list_names(decision);

    decision_deny(decision, REASON_BAD_ANNOTATION, "annotation %.*s/containers: '%.*s' %s; the pod has %.*s",
                  TEXT_ARGS(decision->subject.snapshot->policy->prefix), TEXT_ARGS(name), why,
                  TEXT_ARGS(names));
}

/* Names to look up containers by; positions behind the regular ones are init containers. */
static bool index_names(struct decision *decision, struct index *ret_names)
{
    const struct pod *pod = decision->subject.pod;
    size_t i;

    if (!index_init(ret_names, decision->arena, pod->container_count + pod->init_container_count)) {
        decision->failed = true;
        return false;
    }
    for (i = 0; i < pod->container_count; i++) {
        if (pod->containers[i].name.at != NULL)
            (void)index_add(ret_names, pod->containers[i].name, i);
    }
    for (i = 0; i < pod->init_container_count; i++) {
        if (pod->init_containers[i].name.at != NULL)
            (void)index_add(ret_names, pod->init_containers[i].name, pod->container_count + i);
    }
    return true;
}

/* Mark the named ones; false when a name is unknown or comes twice. */
static bool mark_named(struct decision *decision, const struct index *names, bool *is_named)
{
    struct text rest = decision->subject.annotations->containers;
    struct text name;
    size_t position;

    while (text_split(&rest, ',', &name)) {
        name = text_trim(name);
        if (!index_find(names, name, &position)) {
            deny_name(decision, name, "is no container of this pod");
            return false;
        }
        if (is_named[position]) {
            deny_name(decision, name, "is named twice");
            return false;
        }
        is_named[position] = true;
    }
    return true;
}

/* In the pod's order, whatever the annotation's: so the patch is in the document's order. */
static void add_named(struct decision *decision)
{
    const struct pod *pod = decision->subject.pod;
    size_t count = pod->container_count + pod->init_container_count;
    bool *is_named = arena_alloc(decision->arena, count * sizeof(*is_named));
    struct index names;
    size_t i;

    if (is_named == NULL || !index_names(decision, &names)) {
        decision->failed = true;
        return;
    }
    if (!mark_named(decision, &names, is_named))
        return;
    for (i = 0; i < count; i++) {
        const struct container *container = i < pod->init_container_count
                                                ? &pod->init_containers[i]
                                                : &pod->containers[i - pod->init_container_count];
        size_t position = container->is_init ? pod->container_count + i : i - pod->init_container_count;

        if (is_named[position] && !add_recipient(decision, container))
            return;
    }
    decision_note(decision, "Containers: named by annotation containers.");
}

/* Those that ask for an accelerator; false when none does. */
static bool add_asking(struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    const struct pod *pod = subject->pod;
    struct error err = {0};
    struct asks asks;
    size_t i;

    for (i = 0; i < pod->container_count; i++) {
        /* amounts were checked when the whole pod's were added up */
        if (!asks_of(&pod->containers[i], pod, subject->snapshot->policy, &asks, &err) ||
            !asks_has_accelerators(&asks))
            continue;
        if (!add_recipient(decision, &pod->containers[i]))
            return true;
    }
    if (subject->recipient_count > 0)
        decision_note(decision, "Containers: those that ask for an accelerator.");
    return subject->recipient_count > 0;
}

static void add_default(struct decision *decision)
{
    const struct pod *pod = decision->subject.pod;
    struct text name = pairs_find_string(&pod->annotations, default_container);
    size_t i;

    for (i = 0; pod->container_count > 1 && name.at != NULL && i < pod->container_count; i++) {
        if (text_is(pod->containers[i].name, name)) {
            decision_note(decision, "Containers: the one that %s names.", default_container);
            (void)add_recipient(decision, &pod->containers[i]);
            return;
        }
    }
    (void)add_recipient(decision, &pod->containers[0]);
    decision->subject.are_recipients_guessed = pod->container_count > 1;
    decision_note(decision, pod->container_count > 1 ? "Containers: the first, since nothing says which."
                                                     : "Containers: the pod has one.");
}

void recipients_find(struct decision *decision)
{
    struct subject *subject = &decision->subject;
    struct error err = {0};
    size_t i;

    if (subject->pod->container_count == 0) {
        decision_deny(decision, REASON_BAD_POD,
                      "spec.containers is empty: there is nothing to give devices to; add a container");
        return;
    }
    if (subject->annotations->containers.at != NULL)
        add_named(decision);
    else if (!add_asking(decision))
        add_default(decision);
    for (i = 0; i < subject->recipient_count; i++) {
        struct recipient *recipient = &subject->recipients[i];

        if (!asks_of(recipient->container, subject->pod, subject->snapshot->policy, &recipient->asks, &err))
            decision_deny(decision, REASON_BAD_POD, "%s", err.text);
        recipient->efa = recipient->asks.efa;
        recipient->accelerators = recipient->asks.accelerators;
        recipient->hugepages_bytes = recipient->asks.hugepages_bytes;
    }
    if (subject->are_recipients_guessed) {
        decision_warn(decision, WARNING_FIRST_CONTAINER,
                      "container '%.*s' is the first and gets the devices; name it in annotation containers",
                      TEXT_ARGS_SHORT(subject->recipients[0].container->name));
    }
}
