/* SPDX-License-Identifier: Apache-2.0 */
/* The plain port: /healthz, /readyz and /metrics, for kubelet and Prometheus. */
#ifndef WEBHOOK_PROBES_H
#define WEBHOOK_PROBES_H

#include "service.h"

/* The handlers borrow the service. */
struct http_handlers probes_handlers(struct service *service);

#endif
