/* SPDX-License-Identifier: Apache-2.0 */
#include "print_claims.h"

/* NVIDIA's classes for the IMEX channels of GB200 ("compute-domain-default-channel.nvidia.com"). Any other
   class may stand for an accelerator or an EFA device, whatever an administrator called it. */
static bool is_harmless_class(struct text class)
{
    static const struct text compute_domain = TEXT("compute-domain-");
    static const struct text imex = TEXT("imex");

    return text_has_prefix(class, compute_domain) || text_has_prefix(class, imex);
}

/* Whether a class is named below, and whether any of them may stand for a device. */
static void look_for_devices(const struct tree *tree, bool *has_class, bool *has_device)
{
    struct text class = tree_find_text(tree, "deviceClassName");
    size_t i;

    if (class.at != NULL) {
        *has_class = true;
        *has_device = *has_device || !is_harmless_class(class);
    }
    for (i = 0; i < tree->count; i++)
        look_for_devices(tree->items[i].value, has_class, has_device);
}

/* The name of a template that stands for neither EFA nor accelerators; absent for anything else. */
static struct text harmless_template(const struct tree *root)
{
    struct text kind = tree_find_text(root, "kind");
    const struct tree *spec = tree_find(root, "spec");
    bool has_class = false;
    bool has_device = false;

    /* NVIDIA's ComputeDomain makes a template for its IMEX channels. */
    if (text_is_string(kind, "ComputeDomain"))
        return tree_find_text(tree_find(tree_find(spec, "channel"), "resourceClaimTemplate"), "name");
    if (!text_is_string(kind, "ResourceClaimTemplate") || spec == NULL)
        return (struct text){0};
    look_for_devices(spec, &has_class, &has_device);
    return has_class && !has_device ? tree_find_text(tree_find(root, "metadata"), "name") : (struct text){0};
}

static bool add_name(struct print_run *run, struct policy *policy, struct text name)
{
    struct text *names = arena_alloc(&run->arena, (policy->claims_ignore_count + 1) * sizeof(*names));

    if (names == NULL)
        return false;
    if (policy->claims_ignore_count > 0)
        memcpy(names, policy->claims_ignore, policy->claims_ignore_count * sizeof(*names));
    names[policy->claims_ignore_count++] = name;
    policy->claims_ignore = names;
    return true;
}

/* A document, or each element of a List. */
static bool add_from(struct print_run *run, struct policy *policy, const struct tree *root)
{
    const struct tree *items = tree_find(root, "items");
    struct text name = harmless_template(root);
    size_t i;

    if (name.at != NULL && !add_name(run, policy, name))
        return false;
    for (i = 0; items != NULL && items->kind == TREE_LIST && i < items->count; i++) {
        if (!add_from(run, policy, items->items[i].value))
            return false;
    }
    return true;
}

bool print_ignore_claims(struct print_run *run, struct policy *policy)
{
    size_t i;

    run->claims_known = policy->claims_ignore_count;
    for (i = 0; i < run->documents.count; i++) {
        if (!add_from(run, policy, run->documents.items[i].root))
            return false;
    }
    return true;
}

static bool is_claimed(const struct container *containers, size_t count, struct text name)
{
    size_t i;
    size_t j;

    for (i = 0; i < count; i++) {
        for (j = 0; j < containers[i].claim_count; j++) {
            if (text_is(containers[i].claims[j].key, name))
                return true;
        }
    }
    return false;
}

static bool is_one_of(const struct text *names, size_t count, struct text name)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (text_is(names[i], name))
            return true;
    }
    return false;
}

/* Whether a container claims by a template that the policy itself does not ignore, but this file shows. */
static bool is_known_by_file(const struct print_run *run, const struct pod *pod, const struct claim *claim)
{
    const struct policy *policy = run->snapshot->policy;
    size_t known = run->claims_known;

    if (claim->template_name.at == NULL || is_one_of(policy->claims_ignore, known, claim->template_name) ||
        !is_one_of(policy->claims_ignore + known, policy->claims_ignore_count - known, claim->template_name))
        return false;
    return is_claimed(pod->containers, pod->container_count, claim->name) ||
           is_claimed(pod->init_containers, pod->init_container_count, claim->name);
}

bool print_tell_claims(struct print_run *run, struct print_template *template)
{
    const struct pod *pod = &template->review.pod;
    size_t i;

    for (i = 0; i < pod->claim_count; i++) {
        struct text name = pod->claims[i].template_name;
        struct text title;
        struct text said;

        if (!is_known_by_file(run, pod, &pod->claims[i]))
            continue;
        title = print_title(run, template);
        said = arena_format(
            &run->arena,
            "ResourceClaimTemplate %.*s of this file stands for neither EFA nor accelerators, but "
            "the webhook cannot see templates: add its name to the policy's claims.ignore, else "
            "it answers \"claims\"",
            TEXT_ARGS(name));
        if (title.at == NULL || said.at == NULL)
            return false;
        decision_note(&template->decision, "%.*s.", (int)said.length, said.at);
        print_tell(run, template->tree->line, "%.*s: %.*s", TEXT_ARGS(title), (int)said.length, said.at);
    }
    return !template->decision.failed;
}
