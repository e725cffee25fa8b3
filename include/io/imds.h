/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instance metadata service of EC2, version 2 (a token first), over libcurl.
 *
 * Source: EC2 user guide, "Use IMDSv2": the response to the token's PUT has a hop limit of 1 by default, so
 * that a container behind a bridge connects and never hears of it. The SDKs' reference:
 * $AWS_EC2_METADATA_DISABLED, $AWS_EC2_METADATA_SERVICE_ENDPOINT.
 */
#ifndef IO_IMDS_H
#define IO_IMDS_H

#include "core/inventory.h"

struct imds_options {
    /* "http://host[:port][/path]"; NULL: $AWS_EC2_METADATA_SERVICE_ENDPOINT, else http://169.254.169.254,
       unless $AWS_EC2_METADATA_DISABLED is true: then it is not asked. */
    const char *endpoint;
    unsigned deadline_ms; /* for all of it; 0: 2000 */
};

/*
 * Fill in inventory->instance, the DMI type excepted. Never an error: what kept it from answering is in
 * `imds` and `imds_why`, and then no text is there but that. What the instance does not have (a placement
 * group) is absent. Without memory inventory->failed is set.
 *
 * Proxies are not used; redirects are not followed; bodies above 4 KiB are refused, and so is what is no
 * type, zone or name. The token is in no text.
 */
void imds_read(const struct imds_options *options, struct inventory *inventory);

#endif
