#include "net/http_route.h"

static bool path_matches(struct str pattern, struct str path)
{
    if (str_ends(pattern, STR("*")))
        return str_starts(path, str_slice(pattern, 0, pattern.len - 1));
    return str_is(path, pattern);
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
