#ifndef NET_CURL_LOOP_H
#define NET_CURL_LOOP_H

/* Drives a libcurl multi handle from a libuv loop: sockets, curl's timer, finished transfers. Knows
 * nothing of HTTP. Only for net/curl_stream.c: it shows libcurl's types. */

#include <curl/curl.h>
#include <stdbool.h>

#include "net/guard.h"

struct uv_loop_s;
struct curl_loop;

/* Runs from the loop, outside of libcurl. The easy handle stays in the multi handle until
 * curl_loop_stop(). */
typedef void curl_loop_on_done(CURL *easy, CURLcode code);

struct curl_loop *curl_loop_create(struct uv_loop_s *loop, curl_loop_on_done *on_done);

/* How a transfer's sockets are opened; the caller's, until curl_loop_stop(). */
struct curl_opening {
    struct curl_loop *loop;
    struct net_guard guard;
    bool has_refused; /* out: the guard has, at least once */
};
/* The transfer proceeds from the loop, never within this call. Sets the easy handle's socket
 * callbacks. */
CURLMcode curl_loop_start(struct curl_opening *opening, CURL *easy);
/* Takes the handle out, whether its transfer is done or not; not within a callback of libcurl. */
void curl_loop_stop(struct curl_loop *self, CURL *easy);
/* Lets libcurl look at its own timeouts, in case an event was lost: its socket interface has lost
 * some in several versions (curl #10146, #14325, #15154). */
void curl_loop_poke(struct curl_loop *self);
/* There must be no transfers. on_closed runs after the last close callback, when the memory is
 * about to go. */
void curl_loop_close(struct curl_loop *self, void (*on_closed)(void *data), void *data);

/* The events of a connection that libcurl has opened and does not look at any more. The watch lives
 * until libcurl closes the descriptor. */
struct curl_watch;
typedef void curl_watch_on_ready(void *data);
struct curl_watch *curl_loop_take_over(struct curl_loop *self, curl_socket_t fd,
                                       curl_watch_on_ready *on_ready, void *data);
/* on_ready runs when there is what is awaited: something to read, room to write. */
void curl_watch_await(struct curl_watch *watch, bool is_input_awaited, bool is_room_awaited);

#endif
