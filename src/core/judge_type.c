/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

/* What was tried, for whom it did not help: "DMI says 'Standard PC', IMDS: no answer". */
static struct text tried(struct judge *judge)
{
    const struct instance_identity *instance = &judge->inventory->instance;
    struct text said = instance->dmi_type.length > 0
                           ? judge_say(judge, "DMI says '%.*s'", TEXT_ARGS_SHORT(instance->dmi_type))
                           : text_of("DMI says nothing");

    if (judge->expectation->node.is_known && judge->expectation->status.instance_type.length == 0)
        said = judge_say(judge, "%.*s, the Node has no label", TEXT_ARGS(said));
    if (instance->imds_why.length > 0)
        said = judge_say(judge, "%.*s, IMDS: %.*s", TEXT_ARGS(said), TEXT_ARGS(instance->imds_why));
    return said;
}

static void raise_unnamed(struct judge *judge)
{
    judge_raise(judge, FINDING_INSTANCE_TYPE_UNKNOWN,
                &(struct finding){
                    .expected = text_of("the instance type, said by DMI, the Node's label or IMDS"),
                    .found = tried(judge),
                    .cause = text_of("nobody says which instance type this is, so that nothing says how many "
                                     "EFA devices it should have"),
                    .fix = text_of("name it by --instance-type, or label the Node "
                                   "node.kubernetes.io/instance-type"),
                });
}

/* The catalogue holds the types with EFA: what it lacks has none, unless devices or the Node say otherwise.
 */
static void raise_unlisted(struct judge *judge)
{
    const struct expectation *expectation = judge->expectation;
    const struct reading attached = judge_attached(judge);
    bool is_compared = expectation->node.is_known || judge->settings->has_cluster;
    bool may_have = !attached.is_known || attached.number > 0;
    struct finding finding = {
        .expected = judge_say(judge, "%.*s in the catalogue", TEXT_ARGS_SHORT(expectation->type_name)),
        .found = attached.is_known ? judge_say(judge, "no such type, and %" PRIu64 " EFA device%s",
                                               attached.number, plural(attached.number))
                                   : text_of("no such type"),
        .fix = text_of("where the type has EFA, give efa-agent a catalogue that has it (--instance-types)"),
    };

    if (may_have && !is_compared) {
        finding.cause = text_of("neither the catalogue nor a Node object says how many EFA devices there "
                                "should be");
        judge_raise(judge, FINDING_INSTANCE_TYPE_UNKNOWN, &finding);
        return;
    }
    finding.cause =
        may_have ? text_of("the type is newer than the catalogue: devices are compared with the Node alone")
                 : text_of("the type has no EFA, or is newer than the catalogue");
    judge_raise(judge, FINDING_INSTANCE_TYPE_NOT_IN_CATALOGUE, &finding);
}

void judge_type(struct judge *judge)
{
    if (judge->expectation->type_name.length == 0)
        raise_unnamed(judge);
    else if (judge->expectation->type == NULL)
        raise_unlisted(judge);
}

void judge_type_sources(struct judge *judge)
{
    const struct expectation *expectation = judge->expectation;
    struct text source = type_source_name(expectation->type_source);
    struct text other = type_source_name(expectation->other_source);

    if (expectation->other_name.length == 0)
        return;
    judge_raise(judge, FINDING_INSTANCE_TYPES_DIFFER,
                &(struct finding){
                    .expected = judge_say(judge, "%.*s (%.*s)", TEXT_ARGS_SHORT(expectation->type_name),
                                          TEXT_ARGS_SHORT(source)),
                    .found = judge_say(judge, "%.*s (%.*s)", TEXT_ARGS_SHORT(expectation->other_name),
                                       TEXT_ARGS_SHORT(other)),
                    .cause = judge_say(judge, "%.*s and %.*s name different instance types; the first counts",
                                       TEXT_ARGS_SHORT(source), TEXT_ARGS_SHORT(other)),
                    .fix = text_of("correct the one that is wrong: --instance-type, or the Node's label "
                                   "node.kubernetes.io/instance-type"),
                });
}
