#include "net/http_route.h"

/* The name of a segment `{name}`, or ptr NULL for any other. */
static struct str parameter_name(struct str segment)
{
    if (segment.len < 2 || segment.ptr[0] != '{')
        return (struct str){NULL, 0};
    return str_slice(segment, 1, segment.len - 2);
}

/* Both from one segment to the next; false when they differ or one has no more. */
static bool next_segments(struct str *pattern, struct str *path, struct str *wanted,
                          struct str *found)
{
    bool has_wanted = str_next(pattern, '/', wanted);
    bool has_found = str_next(path, '/', found);
    if (!has_wanted || !has_found)
        return false;
    return parameter_name(*wanted).ptr != NULL ? found->len > 0 : str_is(*wanted, *found);
}

static bool segments_match(struct str pattern, struct str path)
{
    struct str wanted, found;
    while (next_segments(&pattern, &path, &wanted, &found))
        if (pattern.ptr == NULL && path.ptr == NULL)
            return true;
    return false;
}

static bool path_matches(struct str pattern, struct str path)
{
    if (str_ends(pattern, STR("*")))
        return str_starts(path, str_slice(pattern, 0, pattern.len - 1));
    if (str_find(pattern, '{') < pattern.len)
        return segments_match(pattern, path);
    return str_is(path, pattern);
}

struct str http_route_parameter(const struct http_route *route, struct str path, struct str name)
{
    struct str pattern = str_of(route->path), wanted, found;
    while (next_segments(&pattern, &path, &wanted, &found))
        if (str_is(parameter_name(wanted), name) && name.len > 0)
            return found;
    return (struct str){NULL, 0};
}

static bool method_matches(struct str wanted, struct str method)
{
    return str_is(wanted, method) || (str_is(wanted, STR("GET")) && str_is(method, STR("HEAD")));
}

const struct http_route *http_route_find(const struct http_route *routes, size_t count,
                                         const struct http_request *request, struct buf *allow)
{
    for (size_t i = 0; i < count; i++) {
        struct str method = str_of(routes[i].method);
        if (!path_matches(str_of(routes[i].path), request->path))
            continue;
        if (method_matches(method, request->method)) {
            buf_clear(allow);
            return &routes[i];
        }
        if (allow->len > 0)
            buf_append(allow, STR(", "));
        buf_append(allow, method);
        if (str_is(method, STR("GET")))
            buf_append(allow, STR(", HEAD"));
    }
    return NULL;
}
