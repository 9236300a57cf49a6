/* Memory that lives as long as its operation's completion. */

#include "base/mem.h"
#include "gateway/store/store_engine.h"

struct store_memory {
    struct store_memory *next;
    max_align_t bytes[];
};

void *store_memory_get(struct store_memory **memory, size_t size)
{
    struct store_memory *block = mem_alloc(sizeof(*block) + size);
    block->next = *memory;
    *memory = block;
    return block->bytes;
}

struct str store_memory_keep(struct store_memory **memory, struct str text)
{
    if (text.len == 0)
        return (struct str){0};
    char *copy = store_memory_get(memory, text.len);
    memcpy(copy, text.ptr, text.len);
    return str_from(copy, text.len);
}

void store_memory_free(struct store_memory *memory)
{
    while (memory != NULL) {
        struct store_memory *next = memory->next;
        mem_free(memory);
        memory = next;
    }
}
