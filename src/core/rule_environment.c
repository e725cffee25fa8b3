/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rules.h"

static const struct text resolved_names[] = {
    [VENDOR_NONE] = TEXT("mpi"),
    [VENDOR_NVIDIA] = TEXT("default"),
    [VENDOR_NEURON] = TEXT("neuron"),
    [VENDOR_HABANA] = TEXT("mpi"),
};

/* The set by name; `default` is what suits the type's accelerators. */
static const struct environment_set *find_set(const struct subject *subject)
{
    struct text name = subject->annotations->environment;

    if (name.at == NULL || text_is_string(name, "default"))
        name = resolved_names[subject->target.type->vendor];
    return policy_find_environment(subject->snapshot->policy, name);
}

static bool has_variable(const struct recipient *recipient, struct text name)
{
    size_t i;

    for (i = 0; i < recipient->container->variable_count; i++) {
        if (text_is(recipient->container->variables[i].name, name))
            return true;
    }
    for (i = 0; i < recipient->variable_count; i++) {
        if (text_is(recipient->variables[i].key, name))
            return true;
    }
    return false;
}

void recipient_add_default(struct decision *decision, struct recipient *recipient, struct text name,
                           struct text value)
{
    if (has_variable(recipient, name))
        return;
    if (recipient->container->has_env_from) {
        decision_warn(decision, WARNING_ENV_FROM,
                      "container '%.*s' has envFrom: %.*s was left to it; set it in env",
                      TEXT_ARGS_SHORT(recipient->container->name), TEXT_ARGS_SHORT(name));
    } else {
        decision_add_variable(decision, recipient, name, value);
    }
}

/* MPIJob workers: their ranks are started over ssh and do not see the container's environment. */
static bool is_mpi_worker(const struct pod *pod)
{
    struct text operator= pairs_find_string(&pod->labels, "training.kubeflow.org/operator-name");
    struct text role = pairs_find_string(&pod->labels, "training.kubeflow.org/job-role");
    struct text replica = pairs_find_string(&pod->labels, "training.kubeflow.org/replica-type");
    bool is_mpi = text_is_string(operator, "mpi-operator") || text_is_string(operator, "mpijob-controller");

    return is_mpi && (text_is_string(role, "worker") || text_is_string(replica, "worker"));
}

/* What does harm where it stands; `why` ends in the fix. */
struct harm {
    struct text name;
    struct text value; /* absent: any */
    const char *why;
};

static const struct harm harms[] = {
    {TEXT("NCCL_PROTO"), {0}, "turns NCCL's tuner off; remove it"},
    {TEXT("NCCL_ALGO"), {0}, "turns NCCL's tuner off; remove it"},
    {TEXT("RDMAV_FORK_SAFE"), {0}, "is obsolete and can break things; remove it"},
    {TEXT("RDMAV_FORM_SAFE"), {0}, "is a misspelling of an obsolete variable; remove it"},
    {TEXT("FI_PROVIDER"), TEXT("sockets"), "keeps the job off EFA; remove it or set efa"},
    {TEXT("FI_PROVIDER"), TEXT("tcp"), "keeps the job off EFA; remove it or set efa"},
    {TEXT("NCCL_NET"), TEXT("Socket"), "keeps NCCL off EFA; remove it"},
    {TEXT("NCCL_NET_PLUGIN"), TEXT("none"), "keeps NCCL off EFA; remove it"},
};

/* A shell's $NAME in an env value is not expanded: Kubernetes knows $(NAME), and $$ for a dollar sign. */
static bool has_shell_reference(struct text value)
{
    size_t i;

    for (i = 0; i + 1 < value.length; i++) {
        if (value.at[i] != '$')
            continue;
        i++;
        if (value.at[i] != '(' && value.at[i] != '$')
            return true;
    }
    return false;
}

static const char *find_harm(const struct variable *variable, const struct instance_type *type)
{
    size_t i;

    for (i = 0; i < COUNT_OF(harms); i++) {
        if (text_is(variable->name, harms[i].name) &&
            (harms[i].value.at == NULL || text_is(variable->value, harms[i].value)))
            return harms[i].why;
    }
    if (text_is_string(variable->name, "FI_EFA_USE_DEVICE_RDMA") && text_is_string(variable->value, "1") &&
        type->rdma_read == FACT_NO)
        return "aborts on a type without RDMA read; remove it";
    if ((text_is_string(variable->name, "LD_LIBRARY_PATH") || text_is_string(variable->name, "PATH")) &&
        has_shell_reference(variable->value))
        return "holds a literal $: Kubernetes expands only $(NAME); set it in the image";
    return NULL;
}

/* What the chosen set gives is wanted, ours on a second call included. */
static bool is_of_set(const struct environment_set *set, const struct variable *variable)
{
    size_t i;

    for (i = 0; set != NULL && i < set->count; i++) {
        if (text_is(set->variables[i].name, variable->name) &&
            text_is(set->variables[i].value, variable->value))
            return true;
    }
    return false;
}

static void warn_of_harm(struct decision *decision, const struct container *container,
                         const struct environment_set *set)
{
    size_t i;

    for (i = 0; i < container->variable_count; i++) {
        const char *why = find_harm(&container->variables[i], decision->subject.target.type);

        if (why != NULL && !is_of_set(set, &container->variables[i]))
            decision_warn(decision, WARNING_HARMFUL_VARIABLE, "env %.*s %s",
                          TEXT_ARGS(container->variables[i].name), why);
    }
}

static void add_set(struct decision *decision, const struct environment_set *set)
{
    struct subject *subject = &decision->subject;
    size_t i;
    size_t j;

    for (i = 0; i < subject->recipient_count; i++) {
        for (j = 0; j < set->count; j++) {
            if (set->variables[j].when == ENVIRONMENT_RDMA_READ &&
                subject->target.type->rdma_read != FACT_YES)
                continue;
            recipient_add_default(decision, &subject->recipients[i], set->variables[j].name,
                                  set->variables[j].value);
        }
    }
    decision_note(decision, "Environment: set %.*s; what a container names itself was kept.",
                  TEXT_ARGS(set->name));
}

void rule_environment(struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    const struct environment_set *set = subject->annotations->is_environment_off ? NULL : find_set(subject);
    size_t i;

    for (i = 0; i < subject->recipient_count; i++)
        warn_of_harm(decision, subject->recipients[i].container, set);
    if (set == NULL) {
        decision_note(decision, "Environment: nothing added.");
        return;
    }
    add_set(decision, set);
    if (set->count > 0 && is_mpi_worker(subject->pod)) {
        decision_warn(
            decision, WARNING_ENV_NEEDS_X,
            "ranks do not inherit this environment; give the launcher's mpirun -x NAME for each variable");
    }
}
