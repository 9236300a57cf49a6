#include "profile/merge.h"

#include "profile/profile.h"

struct pretty {
    struct buf *out;
    int depth;
    bool needs_comma;
};

static void new_line(struct pretty *p)
{
    buf_append_byte(p->out, '\n');
    for (int i = 0; i < p->depth; i++)
        buf_append(p->out, STR("  "));
}

static void begin_object(struct pretty *p)
{
    buf_append_byte(p->out, '{');
    p->depth++;
    p->needs_comma = false;
}

static void begin_member(struct pretty *p, const char *name)
{
    if (p->needs_comma)
        buf_append_byte(p->out, ',');
    new_line(p);
    struct json_writer w;
    json_write_init(&w, p->out);
    json_write_str(&w, NULL, str_of(name)); /* escapes */
    buf_append(p->out, STR(": "));
}

static void end_object(struct pretty *p)
{
    p->depth--;
    if (p->needs_comma) /* it has members */
        new_line(p);
    buf_append_byte(p->out, '}');
    p->needs_comma = true;
}

/* Objects a member a line, all else on one line. */
static void write_value(struct pretty *p, const struct json *value)
{
    if (json_is_object(value)) {
        begin_object(p);
        for (const struct json *m = json_first(value); m != NULL; m = json_next(m)) {
            begin_member(p, json_name(m));
            write_value(p, m);
        }
        end_object(p);
        return;
    }
    struct json_writer w;
    json_write_init(&w, p->out);
    json_write_value(&w, NULL, value);
    p->needs_comma = true;
}

void profile_append_pretty(const struct json *value, struct buf *out)
{
    struct pretty pretty = {.out = out};
    write_value(&pretty, value);
    buf_append_byte(out, '\n');
}

/* Structure is what the default shows as an object, but for a request, which is content. */
static bool is_structure(const struct json *value)
{
    return json_is_object(value) && !str_is(str_of(json_name(value)), STR("request"));
}

static bool is_open(const struct json *structure)
{
    return str_is(str_of(json_name(structure)), STR("codes"));
}

static enum status merge(struct pretty *p, const struct json *defaults, const struct json *given,
                         struct buf *path, struct fault *fault);

static enum status merge_member(struct pretty *p, const struct json *fallback,
                                const struct json *given, struct buf *path, struct fault *fault)
{
    begin_member(p, json_name(fallback));
    if (given == NULL || !is_structure(fallback)) {
        write_value(p, given == NULL ? fallback : given);
        return OK;
    }
    size_t path_len = path->len;
    profile_path_append(path, json_name(fallback));
    enum status status = merge(p, fallback, given, path, fault);
    path->len = path_len;
    return status;
}

static enum status merge(struct pretty *p, const struct json *defaults, const struct json *given,
                         struct buf *path, struct fault *fault)
{
    if (!json_is_object(given))
        return fault_set(fault, ERR_INVALID, "%.*s: must be an object",
                         STR_ARGS(path->len > 0 ? buf_str(path) : STR("/")));
    begin_object(p);
    for (const struct json *m = json_first(defaults); m != NULL; m = json_next(m)) {
        enum status status = merge_member(p, m, json_get(given, json_name(m)), path, fault);
        if (status != OK)
            return status;
    }
    for (const struct json *m = json_first(given); m != NULL; m = json_next(m)) {
        if (json_get(defaults, json_name(m)) != NULL)
            continue;
        if (!is_open(defaults)) {
            profile_path_append(path, json_name(m));
            return fault_set(fault, ERR_INVALID, "%.*s: unknown member", STR_ARGS(buf_str(path)));
        }
        begin_member(p, json_name(m));
        write_value(p, m);
    }
    end_object(p);
    return OK;
}

enum status profile_merge(const struct json *defaults, const struct json *given, struct buf *out,
                          struct fault *fault)
{
    char storage[sizeof(fault->text)]; /* a longer path would not fit into the fault */
    struct buf path;
    buf_init_fixed(&path, storage, sizeof(storage));
    struct pretty pretty = {.out = out};
    return merge(&pretty, defaults, given, &path, fault);
}
