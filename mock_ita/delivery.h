#ifndef MOCK_ITA_DELIVERY_H
#define MOCK_ITA_DELIVERY_H

/* How answers leave: at once or later, whole or spoilt. Delays go by real time, whatever the mock's
 * clock shows: they are those of a network. */

#include "mock_ita/scenario/script.h"
#include "net/http_server.h"

struct uv_loop_s;
struct mock_deliveries;

enum {
    /* Under way at a time, some 5 KiB each; one more has its connection closed. Clients that have
     * left count as well, so the limit of connections is none here. */
    MOCK_DELIVERIES_MAX = 20000,
    MOCK_STALLED_MAX = 10000, /* of them those that never get a byte; the oldest makes room */
};

struct mock_delivery {
    struct http_response response; /* copied when it does not leave at once */
    enum mock_fault fault;
    int64_t delay_ms, drip_ms;
    /* The exchange's last moment, in the call that began the delivery or later from the loop.
     * status: that of the answer, 0 when none is sent that could be understood. May be NULL. */
    void (*on_leaving)(void *data, struct http_exchange *exchange, int status);
    void *data;
};

struct mock_deliveries *mock_deliveries_create(struct uv_loop_s *loop);
/* Takes the exchange. */
void mock_deliveries_add(struct mock_deliveries *deliveries, struct http_exchange *exchange,
                         const struct mock_delivery *delivery);
size_t mock_deliveries_count(const struct mock_deliveries *deliveries);
/* Closes the connections of all that are under way. */
void mock_deliveries_reset(struct mock_deliveries *deliveries);
/* The same, and takes no further one: it is closed at once. Before http_server_stop(). */
void mock_deliveries_close(struct mock_deliveries *deliveries);
/* After the loop has ended. Takes NULL. */
void mock_deliveries_destroy(struct mock_deliveries *deliveries);

#endif
