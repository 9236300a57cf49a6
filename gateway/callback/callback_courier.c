#include "gateway/callback/callback_courier.h"

bool callback_courier_allows(void *registry, const struct sockaddr *address)
{
    struct callback_address at;
    return callback_address_read(address, &at) &&
           callback_trust_admits(registry_callback_trust(registry), &at);
}

static void write_host(const struct callback_host *host, struct buf *out)
{
    buf_format(out, "%s:%u", host->name, (unsigned)host->port);
}

bool callback_courier_find(const struct callback_courier *courier, struct str url,
                           struct callback_destination *out, struct callback_result *failure)
{
    struct callback_url read;
    const struct rule *broken;
    struct buf text;
    if (callback_url_read(url, &read, &broken) != OK) {
        callback_result_set(failure, CALLBACK_BAD_URL, "%s", broken->en);
        return false;
    }
    if (callback_trust_match(registry_callback_trust(courier->registry), &read) == NULL) {
        callback_result_set(failure, CALLBACK_UNTRUSTED, "%s", read.host.name);
        return false;
    }
    buf_init_fixed(&text, out->url, sizeof(out->url));
    callback_url_append(&read, &text);
    (void)buf_text(&text);
    buf_init_fixed(&text, out->host, sizeof(out->host));
    write_host(&read.host, &text);
    (void)buf_text(&text);
    return true;
}

void callback_courier_prepare(const struct callback_courier *courier,
                              const struct callback_destination *to,
                              struct http_fetch_request *request)
{
    request->url = to->url;
    request->trust = courier->trust;
    request->connect_timeout_ms = courier->timeout_ms;
    request->timeout_ms = courier->timeout_ms;
}
