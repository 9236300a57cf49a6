#include "gateway/model/callback_trust.h"

#include "base/mem.h"

enum { FIRST_ROOM = 8 };

const struct rule callback_trust_rule_untrusted = {
    "untrusted", "its host is not in the callback address trustlist", "主机不在回调地址信任列表中"};
const struct rule callback_trust_rule_forbidden = {
    "forbidden",
    "its host leads to this machine, a link-local or another special address, which the callback "
    "address trustlist does not name with its port",
    "主机指向本机、链路本地或其他特殊地址，且回调地址信任列表未列出该 IP:端口"};

/* console.md knows two forms, "domain or IP:port", and so does whoever reads the list: a port
 * behind a domain would be a third, and one who changes his server's port has no new owner. */
static const struct rule rule_domain_port = {
    "port", "a domain is entered without a port: it stands for all of its ports",
    "域名不带端口：它代表该域名的所有端口"};
static const struct rule rule_address_port = {
    "port", "an address is entered with its port, as in 192.0.2.1:8443 or [2001:db8::1]:8443",
    "IP 地址必须带端口，例如 192.0.2.1:8443 或 [2001:db8::1]:8443"};
static const struct rule rule_url = {
    "url", "must be a host alone, without http://, https:// and path, as in example.com",
    "只填写主机，不带 http://、https:// 和路径，例如 example.com"};
/* "*.com" would trust everybody. */
static const struct rule rule_wildcard = {
    "wildcard", "*. must be followed by a domain of two parts at least, as in *.example.com",
    "*. 后面必须是至少两级的域名，例如 *.example.com"};

const char *callback_trust_kind_text(enum callback_trust_kind kind)
{
    static const char *const texts[] = {[CALLBACK_TRUST_DOMAIN] = "domain",
                                        [CALLBACK_TRUST_WILDCARD] = "wildcard",
                                        [CALLBACK_TRUST_ADDRESS] = "address"};
    return texts[kind];
}

static const struct rule *find_broken_rule(const struct callback_host *host, bool is_wildcard)
{
    if (is_wildcard && (host->is_address || strchr(host->name, '.') == NULL))
        return &rule_wildcard;
    if (host->is_address && host->port == 0)
        return &rule_address_port;
    if (!host->is_address && host->port != 0)
        return &rule_domain_port;
    return NULL;
}

static void write_text(const struct callback_host *host, struct callback_trust_entry *entry)
{
    bool is_v6 = host->is_address && callback_address_is_ipv6(&host->address);
    struct buf text;
    buf_init_fixed(&text, entry->text, sizeof(entry->text));
    buf_append(&text, entry->kind == CALLBACK_TRUST_WILDCARD ? STR("*.") : STR(""));
    buf_format(&text, is_v6 ? "[%s]" : "%s", host->name);
    if (host->is_address)
        buf_format(&text, ":%u", (unsigned)host->port);
    (void)buf_text(&text);
}

enum status callback_trust_entry_read(struct str text, struct callback_trust_entry *out,
                                      const struct rule **broken)
{
    bool is_wildcard = str_starts(text, STR("*."));
    struct callback_host host;
    if (str_find(text, '/') < text.len) {
        *broken = &rule_url;
        return ERR_INVALID;
    }
    enum status status =
        callback_host_read(is_wildcard ? str_slice(text, 2, text.len) : text, &host, broken);
    if (status != OK)
        return status;
    const struct rule *rule = find_broken_rule(&host, is_wildcard);
    if (rule != NULL) {
        *broken = rule;
        return ERR_INVALID;
    }
    *out = (struct callback_trust_entry){.address = host.address};
    out->kind = host.is_address ? CALLBACK_TRUST_ADDRESS
                : is_wildcard   ? CALLBACK_TRUST_WILDCARD
                                : CALLBACK_TRUST_DOMAIN;
    write_text(&host, out);
    return OK;
}

void callback_trust_add(struct callback_trust *trust, const struct callback_trust_entry *entry)
{
    if (trust->count == trust->room) {
        trust->room = trust->room == 0 ? FIRST_ROOM : 2 * trust->room;
        trust->entries = mem_resize(trust->entries, trust->room * sizeof(*trust->entries));
    }
    trust->entries[trust->count++] = *entry;
}

void callback_trust_finish(struct callback_trust *trust)
{
    mem_free(trust->entries);
    *trust = (struct callback_trust){0};
}

static bool is_match(const struct callback_trust_entry *entry, const struct callback_host *host)
{
    struct str name = str_of(host->name), text = str_of(entry->text);
    if (entry->kind == CALLBACK_TRUST_ADDRESS)
        return host->is_address && callback_address_is(&entry->address, &host->address);
    if (host->is_address)
        return false;
    if (entry->kind == CALLBACK_TRUST_DOMAIN)
        return str_is(name, text);
    /* With the dot before the domain: "badexample.com" is not below "example.com". */
    return name.len >= text.len && str_ends(name, str_slice(text, 1, text.len));
}

const struct callback_trust_entry *callback_trust_match(const struct callback_trust *trust,
                                                        const struct callback_url *url)
{
    for (size_t i = 0; i < trust->count; i++)
        if (is_match(&trust->entries[i], &url->host))
            return &trust->entries[i];
    return NULL;
}

bool callback_trust_admits(const struct callback_trust *trust,
                           const struct callback_address *address)
{
    if (!callback_address_is_forbidden(address))
        return true;
    for (size_t i = 0; i < trust->count; i++)
        if (trust->entries[i].kind == CALLBACK_TRUST_ADDRESS &&
            callback_address_is(&trust->entries[i].address, address))
            return true;
    return false;
}
