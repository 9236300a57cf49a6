#ifndef GATEWAY_STORE_STORE_METER_H
#define GATEWAY_STORE_STORE_METER_H

/* How the writer's transactions go: measured by the writer, read by anybody. */

#include "gateway/store/store.h"

struct store_meter;

struct store_meter *store_meter_create(void);
void store_meter_destroy(struct store_meter *meter);
/* A transaction begins. */
void store_meter_begin(struct store_meter *meter);
/* It has ended; returns what it took in all, in microseconds. sync_us: the disk's part of it. */
int64_t store_meter_end(struct store_meter *meter, enum status status, size_t operations,
                        int64_t sync_us);
/* All but what waits. */
void store_meter_read(struct store_meter *meter, struct store_tally *out);

#endif
