/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instance metadata service of EC2, version 2 (a token first), over libcurl.
 *
 * Source: EC2 user guide, "Use IMDSv2"; its response hop limit is 1 by default, so that a container behind a
 * bridge gets no token.
 */
#ifndef IO_IMDS_H
#define IO_IMDS_H

#include "core/inventory.h"

struct imds_options {
    const char *endpoint; /* NULL: $AWS_EC2_METADATA_SERVICE_ENDPOINT, else http://169.254.169.254 */
    unsigned deadline_ms; /* for all of it; 0: 2000 */
};

/* Fill in inventory->instance, the DMI type excepted. Never an error: what kept it from answering is in
 * `imds` and `imds_why`. Proxies are not used; redirects are not followed; bodies above 4 KiB are refused. */
void imds_read(const struct imds_options *options, struct inventory *inventory);

#endif
