#ifndef NET_CURL_LOOP_H
#define NET_CURL_LOOP_H

/* Drives a libcurl multi handle from a libuv loop: sockets, curl's timer, finished transfers. Knows
 * nothing of HTTP. Only for net/http_client.c: it shows libcurl's types. */

#include <curl/curl.h>
#include <stddef.h>

struct uv_loop_s;
struct curl_loop;

/* Runs from the loop, outside of libcurl; the transfer has left the multi handle already. */
typedef void curl_loop_on_done(void *data, CURL *easy, CURLcode code);

/* connections_max: kept alive, and open to one host. */
struct curl_loop *curl_loop_create(struct uv_loop_s *loop, size_t connections_max,
                                   curl_loop_on_done *on_done, void *data);
/* The transfer proceeds from the loop, never within this call. Sets the easy handle's socket
 * callbacks. */
CURLMcode curl_loop_start(struct curl_loop *self, CURL *easy);
/* Ends a transfer early; not within a callback of libcurl. */
void curl_loop_stop(struct curl_loop *self, CURL *easy);
/* Lets libcurl look at its own timeouts, in case an event was lost: its socket interface has lost
 * some in several versions (curl #10146, #14325, #15154). */
void curl_loop_poke(struct curl_loop *self);
/* Closes the kept connections; there must be no transfers. on_closed runs after the last close
 * callback, when the memory is about to go. */
void curl_loop_close(struct curl_loop *self, void (*on_closed)(void *data));

#endif
