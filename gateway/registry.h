#ifndef GATEWAY_REGISTRY_H
#define GATEWAY_REGISTRY_H

/* The tenants as calls see them: settings ready for use, found by app key, by id or by the ITA's
 * AccessKey. What has changed in the store replaces what was there; an operation holds the contract
 * it began with. */

#include "aicc/account.h"
#include "gateway/model/tenant.h"
#include "ita/client.h"
#include "ita/verify.h"
#include "xnumber/number_set.h"

/* One tenant's settings, immutable, shared by reference count. */
struct contract {
    struct tenant tenant;
    struct profile *profile;
    struct tls_trust *trust;      /* NULL: the system's bundle */
    struct ita_account account;   /* borrows from the above */
    struct tls_trust *aicc_trust; /* NULL: the system's bundle */
    struct aicc_account aicc;     /* likewise */
    int32_t zone_offset_s;        /* of CDR times */
    struct str home_country;
    struct number_set *agent_numbers[AGENT_LIST_COUNT]; /* NULL: the list is empty */
    int references;                                     /* private */
};

struct contract *contract_hold(struct contract *contract);
void contract_release(struct contract *contract); /* takes NULL */
/* Enabled, with the feature, and all that a call of its type needs: else retCode 6. */
bool contract_is_usable(const struct contract *contract);
/* All that an ITA call, or a CEC call needs, whatever the type of new calls is: those that were
 * placed by the other are still its. */
bool contract_has_ita(const struct contract *contract);
bool contract_has_aicc(const struct contract *contract);

struct registry;

struct registry *registry_create(void);
void registry_destroy(struct registry *registry); /* takes NULL */
/* Takes the list (which is empty afterwards): its tenants replace those of the same id, the others
 * stay. A tenant whose settings can't be used is logged and kept out of use. */
void registry_load(struct registry *registry, struct tenant_list *list);
/* Installed certificates (console.md), by what is trusted by them. */
enum registry_anchor {
    REGISTRY_ITA,  /* CERT_ITA: the ITAs of all tenants */
    REGISTRY_AICC, /* CERT_AICC: their AICCs */
    REGISTRY_ANCHORS,
};
/* NULL: the system's bundle. */
struct tls_trust *registry_trust(const struct registry *registry, enum registry_anchor anchor);
/* Where callbacks may go. Borrowed until the registry is next loaded. */
const struct callback_trust *registry_callback_trust(const struct registry *registry);
/* The highest that was loaded: what the store has of a higher one is new. */
int64_t registry_revision(const struct registry *registry);

/* Borrowed until the registry is next loaded; hold it to keep it. NULL when there is none. */
struct contract *registry_by_name(const struct registry *registry, struct str tenant);
struct contract *registry_by_id(const struct registry *registry, int64_t tenant_id);
/* Also tells the app key itself; NULL for an unknown one. A disabled app key is found: the caller
 * looks. */
struct contract *registry_by_app_key(const struct registry *registry, struct str app_key,
                                     const struct app_key **found);
/* The tenants that have this AccessKey together with this secret: those for whom a signature made
 * with it speaks. An AccessKey is no secret, so a tenant that merely names another's is not among
 * them. */
size_t registry_signers(const struct registry *registry, struct str access_key, struct str secret,
                        int64_t now_ms, struct contract *out[static TENANTS_OF_ACCESS_KEY_MAX]);
/* The secrets that are good now for verifying what this AccessKey signed, each once. */
size_t registry_secrets(const struct registry *registry, struct str access_key, int64_t now_ms,
                        struct str secrets[static ITA_SECRETS_MAX]);

size_t registry_count(const struct registry *registry);
/* In no order; index below registry_count(). */
struct contract *registry_at(const struct registry *registry, size_t index);

#endif
