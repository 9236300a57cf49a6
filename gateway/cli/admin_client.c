#include "gateway/cli/admin_client.h"

#include <pwd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "gateway/operator.h"
#include "net/tls.h"

enum { URL_MAX = 512, PORT_FILE_MAX = 16 };

/* Of any address the loopback one is as good. */
static struct str reachable(struct str host)
{
    if (str_is(host, STR("0.0.0.0")))
        return STR("127.0.0.1");
    return str_is(host, STR("[::]")) ? STR("[::1]") : host;
}

static enum status read_port_file(const char *path, struct buf *out, struct fault *fault)
{
    uint64_t port;
    enum status status = file_read(path, out, fault);
    if (status != OK)
        return status;
    if (str_ends(buf_str(out), STR("\n")))
        out->len--;
    if (str_parse_u64(buf_str(out), &port) != OK || port == 0 || port > UINT16_MAX)
        return fault_set(fault, ERR_SYNTAX, "%s: must hold a port number", path);
    return OK;
}

/* Port 0 is any free one: only admin-port-file tells which. */
static enum status make_url(const struct config *config, struct buf *out, struct fault *fault)
{
    char storage[PORT_FILE_MAX];
    struct buf file;
    struct str address = str_of(config->admin_listen);
    size_t colon = address.len;
    enum status status = OK;
    buf_init_fixed(&file, storage, sizeof(storage));
    while (colon > 0 && address.ptr[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return fault_set(fault, ERR_NOT_FOUND, "admin-listen is empty");
    struct str port = str_slice(address, colon, address.len);
    if (config->admin_port_file != NULL && str_is(port, STR("0"))) {
        TRY(read_port_file(config->admin_port_file, &file, fault));
        port = buf_str(&file);
    }
    struct str host = reachable(str_slice(address, 0, colon - 1));
    buf_format(out, "%s://%.*s:%.*s", config->tls_certificate == NULL ? "http" : "https",
               STR_ARGS(host), STR_ARGS(port));
    if (buf_text(out) == NULL)
        status = fault_set(fault, ERR_TOO_BIG, "admin-listen: too long");
out:
    return status;
}

enum status admin_client_open(const struct config *config,
                              const uint8_t master_key[static SEAL_KEY_SIZE],
                              struct api_client **out, struct fault *fault)
{
    const struct passwd *user = getpwuid(getuid());
    struct str name = user == NULL ? STR("unknown") : str_of(user->pw_name);
    struct tls_trust *trust = NULL;
    char token[OPERATOR_TOKEN_SIZE], storage[URL_MAX];
    struct buf url;
    enum status status;
    buf_init_fixed(&url, storage, sizeof(storage));
    TRY(make_url(config, &url, fault));
    if (config->tls_certificate != NULL)
        TRY(tls_trust_pin(config->tls_certificate, &trust, fault));
    operator_token_issue(master_key, name, clock_wall_ms() / 1000, token);
    *out = api_client_create(buf_text(&url), trust);
    api_client_set_bearer(*out, token);
out:
    tls_trust_release(trust);
    mem_wipe(token, sizeof(token));
    return status;
}
