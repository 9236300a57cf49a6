#include "mock_ita/violation.h"

#include "base/mem.h"

void mock_violations_finish(struct mock_violations *self)
{
    for (size_t i = 0; i < self->count; i++) {
        mem_free(self->items[i].path);
        mem_free(self->items[i].rule);
    }
    self->count = 0;
}

void mock_violations_add(struct mock_violations *self, struct str path, struct str rule)
{
    if (self->count == MOCK_VIOLATIONS_MAX)
        return;
    struct mock_violation *violation = &self->items[self->count++];
    bool is_last = self->count == MOCK_VIOLATIONS_MAX;
    violation->path = str_copy(is_last ? STR("") : path);
    violation->rule = str_copy(is_last ? STR("and more") : rule);
}

void mock_violations_write(const struct mock_violations *self, struct json_writer *w,
                           const char *name)
{
    json_write_array(w, name);
    for (size_t i = 0; i < self->count; i++) {
        json_write_object(w, NULL);
        json_write_text(w, "path", self->items[i].path);
        json_write_text(w, "rule", self->items[i].rule);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

void mock_violations_append(const struct mock_violations *self, struct buf *out)
{
    for (size_t i = 0; i < self->count; i++)
        buf_format(out, "%s%s: %s", i == 0 ? "" : "; ",
                   self->items[i].path[0] == '\0' ? "request" : self->items[i].path,
                   self->items[i].rule);
}
