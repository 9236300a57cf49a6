#ifndef NET_HTTP_ROUTE_H
#define NET_HTTP_ROUTE_H

/* Looks a request up in the table of routes. Pure. */

#include "base/buf.h"
#include "net/http_server.h"

/* The first route of that path and method, or NULL; a route of GET serves HEAD too (RFC 9110,
 * 9.3.2). When the path is known, but not with that method, its methods are appended to allow as a
 * list for the Allow header. */
const struct http_route *http_route_find(const struct http_route *routes, size_t count,
                                         const struct http_request *request, struct buf *allow);
/* What stands in the path for the route's `{name}`, as sent: percent coding is the caller's matter.
 * ptr NULL when the route has no such parameter. */
struct str http_route_parameter(const struct http_route *route, struct str path, struct str name);

#endif
