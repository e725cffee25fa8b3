/* SPDX-License-Identifier: Apache-2.0 */
#include "io/loaded_code.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static const ElfW(Phdr) * find_header(const struct dl_phdr_info *object, uint32_t type)
{
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        if (object->dlpi_phdr[i].p_type == type)
            return &object->dlpi_phdr[i];
    }
    return NULL;
}

/* Whether the loader wrote into its code, which the compiler's position-independent code never needs. */
static bool has_relocated_code(const struct dl_phdr_info *object)
{
    const ElfW(Phdr) *header = find_header(object, PT_DYNAMIC);
    const ElfW(Dyn) * entry;

    if (header == NULL)
        return true;
    entry = (const ElfW(Dyn) *)(object->dlpi_addr + header->p_vaddr);
    for (; entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0))
            return true;
    }
    return false;
}

/* The kernel's own object in our memory, its vDSO, is no file: madvise() refuses it. */
static int drop_object(struct dl_phdr_info *object, size_t size, void *context)
{
    uintptr_t page = *(const uintptr_t *)context;

    (void)size;
    if (has_relocated_code(object))
        return 0;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &object->dlpi_phdr[i];
        uintptr_t begin = (object->dlpi_addr + header->p_vaddr + page - 1) / page * page;
        uintptr_t end = (object->dlpi_addr + header->p_vaddr + header->p_memsz) / page * page;

        if (header->p_type == PT_LOAD && (header->p_flags & PF_W) == 0 && begin < end)
            (void)madvise((void *)begin, end - begin, MADV_DONTNEED);
    }
    return 0;
}

void loaded_code_drop(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    (void)dl_iterate_phdr(drop_object, &page);
}
