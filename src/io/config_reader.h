/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads one parsed file by a table of fields, and notes every problem with its place and its key.
 *
 *     static const struct field fields[] = {
 *         {.name = "size", .type = FIELD_QUANTITY, .offset = offsetof(struct shm, bytes), ...},
 *     };
 *     static const struct field_list list = {fields, COUNT_OF(fields)};
 *     reader_fields(&reader, node, &list, &shm);
 *
 * Nothing here returns failure: a problem is noted and reading goes on, so that all are told at once; what
 * was wrong stays as it was. Texts that a table reads are copied to the arena.
 */
#ifndef IO_CONFIG_READER_H
#define IO_CONFIG_READER_H

#include "config_tree.h"
#include "io/config.h"

enum {
    READER_PATH_LIMIT = 512
};

struct config_reader {
    const char *file;
    const struct config_tree *tree;
    struct arena *arena;               /* of what is being built */
    const struct catalogue *catalogue; /* to find types in; NULL while there is none */
    struct problems *problems;
    bool is_complete; /* every key that is not optional must be there, in all tables */
    char path[READER_PATH_LIMIT];
    size_t path_length;
};

enum field_type {
    FIELD_TEXT,     /* struct text, by `is_valid` */
    FIELD_TEXTS,    /* a list: const struct text *, and a size_t at `count_offset` */
    FIELD_QUANTITY, /* uint64_t */
    FIELD_COUNT,    /* unsigned */
    FIELD_DECIMAL,  /* a number above 0, kept by nobody */
    FIELD_BOOL,     /* bool */
    FIELD_WORD,     /* unsigned or an enum: the position in `words` */
    FIELD_FIELDS,   /* a mapping with a table of its own, same target */
    FIELD_OTHER,    /* by `read` */
};

struct field_list;

struct field {
    const char *name;
    const char *accepts; /* for messages: what may stand there */
    enum field_type type;
    bool is_optional;
    size_t offset;
    size_t count_offset;
    uint64_t minimum;
    uint64_t maximum;
    uint64_t multiple; /* 0: any */
    bool (*is_valid)(struct text text);
    const char *const *words; /* ends in NULL */
    const struct field_list *fields;
    void (*read)(struct config_reader *reader, uint32_t node, const struct field *field, void *target);
};

struct field_list {
    const struct field *fields;
    size_t count;     /* at most 64 */
    bool is_complete; /* every key that is not optional must be there */
};

/* Read a mapping by its table; unknown keys are problems. */
void reader_fields(struct config_reader *reader, uint32_t node, const struct field_list *list, void *target);

/* A scalar that every YAML reader takes for text, in the tree; notes a problem and returns false otherwise.
 */
bool reader_text(struct config_reader *reader, uint32_t node, const char *accepts, struct text *ret_text);

/* A node of that kind; notes a problem and returns false otherwise. */
bool reader_is(struct config_reader *reader, uint32_t node, enum config_kind kind, const char *accepts);

/* Note keys that stand twice in a mapping, at any level. */
void reader_refuse_duplicates(struct config_reader *reader);

/* Note a problem at a node, "file:line:column: path: <sentence>; accepted: <accepts>"; the last part is left
 * out where `accepts` is NULL. */
void reader_problem(struct config_reader *reader, uint32_t node, const char *accepts, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Note a problem that belongs to no node. */
void problems_add(struct problems *problems, enum error_kind kind, const char *sentence);

void reader_memory(struct config_reader *reader);

/* Go down one key or position in the path that problems name, and back up to what it was. */
size_t reader_enter(struct config_reader *reader, struct text key);
size_t reader_enter_item(struct config_reader *reader, size_t position);
void reader_leave(struct config_reader *reader, size_t mark);

/* Whether further problems are still told, so that costly hints can be left out. */
bool reader_is_telling(const struct config_reader *reader);

#endif
