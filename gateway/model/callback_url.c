#include "gateway/model/callback_url.h"

enum {
    LABEL_MAX = 63, /* RFC 1035, 2.3.4 */
    PORT_DIGITS_MAX = 5,
    PORT_HTTP = 80,
    PORT_HTTPS = 443,
};

static const struct rule rule_scheme = {"scheme", "must start with http:// or https://",
                                        "必须以 http:// 或 https:// 开头"};
static const struct rule rule_length = {"length", "must have at most 2048 characters",
                                        "最多 2048 个字符"};
static const struct rule rule_characters = {
    "characters", "the path or query holds a character that a URL must not hold; write it as %XX",
    "路径或查询部分包含 URL 不允许的字符，请写成 %XX"};
static const struct rule rule_escape = {"escape", "'%' must be followed by two hexadecimal digits",
                                        "“%” 后面必须是两位十六进制数字"};
static const struct rule rule_user = {"user", "must not name a user (USER@)",
                                      "不能包含用户信息（USER@）"};
static const struct rule rule_port = {"port", "the port must be from 1 to 65535",
                                      "端口必须在 1 到 65535 之间"};
static const struct rule rule_address = {
    "address",
    "an IPv4 address is written as four decimal numbers, an IPv6 address as in [2001:db8::1]",
    "IPv4 地址必须写成四个十进制数，IPv6 地址必须写成 [2001:db8::1] 的形式"};
static const struct rule rule_host = {
    "host",
    "the host must be a domain of letters, digits and '-' (international names as xn--...) or an "
    "address",
    "主机必须是由字母、数字和“-”组成的域名(国际化域名写成 xn--...)或 IP 地址"};
_Static_assert(CALLBACK_URL_MAX == 2048, "the words tell it");

static enum status refuse(const struct rule *rule, const struct rule **broken)
{
    *broken = rule;
    return ERR_INVALID;
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* --- Hosts --- */

static bool is_label(struct str label)
{
    for (size_t i = 0; i < label.len; i++)
        if (!is_alpha(label.ptr[i]) && !is_digit(label.ptr[i]) && label.ptr[i] != '-')
            return false;
    return label.len >= 1 && label.len <= LABEL_MAX && label.ptr[0] != '-' &&
           label.ptr[label.len - 1] != '-';
}

/* What readers take for a number makes the whole host an address to them (URL Standard, "ends in a
 * number"): such names are not looked up. */
static bool is_number(struct str label)
{
    if (str_starts(label, STR("0x")) || str_starts(label, STR("0X"))) {
        size_t at = 2;
        while (at < label.len && is_hex(label.ptr[at]))
            at++;
        return at == label.len;
    }
    return str_is_digits(label);
}

static enum status read_domain(struct str text, struct callback_host *out,
                               const struct rule **broken)
{
    struct str rest = text, label = {0};
    if (text.len == 0 || text.len > CALLBACK_HOST_MAX)
        return refuse(&rule_host, broken);
    while (str_next(&rest, '.', &label))
        if (!is_label(label))
            return refuse(&rule_host, broken);
    if (is_number(label))
        return refuse(&rule_address, broken);
    for (size_t i = 0; i < text.len; i++) {
        bool is_capital = text.ptr[i] >= 'A' && text.ptr[i] <= 'Z';
        out->name[i] = is_capital ? (char)(text.ptr[i] + ('a' - 'A')) : text.ptr[i];
    }
    out->name[text.len] = '\0';
    return OK;
}

static void take_address(const struct callback_address *address, struct callback_host *out)
{
    struct buf name;
    buf_init_fixed(&name, out->name, sizeof(out->name));
    callback_address_append_ip(address, &name);
    (void)buf_text(&name);
    out->is_address = true;
    out->address = *address;
    out->address.port = out->port;
}

static enum status read_port(struct str digits, uint16_t *port, const struct rule **broken)
{
    uint64_t value;
    if (digits.len > PORT_DIGITS_MAX || str_starts(digits, STR("0")) ||
        str_parse_u64(digits, &value) != OK || value > UINT16_MAX)
        return refuse(&rule_port, broken);
    *port = (uint16_t)value;
    return OK;
}

enum status callback_host_read(struct str text, struct callback_host *out,
                               const struct rule **broken)
{
    struct callback_address address;
    struct callback_host host = {0};
    bool is_v6 = str_starts(text, STR("["));
    size_t end = is_v6 ? str_find(text, ']') + 1 : str_find(text, ':');
    struct str name = str_slice(text, 0, end), port = str_slice(text, end, text.len);
    if (is_v6 && !str_ends(name, STR("]")))
        return refuse(&rule_address, broken);
    if (is_v6)
        name = str_slice(name, 1, name.len - 2);
    if (port.len > 0 && port.ptr[0] != ':')
        return refuse(&rule_host, broken);
    if (port.len > 0 && read_port(str_slice(port, 1, port.len), &host.port, broken) != OK)
        return ERR_INVALID;
    bool is_address = callback_address_parse_ip(name, &address) == OK;
    if (is_v6 != (is_address && callback_address_is_ipv6(&address)))
        return refuse(&rule_address, broken);
    /* The root's dot means the same name, which is compared without it. */
    if (!is_address && str_ends(name, STR(".")))
        name.len--;
    if (is_address)
        take_address(&address, &host);
    else if (read_domain(name, &host, broken) != OK)
        return ERR_INVALID;
    *out = host;
    return OK;
}

/* --- URLs --- */

/* RFC 3986, 2.2 and 2.3, and '%'. */
static bool is_url_byte(char c)
{
    return is_alpha(c) || is_digit(c) ||
           (c != '\0' && strchr("-._~:/?#[]@!$&'()*+,;=%", c) != NULL);
}

static enum status check_characters(struct str text, const struct rule **broken)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_url_byte(text.ptr[i]))
            return refuse(&rule_characters, broken);
    for (struct str rest = text; str_find(rest, '%') < rest.len;) {
        rest = str_slice(rest, str_find(rest, '%') + 1, rest.len);
        if (rest.len < 2 || !is_hex(rest.ptr[0]) || !is_hex(rest.ptr[1]))
            return refuse(&rule_escape, broken);
    }
    return OK;
}

/* Schemes are without case (RFC 3986, 3.1). */
static enum status read_scheme(struct str *rest, bool *is_https, const struct rule **broken)
{
    static const struct str http = {"http://", 7}, https = {"https://", 8};
    *is_https = str_is_nocase(str_slice(*rest, 0, https.len), https);
    if (!*is_https && !str_is_nocase(str_slice(*rest, 0, http.len), http))
        return refuse(&rule_scheme, broken);
    *rest = str_slice(*rest, *is_https ? https.len : http.len, rest->len);
    return OK;
}

/* Splits off what follows the first byte of that kind. */
static struct str split_off(struct str *text, char mark)
{
    size_t at = str_find(*text, mark);
    struct str behind = str_slice(*text, at, text->len);
    text->len = at;
    return behind;
}

enum status callback_url_read(struct str text, struct callback_url *out, const struct rule **broken)
{
    struct callback_url url = {0};
    struct str rest = text;
    enum status status;
    if (text.len > CALLBACK_URL_MAX)
        return refuse(&rule_length, broken);
    TRY(read_scheme(&rest, &url.is_https, broken));
    struct str fragment = split_off(&rest, '#');
    url.has_fragment = fragment.len > 0;
    url.query = split_off(&rest, '?');
    url.path = split_off(&rest, '/');
    if (str_find(rest, '@') < rest.len)
        return refuse(&rule_user, broken);
    TRY(callback_host_read(rest, &url.host, broken));
    TRY(check_characters(url.path, broken));
    TRY(check_characters(url.query, broken));
    TRY(check_characters(fragment, broken));
    if (url.host.port == 0)
        url.host.port = url.is_https ? PORT_HTTPS : PORT_HTTP;
    url.host.address.port = url.host.port;
    *out = url;
out:
    return status;
}

void callback_url_append(const struct callback_url *url, struct buf *out)
{
    bool is_v6 = url->host.is_address && callback_address_is_ipv6(&url->host.address);
    buf_format(out, "%s://%s%s%s:%u", url->is_https ? "https" : "http", is_v6 ? "[" : "",
               url->host.name, is_v6 ? "]" : "", (unsigned)url->host.port);
    buf_append(out, url->path.len == 0 ? STR("/") : url->path);
    buf_append(out, url->query);
}

void callback_url_append_shown(struct str url, struct buf *out)
{
    size_t query = str_find(url, '?');
    buf_append(out, str_slice(url, 0, query));
    if (query < url.len)
        buf_append(out, STR("?***"));
}

bool callback_url_is_agents(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!is_alpha(c) && !is_digit(c) && (c == '\0' || strchr("-:./_#?&", c) == NULL))
            return false;
    }
    return text.len > 0;
}
