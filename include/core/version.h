/* SPDX-License-Identifier: Apache-2.0 */
/* The version, as --version, the log and the metrics say it. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

static const char version[] = "0.1.0";

#endif
