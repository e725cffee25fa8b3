/* SPDX-License-Identifier: Apache-2.0 */
/* The pod that Dynamo's operator makes of a service, as far as the webhook looks at pods. */
#ifndef WEBHOOK_PRINT_DYNAMO_POD_H
#define WEBHOOK_PRINT_DYNAMO_POD_H

#include "print_run.h"

/* What is in the file keeps its lines. Returns NULL without memory, which `run->failed` says too. */
const struct tree *print_dynamo_pod(struct print_run *run, const struct print_object *object,
                                    const struct tree_item *service);

#endif
