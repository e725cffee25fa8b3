/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --manage-certs: look at the certificates in the cluster, repair what is broken, make at most one step of a
 * rotation, and return the exit status. Each step is one JSON line on standard output.
 */
#ifndef WEBHOOK_MANAGE_CERTS_H
#define WEBHOOK_MANAGE_CERTS_H

#include "options.h"

int manage_certs(const struct options *options);

#endif
