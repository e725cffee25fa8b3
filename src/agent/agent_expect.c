/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_options.h"
#include "core/quantity.h"

enum {
    COUNT_LIMIT = 4096,
};

static bool parse_count(struct text name, struct text value, struct reading *member, struct error *err)
{
    uint64_t number;

    if (!text_parse_unsigned(value, COUNT_LIMIT, &number))
        return error_set(err, ERROR_INPUT, "--expect %.*s=%.*s: write a whole number from 0 to %d",
                         TEXT_ARGS_SHORT(name), TEXT_ARGS_SHORT(value), COUNT_LIMIT);
    *member = reading_known(number);
    return true;
}

static bool parse_bytes(struct text name, struct text value, struct reading *member, struct error *err)
{
    struct quantity quantity;

    if (!quantity_parse(value, &quantity, err))
        return error_wrap(err, "--expect %.*s", TEXT_ARGS_SHORT(name));
    if (!quantity.whole)
        return error_set(err, ERROR_INPUT, "--expect %.*s=%.*s: write whole bytes, such as 5120Mi",
                         TEXT_ARGS_SHORT(name), TEXT_ARGS_SHORT(value));
    *member = reading_known(quantity.units);
    return true;
}

static bool parse_item(struct text item, struct expectation *expectation, struct error *err)
{
    struct text value = item;
    struct text name = {0};
    struct reading *member = NULL;
    bool is_bytes = false;

    if (!text_split(&value, '=', &name) || value.at == NULL) {
        return error_set(err, ERROR_INPUT,
                         "--expect '%.*s': write NAME=NUMBER, such as efa=32,accelerators=8",
                         TEXT_ARGS(item));
    }
    if (text_is_string(name, "efa"))
        member = &expectation->wanted_efa;
    else if (text_is_string(name, "accelerators"))
        member = &expectation->wanted_accelerators;
    else if (text_is_string(name, "hugepages-2Mi"))
        member = &expectation->wanted_hugepages_bytes;
    else
        return error_set(err, ERROR_INPUT, "--expect '%.*s': write efa, accelerators or hugepages-2Mi",
                         TEXT_ARGS(name));
    if (member->is_known)
        return error_set(err, ERROR_INPUT, "--expect %.*s: it is there twice", TEXT_ARGS(name));
    is_bytes = member == &expectation->wanted_hugepages_bytes;
    return is_bytes ? parse_bytes(name, value, member, err) : parse_count(name, value, member, err);
}

bool agent_expect_parse(const char *list, struct expectation *expectation, struct error *err)
{
    struct text rest = text_of(list);
    struct text item;

    while (text_split(&rest, ',', &item)) {
        if (!parse_item(text_trim(item), expectation, err))
            return false;
    }
    expectation->has_wanted = true;
    return true;
}
