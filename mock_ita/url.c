#include "mock_ita/url.h"

#include "base/encoding.h"

static bool is_host_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._:[]", c) != NULL);
}

static bool is_host(struct str host)
{
    for (size_t i = 0; i < host.len; i++)
        if (!is_host_byte(host.ptr[i]))
            return false;
    return host.len > 0 && host.ptr[0] != ':' && host.ptr[host.len - 1] != ':';
}

/* Visible ASCII only, and no fragment; every '%' with its two digits. */
static bool is_target(struct str target)
{
    struct buf plain;
    buf_init(&plain, target.len + 1);
    enum status status = percent_decode(target, &plain);
    buf_finish(&plain);
    if (status != OK)
        return false;
    for (size_t i = 0; i < target.len; i++)
        if (target.ptr[i] <= ' ' || target.ptr[i] > '~' || target.ptr[i] == '#')
            return false;
    return target.len > 0 && target.ptr[0] == '/';
}

enum status mock_url_parse(struct str text, struct mock_url *out, struct fault *fault)
{
    struct str scheme = str_starts(text, STR("https://")) ? STR("https://") : STR("http://");
    struct str default_port = scheme.len == STR("https://").len ? STR(":443") : STR(":80");
    if (!str_starts(text, scheme))
        return fault_set(fault, ERR_INVALID, "must start with http:// or https://");
    struct str rest = str_slice(text, scheme.len, text.len);
    size_t slash = str_find(rest, '/');
    struct str host = str_slice(rest, 0, slash);
    struct str target = str_slice(rest, slash, rest.len);
    if (!is_host(host))
        return fault_set(fault, ERR_INVALID, "needs a host, in lower case, with an optional port");
    if (!is_target(target))
        return fault_set(fault, ERR_INVALID, "needs a path, in ASCII, without fragment");
    if (str_ends(host, default_port))
        host.len -= default_port.len;
    *out = (struct mock_url){host, target};
    return OK;
}
