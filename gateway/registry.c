#include "gateway/registry.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/table.h"

static const char CERTIFICATE_NAME[] = "CERT_ITA"; /* console.md */

struct app_key_entry {
    struct str name; /* borrowed from the contract */
    const struct app_key *key;
    struct contract *contract;
    UT_hash_handle hh;
};

struct tenant_entry {
    struct contract *contract;
    UT_hash_handle hh;
};

/* All contracts that sign with one AccessKey. */
struct access_key_entry {
    struct str name; /* borrowed from the first contract */
    struct contract *contracts[TENANTS_OF_ACCESS_KEY_MAX];
    size_t count;
    UT_hash_handle hh;
};

struct registry {
    /* fixed at start */
    struct profile *default_profile; /* of all tenants that have none of their own: compiling it
                                            for each would take most of a reload */
    /* changes */
    struct tenant_entry *tenants; /* by id */
    struct app_key_entry *app_keys;
    struct access_key_entry *access_keys;
    struct contract **all;
    size_t count;
};

struct contract *contract_hold(struct contract *contract)
{
    contract->references++;
    return contract;
}

void contract_release(struct contract *contract)
{
    if (contract == NULL || --contract->references > 0)
        return;
    hmac_key_destroy(contract->account.signer);
    profile_release(contract->profile);
    tls_trust_release(contract->trust);
    tenant_finish(&contract->tenant);
    mem_free(contract);
}

bool contract_is_usable(const struct contract *contract)
{
    const struct bidirectional_call *settings = &contract->tenant.settings;
    return contract->tenant.is_enabled && contract->tenant.is_bidirectional_enabled &&
           contract->tenant.is_configured && contract->profile != NULL &&
           settings->type == CALL_TYPE_ITA && settings->access_key != NULL &&
           settings->secret_key != NULL && contract->account.domain.len > 0;
}

struct registry *registry_create(void)
{
    struct registry *registry = NEW(struct registry);
    registry->default_profile = profile_default();
    return registry;
}

static void clear(struct registry *registry)
{
    struct tenant_entry *tenant, *next_tenant;
    struct app_key_entry *app_key, *next_app_key;
    struct access_key_entry *access_key, *next_access_key;
    HASH_ITER(hh, registry->app_keys, app_key, next_app_key)
    {
        HASH_DEL(registry->app_keys, app_key);
        mem_free(app_key);
    }
    HASH_ITER(hh, registry->access_keys, access_key, next_access_key)
    {
        HASH_DEL(registry->access_keys, access_key);
        mem_free(access_key);
    }
    HASH_ITER(hh, registry->tenants, tenant, next_tenant)
    {
        HASH_DELETE(hh, registry->tenants, tenant);
        contract_release(tenant->contract);
        mem_free(tenant);
    }
    mem_free(registry->all);
    registry->all = NULL;
    registry->count = 0;
}

void registry_destroy(struct registry *registry)
{
    if (registry == NULL)
        return;
    clear(registry);
    profile_release(registry->default_profile);
    mem_free(registry);
}

static enum status load_profile(const struct registry *registry, struct contract *contract,
                                struct fault *fault)
{
    if (contract->tenant.settings.profile == NULL) {
        contract->profile = profile_hold(registry->default_profile);
        return OK;
    }
    return profile_parse(str_of(contract->tenant.settings.profile), &contract->profile, fault);
}

/* Stored settings were checked when they were saved; a fault here means a newer or older program
 * saved them. */
static void log_unusable(const struct contract *contract, const struct fault *fault)
{
    LOG(LOG_ERROR, "tenant settings not usable", L_TEXT("tenant", contract->tenant.name),
        L_TEXT("fault", fault->text));
}

static struct contract *create_contract(const struct registry *registry, struct tenant *tenant,
                                        struct tls_trust *trust)
{
    struct contract *contract = NEW(struct contract);
    const struct bidirectional_call *settings = &contract->tenant.settings;
    struct fault fault = {{0}};
    contract->references = 1;
    contract->tenant = *tenant;
    *tenant = (struct tenant){0};
    contract->trust = trust == NULL ? NULL : tls_trust_hold(trust);
    contract->home_country = str_of(settings->home_country != NULL ? settings->home_country : "86");
    if (load_profile(registry, contract, &fault) != OK)
        log_unusable(contract, &fault);
    if (clock_parse_zone(str_of(settings->zone != NULL ? settings->zone : "Asia/Shanghai"),
                         &contract->zone_offset_s) != OK) {
        fault_set(&fault, ERR_INVALID, "zone: not known");
        log_unusable(contract, &fault);
    }
    contract->account = (struct ita_account){
        .tenant = str_of(contract->tenant.name),
        .access_key = str_of(settings->access_key),
        .secret_key = str_of(settings->secret_key),
        .app_key = str_of(settings->app_key),
        .signer =
            settings->secret_key == NULL ? NULL : hmac_key_create(str_of(settings->secret_key)),
        .profile = contract->profile,
        .trust = contract->trust,
        .in_flight_max = settings->in_flight_max,
        .per_second_max = settings->per_second_max,
    };
    if (settings->domain != NULL &&
        ita_account_read_domain(str_of(settings->domain), &contract->account, &fault) != OK)
        log_unusable(contract, &fault);
    return contract;
}

static void index_app_keys(struct registry *registry, struct contract *contract)
{
    for (size_t i = 0; i < contract->tenant.app_key_count; i++) {
        struct app_key_entry *entry = NEW(struct app_key_entry);
        entry->key = &contract->tenant.app_keys[i];
        entry->name = str_of(entry->key->key);
        entry->contract = contract;
        HASH_ADD_KEYPTR(hh, registry->app_keys, entry->name.ptr, entry->name.len, entry);
    }
}

static void index_access_key(struct registry *registry, struct contract *contract)
{
    struct str name = contract->account.access_key;
    struct access_key_entry *entry;
    if (name.len == 0)
        return;
    HASH_FIND(hh, registry->access_keys, name.ptr, name.len, entry);
    if (entry == NULL) {
        entry = NEW(struct access_key_entry);
        entry->name = name;
        HASH_ADD_KEYPTR(hh, registry->access_keys, entry->name.ptr, entry->name.len, entry);
    }
    if (entry->count < COUNT_OF(entry->contracts))
        entry->contracts[entry->count++] = contract;
    else
        LOG(LOG_ERROR, "too many tenants share an AccessKey",
            L_TEXT("tenant", contract->tenant.name));
}

static void add(struct registry *registry, struct contract *contract)
{
    struct tenant_entry *entry = NEW(struct tenant_entry);
    entry->contract = contract;
    registry->all[registry->count++] = contract;
    HASH_ADD_KEYPTR(hh, registry->tenants, &contract->tenant.id, sizeof(contract->tenant.id),
                    entry);
    index_app_keys(registry, contract);
    index_access_key(registry, contract);
}

/* The trust that the installed CERT_ITA makes; NULL when none is installed or it can't be used (the
 * system's bundle then decides, which refuses what is not publicly trusted). */
static struct tls_trust *load_trust(const struct tenant_list *list)
{
    for (size_t i = 0; i < list->certificate_count; i++) {
        const struct certificate *certificate = &list->certificates[i];
        struct tls_trust *trust;
        struct fault fault;
        if (strcmp(certificate->name, CERTIFICATE_NAME) != 0)
            continue;
        if (tls_trust_create(str_from(certificate->der, certificate->der_len), &trust, &fault) ==
            OK)
            return trust;
        LOG(LOG_ERROR, "certificate not usable", L_TEXT("certificate", certificate->name),
            L_TEXT("fault", fault.text));
    }
    return NULL;
}

void registry_load(struct registry *registry, struct tenant_list *list)
{
    struct tls_trust *trust = load_trust(list);
    clear(registry);
    registry->all = mem_alloc(list->count * sizeof(struct contract *));
    for (size_t i = 0; i < list->count; i++)
        add(registry, create_contract(registry, &list->tenants[i], trust));
    tls_trust_release(trust);
    tenant_list_finish(list);
}

struct contract *registry_by_id(const struct registry *registry, int64_t tenant_id)
{
    struct tenant_entry *entry;
    HASH_FIND(hh, registry->tenants, &tenant_id, sizeof(tenant_id), entry);
    return entry == NULL ? NULL : entry->contract;
}

struct contract *registry_by_app_key(const struct registry *registry, struct str app_key,
                                     const struct app_key **found)
{
    struct app_key_entry *entry;
    HASH_FIND(hh, registry->app_keys, app_key.ptr, app_key.len, entry);
    *found = entry == NULL ? NULL : entry->key;
    return entry == NULL ? NULL : entry->contract;
}

static const struct access_key_entry *find_access_key(const struct registry *registry,
                                                      struct str access_key)
{
    struct access_key_entry *entry;
    HASH_FIND(hh, registry->access_keys, access_key.ptr, access_key.len, entry);
    return entry;
}

/* The secrets of one tenant that are good now: at most two. */
static size_t secrets_of(const struct contract *contract, int64_t now_ms, struct str out[static 2])
{
    const struct bidirectional_call *settings = &contract->tenant.settings;
    size_t count = 0;
    if (settings->secret_key != NULL)
        out[count++] = str_of(settings->secret_key);
    if (settings->previous_secret_key != NULL && now_ms < settings->previous_secret_until_ms)
        out[count++] = str_of(settings->previous_secret_key);
    return count;
}

static bool holds(const struct str *list, size_t count, struct str secret)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(list[i], secret))
            return true;
    return false;
}

size_t registry_signers(const struct registry *registry, struct str access_key, struct str secret,
                        int64_t now_ms, struct contract *out[static TENANTS_OF_ACCESS_KEY_MAX])
{
    const struct access_key_entry *entry = find_access_key(registry, access_key);
    size_t count = 0;
    for (size_t i = 0; entry != NULL && i < entry->count; i++) {
        struct str own[2];
        if (holds(own, secrets_of(entry->contracts[i], now_ms, own), secret))
            out[count++] = entry->contracts[i];
    }
    return count;
}

size_t registry_secrets(const struct registry *registry, struct str access_key, int64_t now_ms,
                        struct str secrets[static ITA_SECRETS_MAX])
{
    const struct access_key_entry *entry = find_access_key(registry, access_key);
    size_t count = 0;
    for (size_t i = 0; entry != NULL && i < entry->count; i++) {
        struct str own[2];
        size_t own_count = secrets_of(entry->contracts[i], now_ms, own);
        for (size_t k = 0; k < own_count && count < ITA_SECRETS_MAX; k++)
            if (!holds(secrets, count, own[k]))
                secrets[count++] = own[k];
    }
    return count;
}

size_t registry_count(const struct registry *registry)
{
    return registry->count;
}

struct contract *registry_at(const struct registry *registry, size_t index)
{
    return registry->all[index];
}
