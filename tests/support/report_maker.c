/* SPDX-License-Identifier: Apache-2.0 */
#include "support/report_maker.h"

#include "core/node_status.h"

#include <stdio.h>

const struct finding_kind *report_kind(const char *id)
{
    size_t count;
    const struct finding_kind *kinds = finding_kinds(&count);

    for (size_t i = 0; i < count; i++) {
        if (text_is_string(kinds[i].id, id))
            return &kinds[i];
    }
    return NULL;
}

bool report_read_node(struct kube_client *client, const char *name, struct expectation *expectation,
                      struct error *err)
{
    AUTO(kube_response_release) struct kube_response response = {0};
    char path[320];
    const struct kube_request request = {.method = KUBE_GET, .path = path};

    (void)snprintf(path, sizeof(path), "/api/v1/nodes/%s", name);
    if (kube_call(client, &request, &response, err) &&
        node_status_parse(buffer_text(&response.body), expectation, err))
        return true;
    expectation->node = reading_missed(arena_format(&expectation->arena, "%s", err->text));
    return false;
}
