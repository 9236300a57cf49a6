#include "xnumber/number_set.h"

#include "base/table.h"

struct number_entry {
    struct number number;
    UT_hash_handle hh; /* by number.key */
};

struct number_set {
    struct number_entry *entries;
};

struct number_set *number_set_create(void)
{
    return NEW(struct number_set);
}

void number_set_destroy(struct number_set *set)
{
    struct number_entry *entry, *next;
    if (set == NULL)
        return;
    HASH_ITER(hh, set->entries, entry, next)
    {
        HASH_DEL(set->entries, entry);
        mem_free(entry);
    }
    mem_free(set);
}

static struct number_entry *find(const struct number_set *set, const struct number *number)
{
    struct number_entry *entry;
    HASH_FIND_STR(set->entries, number->key, entry);
    return entry;
}

bool number_set_add(struct number_set *set, const struct number *number)
{
    if (find(set, number) != NULL)
        return false;
    struct number_entry *entry = NEW(struct number_entry);
    entry->number = *number;
    HASH_ADD_KEYPTR(hh, set->entries, entry->number.key, strlen(entry->number.key), entry);
    return true;
}

void number_set_add_stored(struct number_set *set, struct str text, struct str home_country)
{
    struct number number = {{0}, {0}};
    if (number_parse(text, home_country, &number, NULL) != OK) {
        text = str_slice(text, 0, NUMBER_TEXT_MAX);
        memcpy(number.text, text.ptr, text.len);
        memcpy(number.key, text.ptr, text.len);
    }
    (void)number_set_add(set, &number);
}

const char *number_set_find(const struct number_set *set, const struct number *number)
{
    const struct number_entry *entry = find(set, number);
    return entry == NULL ? NULL : entry->number.text;
}
