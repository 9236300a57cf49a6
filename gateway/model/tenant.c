#include "gateway/model/tenant.h"

#include "base/clock.h"
#include "base/mem.h"

static void wipe_text(char *text)
{
    if (text != NULL)
        mem_wipe(text, strlen(text));
    mem_free(text);
}

static void settings_finish(struct bidirectional_call *settings)
{
    mem_free(settings->access_key);
    wipe_text(settings->secret_key);
    mem_free(settings->previous_access_key);
    wipe_text(settings->previous_secret_key);
    mem_free(settings->app_key);
    mem_free(settings->domain);
    mem_free(settings->area_code);
    mem_free(settings->zone);
    mem_free(settings->home_country);
    mem_free(settings->profile);
    mem_free(settings->connection_url);
    mem_free(settings->hangup_url);
    wipe_text(settings->shared_key);
    mem_free(settings->oauth_access_key);
    wipe_text(settings->oauth_secret_key);
    mem_free(settings->oauth_login_url);
    mem_free(settings->aicc_domain);
    mem_free(settings->aicc_app_key);
    wipe_text(settings->aicc_app_secret);
}

const char CERTIFICATE_ITA[] = "CERT_ITA";
const char CERTIFICATE_AICC[] = "CERT_AICC";

bool certificate_name_is_known(const char *name)
{
    return strcmp(name, CERTIFICATE_ITA) == 0 || strcmp(name, CERTIFICATE_AICC) == 0;
}

bool app_key_is_good(const struct app_key *key, int64_t now_ms)
{
    return key->is_enabled && (key->expires_ms == 0 || now_ms < key->expires_ms);
}

unsigned tenant_callbacks(const struct tenant *tenant)
{
    const struct bidirectional_call *settings = &tenant->settings;
    return (settings->connection_url == NULL ? 0U : CALLBACK_WANTS_CONNECTION) |
           (settings->hangup_url == NULL ? 0U : CALLBACK_WANTS_HANGUP);
}

struct tenant_flags tenant_flags_of(const struct tenant *tenant)
{
    return (struct tenant_flags){tenant->is_enabled, tenant->is_bidirectional_enabled,
                                 tenant->is_trial};
}

struct str tenant_home_country(const struct tenant *tenant)
{
    const char *set = tenant->settings.home_country;
    return set == NULL ? STR("86") : str_of(set);
}

/* agent-api.md, section 9 */
enum status tenant_zone_offset(const char *zone, int32_t *offset_s)
{
    return clock_parse_zone(zone == NULL ? STR("Asia/Shanghai") : str_of(zone), offset_s);
}

static void agent_numbers_finish(struct agent_numbers *list)
{
    for (size_t i = 0; i < list->count; i++)
        mem_free(list->numbers[i]);
    mem_free(list->numbers);
}

void tenant_finish(struct tenant *tenant)
{
    settings_finish(&tenant->settings);
    for (size_t i = 0; i < tenant->app_key_count; i++)
        mem_free(tenant->app_keys[i].key);
    mem_free(tenant->app_keys);
    mem_free(tenant->x_numbers);
    for (int list = 0; list < AGENT_LIST_COUNT; list++)
        agent_numbers_finish(&tenant->agent_numbers[list]);
    mem_free(tenant->name);
    *tenant = (struct tenant){0};
}

void tenant_list_finish(struct tenant_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        tenant_finish(&list->tenants[i]);
    mem_free(list->tenants);
    for (size_t i = 0; i < list->certificate_count; i++) {
        mem_free(list->certificates[i].name);
        mem_free(list->certificates[i].der);
    }
    mem_free(list->certificates);
    callback_trust_finish(&list->callback_trust);
    *list = (struct tenant_list){0};
}
