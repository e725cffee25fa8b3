/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTPS port: reviews, and what is no review. The one place that maps error kinds to HTTP. */
#ifndef WEBHOOK_ROUTES_H
#define WEBHOOK_ROUTES_H

#include "service.h"

/* The handlers borrow the service. */
struct http_handlers routes_handlers(struct service *service);

#endif
