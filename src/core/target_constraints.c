/* SPDX-License-Identifier: Apache-2.0 */
#include "target_search.h"

/* What a label says of an instance type. */
enum label_kind {
    LABEL_OTHER,
    LABEL_TYPE,
    LABEL_FAMILY,
    LABEL_SIZE,
    LABEL_GPU_NAME,
    LABEL_GPU_COUNT,
    LABEL_GPU_PRODUCT,
};

static const struct {
    struct text key;
    enum label_kind kind;
} type_labels[] = {
    {TEXT("node.kubernetes.io/instance-type"), LABEL_TYPE},
    {TEXT("beta.kubernetes.io/instance-type"), LABEL_TYPE},
    {TEXT("karpenter.k8s.aws/instance-family"), LABEL_FAMILY},
    {TEXT("karpenter.k8s.aws/instance-size"), LABEL_SIZE},
    {TEXT("karpenter.k8s.aws/instance-gpu-name"), LABEL_GPU_NAME},
    {TEXT("karpenter.k8s.aws/instance-gpu-count"), LABEL_GPU_COUNT},
    {TEXT("eks.amazonaws.com/instance-family"), LABEL_FAMILY},
    {TEXT("eks.amazonaws.com/instance-size"), LABEL_SIZE},
    {TEXT("eks.amazonaws.com/instance-gpu-name"), LABEL_GPU_NAME},
    {TEXT("eks.amazonaws.com/instance-gpu-count"), LABEL_GPU_COUNT},
    {TEXT("nvidia.com/gpu.product"), LABEL_GPU_PRODUCT}, /* NVIDIA GPU feature discovery */
};

static enum label_kind find_kind(struct text key)
{
    size_t i;

    for (i = 0; i < COUNT_OF(type_labels); i++) {
        if (text_is(type_labels[i].key, key))
            return type_labels[i].kind;
    }
    return LABEL_OTHER;
}

static bool is_same_letter(char left, char right)
{
    if (left >= 'A' && left <= 'Z')
        left = (char)(left | 0x20);
    if (right >= 'A' && right <= 'Z')
        right = (char)(right | 0x20);
    return left == right;
}

static bool is_same_word(struct text left, struct text right)
{
    size_t i;

    if (left.length != right.length)
        return false;
    for (i = 0; i < left.length; i++) {
        if (!is_same_letter(left.at[i], right.at[i]))
            return false;
    }
    return true;
}

static bool has_word(struct text words, struct text word)
{
    struct text one;

    while (text_split(&words, '-', &one)) {
        if (is_same_word(one, word))
            return true;
    }
    return false;
}

/* "h100" is in "NVIDIA-H100-80GB-HBM3"; "rtx-pro-server-6000" in
   "NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition". */
static bool is_model_in_product(struct text model, struct text product)
{
    struct text word;

    while (text_split(&model, '-', &word)) {
        if (!has_word(product, word))
            return false;
    }
    return true;
}

/* The part of "p5.48xlarge" before the point, or behind it. */
static struct text name_part(struct text name, enum label_kind kind)
{
    struct text family = {0};

    (void)text_split(&name, '.', &family);
    return kind == LABEL_FAMILY ? family : name;
}

static bool has_gpus(const struct instance_type *type, enum label_kind kind)
{
    if (type->accelerators == 0)
        return false;
    return type->vendor == VENDOR_NVIDIA || (type->vendor == VENDOR_HABANA && kind != LABEL_GPU_PRODUCT);
}

/* Whether nodes of the type carry the label at all. */
static bool has_label(const struct instance_type *type, enum label_kind kind)
{
    bool is_about_gpus = kind == LABEL_GPU_NAME || kind == LABEL_GPU_COUNT || kind == LABEL_GPU_PRODUCT;

    return !is_about_gpus || has_gpus(type, kind);
}

static bool is_in_list(struct text text, const struct expression *expression)
{
    size_t i;

    for (i = 0; i < expression->value_count; i++) {
        if (text_is(expression->values[i], text))
            return true;
    }
    return false;
}

static bool is_model_in_list(struct text model, const struct expression *expression)
{
    size_t i;

    for (i = 0; i < expression->value_count; i++) {
        if (is_model_in_product(model, expression->values[i]))
            return true;
    }
    return false;
}

static bool is_count_in_list(unsigned count, const struct expression *expression)
{
    uint64_t value;
    size_t i;

    for (i = 0; i < expression->value_count; i++) {
        if (text_parse_unsigned(expression->values[i], UINT32_MAX, &value) && value == count)
            return true;
    }
    return false;
}

/* Whether the label, which nodes of the type carry, has one of the values. */
static bool has_any_value(const struct instance_type *type, enum label_kind kind,
                          const struct expression *expression)
{
    switch (kind) {
    case LABEL_FAMILY:
    case LABEL_SIZE:
        return is_in_list(name_part(type->name, kind), expression);
    case LABEL_GPU_NAME:
        return is_in_list(type->accelerator_model, expression);
    case LABEL_GPU_COUNT:
        return is_count_in_list(type->accelerators, expression);
    case LABEL_GPU_PRODUCT:
        return is_model_in_list(type->accelerator_model, expression);
    case LABEL_TYPE:
    case LABEL_OTHER:
        break;
    }
    return false;
}

/* Neighbours in the catalogue mostly agree, and need not be compared again. */
static bool is_value_shared(const struct instance_type *left, const struct instance_type *right,
                            enum label_kind kind)
{
    if (kind == LABEL_FAMILY)
        return text_is(name_part(left->name, kind), name_part(right->name, kind));
    if (kind != LABEL_GPU_NAME && kind != LABEL_GPU_PRODUCT)
        return false;
    return left->vendor == right->vendor && text_is(left->accelerator_model, right->accelerator_model);
}

/* The types whose label has one of the values. */
static void find_valued(const struct catalogue *catalogue, enum label_kind kind,
                        const struct expression *expression, struct type_set *types)
{
    const struct instance_type *last = NULL;
    bool is_in = false;
    size_t i;

    for (i = 0; kind == LABEL_TYPE && i < expression->value_count; i++) {
        size_t type;

        if (catalogue_find(catalogue, expression->values[i], &type))
            type_set_add(types, type);
    }
    for (i = 0; kind != LABEL_TYPE && i < catalogue->count; i++) {
        const struct instance_type *type = &catalogue->types[i];

        if (!has_label(type, kind))
            continue;
        if (last == NULL || !is_value_shared(last, type, kind))
            is_in = has_any_value(type, kind, expression);
        last = type;
        if (is_in)
            type_set_add(types, i);
    }
}

static void find_labelled(const struct catalogue *catalogue, enum label_kind kind, struct type_set *types)
{
    size_t i;

    for (i = 0; i < catalogue->count; i++) {
        if (has_label(&catalogue->types[i], kind))
            type_set_add(types, i);
    }
}

/* Gt and Lt: of these labels only the number of GPUs is an integer. */
static void find_compared(const struct catalogue *catalogue, enum label_kind kind,
                          const struct expression *expression, struct type_set *types)
{
    size_t i;

    if (kind != LABEL_GPU_COUNT || expression->value_count != 1)
        return;
    for (i = 0; i < catalogue->count; i++) {
        char digits[16];
        struct text count;
        unsigned rest = catalogue->types[i].accelerators;
        size_t at = sizeof(digits);

        for (; rest > 0; rest /= 10)
            digits[--at] = (char)('0' + rest % 10);
        count = (struct text){.at = digits + at, .length = sizeof(digits) - at};
        if (has_label(&catalogue->types[i], kind) &&
            match_compare(expression->operation, count, expression->values[0]))
            type_set_add(types, i);
    }
}

/* Narrow `types` by an expression; what it does not know (an operation that the API server refuses) it
 * leaves. */
static void narrow(const struct catalogue *catalogue, enum label_kind kind,
                   const struct expression *expression, struct type_set *types)
{
    struct text operation = expression->operation;
    struct type_set found = {0};

    if (text_is_string(operation, "In") || text_is_string(operation, "NotIn"))
        find_valued(catalogue, kind, expression, &found);
    else if (text_is_string(operation, "Exists") || text_is_string(operation, "DoesNotExist"))
        find_labelled(catalogue, kind, &found);
    else if (text_is_string(operation, "Gt") || text_is_string(operation, "Lt"))
        find_compared(catalogue, kind, expression, &found);
    else
        return;
    if (text_is_string(operation, "NotIn") || text_is_string(operation, "DoesNotExist"))
        type_set_subtract(types, &found);
    else
        type_set_intersect(types, &found);
}

static bool has_text(const struct expression *expression, const char *value)
{
    size_t i;

    for (i = 0; i < expression->value_count; i++) {
        if (text_is_string(expression->values[i], value))
            return true;
    }
    return false;
}

/* Whether only Karpenter's or Auto Mode's nodes can meet the expression. */
static bool is_of_provisioner(const struct expression *expression)
{
    static const struct text prefixes[] = {
        TEXT("karpenter.sh/"),
        TEXT("karpenter.k8s.aws/"),
        TEXT("eks.amazonaws.com/instance-"),
    };
    size_t i;

    if (text_is_string(expression->operation, "NotIn") ||
        text_is_string(expression->operation, "DoesNotExist"))
        return false;
    if (text_is_string(expression->key, "eks.amazonaws.com/compute-type"))
        return text_is_string(expression->operation, "In") && has_text(expression, "auto");
    for (i = 0; i < COUNT_OF(prefixes); i++) {
        if (text_has_prefix(expression->key, prefixes[i]))
            return true;
    }
    return false;
}

/* Read one expression into `types`; returns whether it names types to take. */
static bool read_expression(struct target_search *search, const struct expression *expression,
                            enum constraint_place place, struct type_set *types)
{
    struct constraints *constraints = &search->constraints;
    enum label_kind kind = find_kind(expression->key);

    if (is_of_provisioner(expression))
        constraints->is_provisioned = true;
    if (kind == LABEL_OTHER)
        return false;
    if (constraints->place == PLACE_NONE) {
        constraints->place = place;
        constraints->key = expression->key;
        constraints->value = expression->value_count > 0 ? expression->values[0] : (struct text){0};
    }
    narrow(search->snapshot->catalogue, kind, expression, types);
    return text_is_string(expression->operation, "In");
}

static void read_node_selector(struct target_search *search)
{
    const struct pairs *selector = &search->pod->node_selector;
    size_t i;

    for (i = 0; i < selector->count; i++) {
        struct text value = selector->items[i].value;
        struct expression expression = {
            .key = selector->items[i].key, .operation = TEXT("In"), .values = &value, .value_count = 1};

        if (read_expression(search, &expression, PLACE_NODE_SELECTOR, &search->constraints.types))
            search->constraints.is_positive = true;
    }
}

static void read_affinity(struct target_search *search)
{
    const struct affinity *affinity = &search->pod->affinity;
    struct type_set any = {0};
    bool are_positive = true;
    size_t i;
    size_t j;

    if (affinity->node_required != MEMBER_PRESENT)
        return;
    for (i = 0; i < affinity->node_term_count; i++) {
        const struct node_term *term = &affinity->node_terms[i];
        bool is_positive = false;
        struct type_set all;

        if (match_is_empty(term))
            continue;
        type_set_fill(&all, search->snapshot->catalogue->count);
        for (j = 0; j < term->label_count; j++) {
            if (read_expression(search, &term->labels[j], PLACE_AFFINITY, &all))
                is_positive = true;
        }
        type_set_unite(&any, &all);
        are_positive = are_positive && is_positive;
    }
    type_set_intersect(&search->constraints.types, &any);
    if (are_positive)
        search->constraints.is_positive = true;
}

bool target_read_constraints(struct target_search *search)
{
    type_set_fill(&search->constraints.types, search->snapshot->catalogue->count);
    read_node_selector(search);
    read_affinity(search);
    return target_read_label_types(search);
}
