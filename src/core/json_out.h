/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing JSON member by member: commas come by themselves.
 *
 *     json_out_open(buffer, NULL, '{');
 *     json_out_text(buffer, "name", name);       null where it is absent
 *     json_out_close(buffer, '}');
 *
 * The key is NULL in an array and at the top. Texts may hold any bytes: what is no UTF-8 becomes "?".
 */
#ifndef CORE_JSON_OUT_H
#define CORE_JSON_OUT_H

#include "core/buffer.h"
#include "core/inventory.h"

void json_out_open(struct buffer *buffer, const char *key, char bracket);
void json_out_close(struct buffer *buffer, char bracket);
void json_out_null(struct buffer *buffer, const char *key);
void json_out_text(struct buffer *buffer, const char *key, struct text value);
void json_out_number(struct buffer *buffer, const char *key, uint64_t value);
void json_out_bool(struct buffer *buffer, const char *key, bool value);

/* null where it is not known. */
void json_out_reading(struct buffer *buffer, const char *key, struct reading value);
void json_out_fact(struct buffer *buffer, const char *key, enum fact value);

#endif
