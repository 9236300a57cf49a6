#include "gateway/registry.h"

#include "base/digest.h"
#include "base/log.h"
#include "base/table.h"

enum { FIRST_ROOM = 16 };

static const char *const certificate_names[REGISTRY_ANCHORS] = {
    [REGISTRY_ITA] = CERTIFICATE_ITA,
    [REGISTRY_AICC] = CERTIFICATE_AICC,
};

/* What a certificate makes. */
struct anchor {
    struct tls_trust *trust; /* NULL: the system's bundle */
    uint8_t digest[SHA256_SIZE];
};

struct app_key_entry {
    struct str name; /* borrowed from the contract */
    const struct app_key *key;
    struct contract *contract;
    UT_hash_handle hh;
};

struct tenant_entry {
    int64_t id;
    size_t at; /* in registry->all */
    struct contract *contract;
    UT_hash_handle hh;
};

/* All contracts that sign with one AccessKey. */
struct access_key_entry {
    char *name;
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
    size_t count, room;
    int64_t revision;
    struct anchor anchors[REGISTRY_ANCHORS];
    struct callback_trust callback_trust;
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
    tls_trust_release(contract->aicc_trust);
    for (int list = 0; list < AGENT_LIST_COUNT; list++)
        number_set_destroy(contract->agent_numbers[list]);
    tenant_finish(&contract->tenant);
    mem_free(contract);
}

static bool is_enabled(const struct tenant *tenant)
{
    return tenant->is_enabled && tenant->is_bidirectional_enabled && tenant->is_configured;
}

bool contract_has_ita(const struct contract *contract)
{
    const struct bidirectional_call *settings = &contract->tenant.settings;
    return is_enabled(&contract->tenant) && contract->profile != NULL &&
           settings->access_key != NULL && settings->secret_key != NULL &&
           contract->account.domain.len > 0;
}

bool contract_has_aicc(const struct contract *contract)
{
    return is_enabled(&contract->tenant) && contract->aicc.domain.len > 0 &&
           contract->aicc.app_key.len > 0 && contract->aicc.app_secret.len > 0;
}

bool contract_is_usable(const struct contract *contract)
{
    return contract->tenant.settings.type == CALL_TYPE_CEC ? contract_has_aicc(contract)
                                                           : contract_has_ita(contract);
}

struct registry *registry_create(void)
{
    struct registry *registry = NEW(struct registry);
    registry->default_profile = profile_default();
    return registry;
}

static void drop_app_keys(struct registry *registry, const struct contract *contract)
{
    for (size_t i = 0; i < contract->tenant.app_key_count; i++) {
        struct str name = str_of(contract->tenant.app_keys[i].key);
        struct app_key_entry *entry;
        HASH_FIND(hh, registry->app_keys, name.ptr, name.len, entry);
        if (entry == NULL)
            continue;
        HASH_DEL(registry->app_keys, entry);
        mem_free(entry);
    }
}

static struct access_key_entry *find_access_key(const struct registry *registry,
                                                struct str access_key)
{
    struct access_key_entry *entry;
    HASH_FIND(hh, registry->access_keys, access_key.ptr, access_key.len, entry);
    return entry;
}

static void drop_access_key(struct registry *registry, const struct contract *contract,
                            struct str name)
{
    struct access_key_entry *entry = find_access_key(registry, name);
    size_t kept = 0;
    if (entry == NULL)
        return;
    for (size_t i = 0; i < entry->count; i++)
        if (entry->contracts[i] != contract)
            entry->contracts[kept++] = entry->contracts[i];
    entry->count = kept;
    if (kept > 0)
        return;
    HASH_DEL(registry->access_keys, entry);
    mem_free(entry->name);
    mem_free(entry);
}

/* With which CDRs may still be signed; empty when there is none, or it is the present one. */
static struct str replaced_access_key(const struct contract *contract)
{
    struct str name = str_of(contract->tenant.settings.previous_access_key);
    return str_is(name, contract->account.access_key) ? STR("") : name;
}

/* No longer found; whoever holds it goes on with it. */
static void drop(struct registry *registry, struct contract *contract)
{
    drop_app_keys(registry, contract);
    drop_access_key(registry, contract, contract->account.access_key);
    drop_access_key(registry, contract, replaced_access_key(contract));
    contract_release(contract);
}

void registry_destroy(struct registry *registry)
{
    struct tenant_entry *tenant, *next;
    if (registry == NULL)
        return;
    HASH_ITER(hh, registry->tenants, tenant, next)
    {
        HASH_DEL(registry->tenants, tenant);
        drop(registry, tenant->contract);
        mem_free(tenant);
    }
    mem_free(registry->all);
    for (int i = 0; i < REGISTRY_ANCHORS; i++)
        tls_trust_release(registry->anchors[i].trust);
    callback_trust_finish(&registry->callback_trust);
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

static void load_agent_numbers(struct contract *contract)
{
    for (int list = 0; list < AGENT_LIST_COUNT; list++) {
        const struct agent_numbers *numbers = &contract->tenant.agent_numbers[list];
        if (numbers->count == 0)
            continue;
        contract->agent_numbers[list] = number_set_create();
        for (size_t i = 0; i < numbers->count; i++)
            number_set_add_stored(contract->agent_numbers[list], str_of(numbers->numbers[i]),
                                  contract->home_country);
    }
}

static struct tls_trust *hold_trust(const struct registry *registry, enum registry_anchor anchor)
{
    struct tls_trust *trust = registry->anchors[anchor].trust;
    return trust == NULL ? NULL : tls_trust_hold(trust);
}

/* An AICC's domain is written as an ITA's. */
static void load_aicc(struct contract *contract)
{
    const struct bidirectional_call *settings = &contract->tenant.settings;
    struct ita_account read = {0};
    struct fault fault;
    if (settings->aicc_domain != NULL &&
        ita_account_read_domain(str_of(settings->aicc_domain), &read, &fault) != OK) {
        fault_prefix(&fault, "aiccDomain");
        log_unusable(contract, &fault);
    }
    contract->aicc = (struct aicc_account){
        .tenant = str_of(contract->tenant.name),
        .domain = read.domain,
        .is_plain = read.is_plain,
        .app_key = str_of(settings->aicc_app_key),
        .app_secret = str_of(settings->aicc_app_secret),
        .trust = contract->aicc_trust,
        .in_flight_max = settings->in_flight_max,
        .per_second_max = settings->per_second_max,
    };
}

static struct contract *create_contract(const struct registry *registry, struct tenant *tenant)
{
    struct contract *contract = NEW(struct contract);
    const struct bidirectional_call *settings = &contract->tenant.settings;
    struct fault fault = {{0}};
    contract->references = 1;
    contract->tenant = *tenant;
    *tenant = (struct tenant){0};
    contract->trust = hold_trust(registry, REGISTRY_ITA);
    contract->aicc_trust = hold_trust(registry, REGISTRY_AICC);
    contract->home_country = tenant_home_country(&contract->tenant);
    load_agent_numbers(contract);
    if (load_profile(registry, contract, &fault) != OK)
        log_unusable(contract, &fault);
    if (tenant_zone_offset(settings->zone, &contract->zone_offset_s) != OK) {
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
    load_aicc(contract);
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

static void index_access_key(struct registry *registry, struct contract *contract, struct str name)
{
    struct access_key_entry *entry = find_access_key(registry, name);
    if (name.len == 0)
        return;
    if (entry == NULL) {
        entry = NEW(struct access_key_entry);
        entry->name = str_copy(name);
        HASH_ADD_KEYPTR(hh, registry->access_keys, entry->name, name.len, entry);
    }
    if (entry->count < COUNT_OF(entry->contracts))
        entry->contracts[entry->count++] = contract;
    else
        LOG(LOG_ERROR, "too many tenants share an AccessKey",
            L_TEXT("tenant", contract->tenant.name));
}

static struct tenant_entry *find_tenant(const struct registry *registry, int64_t id)
{
    struct tenant_entry *entry;
    HASH_FIND(hh, registry->tenants, &id, sizeof(id), entry);
    return entry;
}

/* A new tenant's place. */
static struct tenant_entry *add_entry(struct registry *registry, int64_t id)
{
    struct tenant_entry *entry = NEW(struct tenant_entry);
    if (registry->count == registry->room) {
        registry->room = registry->room == 0 ? FIRST_ROOM : 2 * registry->room;
        registry->all = mem_resize(registry->all, registry->room * sizeof(*registry->all));
    }
    entry->id = id;
    entry->at = registry->count++;
    HASH_ADD(hh, registry->tenants, id, sizeof(entry->id), entry);
    return entry;
}

static void put(struct registry *registry, struct contract *contract)
{
    struct tenant_entry *entry = find_tenant(registry, contract->tenant.id);
    if (entry == NULL)
        entry = add_entry(registry, contract->tenant.id);
    else
        drop(registry, entry->contract);
    entry->contract = contract;
    registry->all[entry->at] = contract;
    index_app_keys(registry, contract);
    index_access_key(registry, contract, contract->account.access_key);
    index_access_key(registry, contract, replaced_access_key(contract));
    if (contract->tenant.revision > registry->revision)
        registry->revision = contract->tenant.revision;
}

static const struct certificate *find_certificate(const struct tenant_list *list, const char *name)
{
    for (size_t i = 0; i < list->certificate_count; i++)
        if (strcmp(list->certificates[i].name, name) == 0)
            return &list->certificates[i];
    return NULL;
}

/* Without an installed certificate, or one that can be used, the system's bundle decides, which
 * refuses what is not publicly trusted. Whoever installs one gives all tenants a new revision. */
static void load_trust(struct anchor *anchor, const struct certificate *certificate)
{
    uint8_t digest[SHA256_SIZE];
    struct fault fault;
    if (certificate == NULL)
        return;
    struct str der = str_from(certificate->der, certificate->der_len);
    sha256(der, digest);
    if (memcmp(digest, anchor->digest, sizeof(digest)) == 0)
        return;
    memcpy(anchor->digest, digest, sizeof(digest));
    tls_trust_release(anchor->trust);
    anchor->trust = NULL;
    if (tls_trust_create(der, &anchor->trust, &fault) != OK)
        LOG(LOG_ERROR, "certificate not usable", L_TEXT("certificate", certificate->name),
            L_TEXT("fault", fault.text));
}

void registry_load(struct registry *registry, struct tenant_list *list)
{
    for (int i = 0; i < REGISTRY_ANCHORS; i++)
        load_trust(&registry->anchors[i], find_certificate(list, certificate_names[i]));
    callback_trust_finish(&registry->callback_trust);
    registry->callback_trust = list->callback_trust;
    list->callback_trust = (struct callback_trust){0};
    for (size_t i = 0; i < list->count; i++)
        put(registry, create_contract(registry, &list->tenants[i]));
    tenant_list_finish(list);
}

struct tls_trust *registry_trust(const struct registry *registry, enum registry_anchor anchor)
{
    return registry->anchors[anchor].trust;
}

const struct callback_trust *registry_callback_trust(const struct registry *registry)
{
    return &registry->callback_trust;
}

int64_t registry_revision(const struct registry *registry)
{
    return registry->revision;
}

struct contract *registry_by_id(const struct registry *registry, int64_t tenant_id)
{
    const struct tenant_entry *entry = find_tenant(registry, tenant_id);
    return entry == NULL ? NULL : entry->contract;
}

/* Asked for callbacks of AICCs only: of 4,096 tenants that takes some 20 us. */
struct contract *registry_by_name(const struct registry *registry, struct str tenant)
{
    for (size_t i = 0; i < registry->count; i++)
        if (str_is(registry->all[i]->account.tenant, tenant))
            return registry->all[i];
    return NULL;
}

struct contract *registry_by_app_key(const struct registry *registry, struct str app_key,
                                     const struct app_key **found)
{
    struct app_key_entry *entry;
    HASH_FIND(hh, registry->app_keys, app_key.ptr, app_key.len, entry);
    *found = entry == NULL ? NULL : entry->key;
    return entry == NULL ? NULL : entry->contract;
}

/* The secrets of one tenant that are good now with that AccessKey: at most two. */
static size_t secrets_of(const struct contract *contract, struct str access_key, int64_t now_ms,
                         struct str out[static 2])
{
    const struct bidirectional_call *settings = &contract->tenant.settings;
    struct str previous = str_of(settings->previous_access_key);
    bool is_present = str_is(access_key, contract->account.access_key);
    bool is_previous = previous.len == 0 ? is_present : str_is(access_key, previous);
    size_t count = 0;
    if (settings->secret_key != NULL && is_present)
        out[count++] = str_of(settings->secret_key);
    if (settings->previous_secret_key != NULL && is_previous &&
        now_ms < settings->previous_secret_until_ms)
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
        if (holds(own, secrets_of(entry->contracts[i], access_key, now_ms, own), secret))
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
        size_t own_count = secrets_of(entry->contracts[i], access_key, now_ms, own);
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
