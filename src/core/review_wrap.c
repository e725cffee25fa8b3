/* SPDX-License-Identifier: Apache-2.0 */
#include "core/review.h"

void review_wrap(struct text pod, struct text namespace, struct buffer *buffer)
{
    static const char head[] =
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{"
        "\"uid\":\"00000000-0000-0000-0000-000000000000\","
        "\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"
        "\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\"},\"namespace\":";
    static const struct text standard = TEXT("default");

    buffer_add_string(buffer, head);
    buffer_add_json(buffer, namespace.length > 0 ? namespace : standard);
    buffer_add_string(buffer, ",\"operation\":\"CREATE\",\"object\":");
    buffer_add(buffer, pod);
    buffer_add_string(buffer, "}}");
}
