#include "gateway/model/violation.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"

void violations_add(struct violations *all, const char *rule, const char *en, const char *zh,
                    const char *field, ...)
{
    va_list args;
    if (all->count++ >= VIOLATIONS_MAX)
        return;
    struct violation *violation = &all->items[all->count - 1];
    va_start(args, field);
    (void)vsnprintf(violation->field, sizeof(violation->field), field, args);
    va_end(args);
    violation->rule = rule;
    (void)snprintf(violation->en, sizeof(violation->en), "%s", en);
    (void)snprintf(violation->zh, sizeof(violation->zh), "%s", zh);
}

void violations_add_rule(struct violations *all, const struct rule *rule, const char *field)
{
    violations_add(all, rule->name, rule->en, rule->zh, "%s", field);
}

size_t violations_kept(const struct violations *all)
{
    const size_t max = VIOLATIONS_MAX;
    return all->count < max ? all->count : max;
}

void violation_append_option(struct buf *out, const char *field)
{
    for (const char *c = field; *c != '\0'; c++) {
        bool is_capital = *c >= 'A' && *c <= 'Z';
        if (is_capital)
            buf_append_byte(out, '-');
        buf_append_byte(out, is_capital ? (char)(*c + 32) : *c);
    }
}

void violation_print(const struct violation *violation, struct fault *fault)
{
    char storage[2 * sizeof(violation->field)];
    struct buf name;
    buf_init_fixed(&name, storage, sizeof(storage));
    violation_append_option(&name, violation->field);
    fault_set(fault, ERR_INVALID, "%.*s: %s", STR_ARGS(buf_str(&name)), violation->en);
}

enum status violations_end(const struct violations *all, struct fault *fault)
{
    if (all->count == 0)
        return OK;
    violation_print(&all->items[0], fault);
    return ERR_INVALID;
}
