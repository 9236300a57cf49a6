#ifndef GATEWAY_ADMIN_API_SLOW_DOWN_H
#define GATEWAY_ADMIN_API_SLOW_DOWN_H

/* Slows down whoever guesses passwords: per account and address, per address, and per account from
 * anywhere. From any thread.
 *
 * The last would let a stranger keep an administrator out by failing for him, and so would the
 * first where all come through one proxy. Hence a browser that has signed in once carries a device
 * cookie for that account, and its failures are counted apart from everybody else's (OWASP, Slow
 * Down Online Guessing Attacks with Device Cookies). */

#include "base/digest.h"

enum { DEVICE_COOKIE_SIZE = 22 + 1 + 43 + 1 }; /* nonce, '.', MAC, NUL */

struct slow_down;

struct slow_down *slow_down_create(const uint8_t master_key[static SEAL_KEY_SIZE]);
void slow_down_destroy(struct slow_down *self); /* takes NULL */

/* Somebody tries a password. */
struct attempt {
    struct str name;   /* of the account, existing or not */
    struct str peer;   /* address as text */
    struct str device; /* value of the device cookie, or empty */
};
/* How long the attempt is still to be refused, unlooked at; 0: not. */
int64_t slow_down_wait_ms(struct slow_down *self, const struct attempt *attempt, int64_t now_ms);
void slow_down_failed(struct slow_down *self, const struct attempt *attempt, int64_t now_ms);
/* How many have failed in all. */
uint64_t slow_down_failures(struct slow_down *self);
void slow_down_succeeded(struct slow_down *self, const struct attempt *attempt);

/* A fresh device cookie for somebody who has just signed in. */
void slow_down_make_device(struct slow_down *self, struct str name,
                           char out[static DEVICE_COOKIE_SIZE]);

#endif
