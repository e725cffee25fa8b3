/* SPDX-License-Identifier: Apache-2.0 */
/* The plain port: /healthz, /readyz and /metrics, for kubelet and Prometheus. */
#ifndef WEBHOOK_PROBES_H
#define WEBHOOK_PROBES_H

#include "io/plain_port.h"
#include "service.h"

/* The port borrows the service. */
struct plain_port_options probes_options(struct service *service, const char *listen);

#endif
