#include "gateway/admin_api/slow_down.h"

#include <arpa/inet.h>
#include <assert.h>
#include <uv.h>

#include "base/encoding.h"
#include "base/failures.h"
#include "base/mem.h"

enum {
    NONCE_SIZE = 16,
    NONCE_LEN = 22, /* in Base64url */
    SOURCE_MAX = 64,
    ENTRIES_MAX = 16384, /* 2 MiB */
};

/* A person mistypes a few times in a row. */
static const struct failures_options OF_PAIR = {
    .allowed = 5, .slow_ms = 1000, .slowest_ms = 5 * 60 * 1000, .entries_max = ENTRIES_MAX};
/* An office behind one address does so more often. */
static const struct failures_options OF_ADDRESS = {
    .allowed = 20, .slow_ms = 1000, .slowest_ms = 5 * 60 * 1000, .entries_max = ENTRIES_MAX};
/* From many addresses: slow enough for guessing to be hopeless against any password that is long
 * enough, and soon over for the owner. */
static const struct failures_options OF_ACCOUNT = {
    .allowed = 50, .slow_ms = 1000, .slowest_ms = 30 * 1000, .entries_max = ENTRIES_MAX};

struct slow_down {
    uint8_t key[SHA256_SIZE]; /* of device cookies; fixed at start */
    uv_mutex_t lock;          /* over what follows */
    struct failures *pairs, *addresses, *accounts;
};

/* Where an attempt is counted. */
struct origin {
    bool is_device;
    struct str text;
    char storage[SOURCE_MAX];
};

struct slow_down *slow_down_create(const uint8_t master_key[static SEAL_KEY_SIZE])
{
    struct slow_down *self = NEW(struct slow_down);
    hmac_sha256(str_from(master_key, SEAL_KEY_SIZE), STR("ita-gateway device cookie 1"), self->key);
    self->pairs = failures_create(&OF_PAIR);
    self->addresses = failures_create(&OF_ADDRESS);
    self->accounts = failures_create(&OF_ACCOUNT);
    if (uv_mutex_init(&self->lock) != 0)
        assert(false && "no memory for a lock");
    return self;
}

void slow_down_destroy(struct slow_down *self)
{
    if (self == NULL)
        return;
    failures_destroy(self->pairs);
    failures_destroy(self->addresses);
    failures_destroy(self->accounts);
    uv_mutex_destroy(&self->lock);
    mem_wipe(self->key, sizeof(self->key));
    mem_free(self);
}

/* --- Device cookies --- */

static void append_mac(const struct slow_down *self, struct str nonce, struct str name,
                       struct buf *out)
{
    char storage[512];
    struct buf said;
    uint8_t mac[SHA256_SIZE];
    buf_init_fixed(&said, storage, sizeof(storage));
    buf_append(&said, nonce); /* of one length: what follows can't be taken for a part of it */
    buf_append(&said, name);
    hmac_sha256(str_from(self->key, sizeof(self->key)), buf_str(&said), mac);
    base64url_append(out, str_from(mac, sizeof(mac)));
}

void slow_down_make_device(struct slow_down *self, struct str name,
                           char out[static DEVICE_COOKIE_SIZE])
{
    uint8_t nonce[NONCE_SIZE];
    struct buf text;
    random_bytes(nonce, sizeof(nonce));
    buf_init_fixed(&text, out, DEVICE_COOKIE_SIZE - 1);
    base64url_append(&text, str_from(nonce, sizeof(nonce)));
    buf_append_byte(&text, '.');
    append_mac(self, str_slice(buf_str(&text), 0, NONCE_LEN), name, &text);
    out[text.len] = '\0';
}

static bool is_device_of(const struct slow_down *self, struct str device, struct str name)
{
    char storage[DEVICE_COOKIE_SIZE];
    struct buf wanted;
    if (device.len != DEVICE_COOKIE_SIZE - 1)
        return false;
    buf_init_fixed(&wanted, storage, sizeof(storage));
    append_mac(self, str_slice(device, 0, NONCE_LEN), name, &wanted);
    return bytes_are_equal_secretly(str_slice(device, NONCE_LEN + 1, device.len), buf_str(&wanted));
}

/* --- Counting --- */

/* Whoever has one address of IPv6 has the 64 bits behind its network. */
static struct str network_of(struct str peer, char storage[static SOURCE_MAX])
{
    struct in6_addr address;
    struct buf text;
    buf_init_fixed(&text, storage, SOURCE_MAX - 1);
    buf_append(&text, peer);
    storage[text.len] = '\0';
    if (inet_pton(AF_INET6, storage, &address) != 1 || IN6_IS_ADDR_V4MAPPED(&address))
        return buf_str(&text);
    buf_clear(&text);
    hex_append(&text, str_from(&address, 8));
    return buf_str(&text);
}

static void find_origin(const struct slow_down *self, const struct attempt *attempt,
                        struct origin *out)
{
    out->is_device = is_device_of(self, attempt->device, attempt->name);
    out->text = out->is_device ? str_slice(attempt->device, 0, NONCE_LEN)
                               : network_of(attempt->peer, out->storage);
}

static int64_t later(int64_t a_ms, int64_t b_ms)
{
    return a_ms > b_ms ? a_ms : b_ms;
}

int64_t slow_down_wait_ms(struct slow_down *self, const struct attempt *attempt, int64_t now_ms)
{
    const struct str any = STR("");
    struct origin origin;
    find_origin(self, attempt, &origin);
    uv_mutex_lock(&self->lock);
    int64_t wait_ms = failures_slowed_ms(self->pairs, attempt->name, origin.text, now_ms);
    if (!origin.is_device) {
        wait_ms = later(wait_ms, failures_slowed_ms(self->addresses, any, origin.text, now_ms));
        wait_ms = later(wait_ms, failures_slowed_ms(self->accounts, attempt->name, any, now_ms));
    }
    uv_mutex_unlock(&self->lock);
    return wait_ms;
}

void slow_down_failed(struct slow_down *self, const struct attempt *attempt, int64_t now_ms)
{
    const struct str any = STR("");
    struct origin origin;
    find_origin(self, attempt, &origin);
    uv_mutex_lock(&self->lock);
    failures_add(self->pairs, attempt->name, origin.text, now_ms);
    if (!origin.is_device) {
        failures_add(self->addresses, any, origin.text, now_ms);
        failures_add(self->accounts, attempt->name, any, now_ms);
    }
    uv_mutex_unlock(&self->lock);
}

/* The address and the account go on being counted: who has one account of his own must not be able
 * to start over with it. */
void slow_down_succeeded(struct slow_down *self, const struct attempt *attempt)
{
    struct origin origin;
    find_origin(self, attempt, &origin);
    uv_mutex_lock(&self->lock);
    failures_clear(self->pairs, attempt->name, origin.text);
    uv_mutex_unlock(&self->lock);
}

uint64_t slow_down_failures(struct slow_down *self)
{
    uv_mutex_lock(&self->lock);
    uint64_t total = failures_total(self->pairs);
    uv_mutex_unlock(&self->lock);
    return total;
}
