/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of a DynamoGraphDeployment (nvidia.com/v1alpha1), each as the pod that Dynamo's operator
 * makes.
 *
 * v1beta1 holds pod templates (spec.components[].podTemplate), which print_find() sees by their shape.
 *
 * Source: ai-dynamo/dynamo, deploy/operator/internal: GenerateBasePodSpec(), generateLabels(),
 *         generateAnnotations(), GetResourcesConfig(), ApplySharedMemoryVolumeAndMount().
 */
#ifndef WEBHOOK_PRINT_DYNAMO_H
#define WEBHOOK_PRINT_DYNAMO_H

#include "print_run.h"

/* Add a template for each service; nothing for objects of other kinds. */
void print_add_dynamo(struct print_run *run, const struct print_object *object);

/* Whether the operator copies the annotations and labels that `tree` holds to pods. */
bool print_dynamo_copies(const struct print_object *object, const struct tree *tree);

#endif
