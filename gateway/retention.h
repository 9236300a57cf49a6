#ifndef GATEWAY_RETENTION_H
#define GATEWAY_RETENTION_H

/* Once an hour, in small steps: deletes what is older than calls-keep, and anonymises the numbers
 * of what is older than numbers-keep. A step that was lost with a crash is done again. By a clock
 * that was set by more than an hour only after a day (gateway/clock_belief.h). */

struct gateway;
struct retention;

/* NULL when both are kept for ever. */
struct retention *retention_create(struct gateway *gateway);
/* The store is closed after it. */
void retention_stop(struct retention *retention); /* takes NULL */
/* When the loop has ended. */
void retention_destroy(struct retention *retention); /* takes NULL */

#endif
