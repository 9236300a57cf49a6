#include "gateway/settings_save.h"

#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
    /* Of this thread's questions to name servers; usual are 5 s and two tries. An administrator
     * waits for it, and so does a daemon that stops. */
    RESOLVER_TIMEOUT_S = 2,
    RESOLVER_TRIES = 1,
    CHANGED_MAX = 4096, /* names of fields, which nobody reads here */
};

/* A name may be published after it is entered, and name servers fail: that must keep nobody from
 * saving. Every sending looks it up again. */
static const struct rule rule_unresolved = {
    "unresolved", "its host can't be looked up now; callbacks fail until it can",
    "目前无法解析主机名；在可以解析之前回调会失败"};

/* --- Looking up --- */

static enum settings_lookup judge(const struct addrinfo *found, const struct callback_trust *trust,
                                  uint16_t port)
{
    for (; found != NULL; found = found->ai_next) {
        struct callback_address address;
        if (!callback_address_read(found->ai_addr, &address))
            continue;
        address.port = port;
        if (!callback_trust_admits(trust, &address))
            return SETTINGS_LOOKUP_FORBIDDEN;
    }
    return SETTINGS_LOOKUP_FINE;
}

/* The C library keeps these per thread. */
static void limit_resolver(void)
{
    if (res_init() != 0)
        return;
    _res.retrans = RESOLVER_TIMEOUT_S;
    _res.retry = RESOLVER_TRIES;
}

enum settings_lookup settings_lookup(const struct callback_host *host,
                                     const struct callback_trust *trust)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    limit_resolver();
    if (getaddrinfo(host->name, NULL, &hints, &found) != 0)
        return SETTINGS_LOOKUP_UNRESOLVED;
    enum settings_lookup result = judge(found, trust, host->port);
    freeaddrinfo(found);
    return result;
}

/* Only what the trustlist has: nobody else's names are asked for. */
static void look_up_url(const struct settings_url *setting, const struct callback_trust *trust,
                        struct violations *violations, struct violations *warnings)
{
    struct callback_url url;
    const struct rule *broken;
    if (setting->url == NULL || !setting->is_used ||
        callback_url_read(str_of(setting->url), &url, &broken) != OK ||
        callback_trust_match(trust, &url) == NULL || url.host.is_address)
        return;
    enum settings_lookup result = settings_lookup(&url.host, trust);
    if (result == SETTINGS_LOOKUP_FORBIDDEN)
        violations_add_rule(violations, &callback_trust_rule_forbidden, setting->field);
    else if (result == SETTINGS_LOOKUP_UNRESOLVED)
        violations_add_rule(warnings, &rule_unresolved, setting->field);
}

/* --- Saving --- */

/* The tenant's settings as they will be, unless somebody else changes them meanwhile. */
static enum status foresee(struct store_admin *store, const char *name,
                           const struct settings_change *change, struct tenant *out,
                           struct fault *fault)
{
    struct buf changed;
    enum status status = store_admin_read_tenant(store, name, out, fault);
    if (status != OK)
        return status;
    buf_init(&changed, CHANGED_MAX);
    settings_apply(&out->settings, change, clock_wall_ms(), &changed);
    buf_finish(&changed);
    return OK;
}

enum status settings_save(struct store_admin *store, const char *tenant_name,
                          const struct settings_change *change, int64_t version,
                          struct violations *violations, struct violations *warnings,
                          struct fault *fault)
{
    struct tenant tenant = {0};
    struct callback_trust trust = {0};
    struct settings_url urls[SETTINGS_URLS];
    enum status status;
    TRY(foresee(store, tenant_name, change, &tenant, fault));
    TRY(store_admin_read_callback_trust(store, &trust, fault));
    settings_urls(&tenant.settings, urls);
    for (size_t i = 0; i < SETTINGS_URLS; i++)
        look_up_url(&urls[i], &trust, violations, warnings);
    settings_warn(&tenant.settings, warnings);
    status = store_admin_change_settings(store, tenant_name, change, version, violations, fault);
out:
    callback_trust_finish(&trust);
    tenant_finish(&tenant);
    return status;
}
