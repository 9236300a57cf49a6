#include "mock_ita/banner.h"

#include "base/json.h"

enum { URL_MAX = 512 }; /* an address has no more than 64 bytes */

/* --- Where --- */

static const char *scheme(const struct mock_options *options)
{
    return options->is_tls ? "https" : "http";
}

/* "HOST:PORT": a wildcard can be listened on but not called. */
static void append_authority(struct buf *out, const char *address, uint16_t port)
{
    struct str host = str_slice(str_of(address), 0, (size_t)(strrchr(address, ':') - address));
    if (str_is(host, STR("0.0.0.0")))
        host = STR("127.0.0.1");
    else if (str_is(host, STR("[::]")))
        host = STR("[::1]");
    buf_format(out, "%.*s:%u", STR_ARGS(host), port);
}

void mock_banner_append_url(struct buf *out, const char *scheme_name, const char *address,
                            uint16_t port)
{
    buf_format(out, "%s://", scheme_name);
    append_authority(out, address, port);
}

static void append_ita_url(struct buf *out, const struct mock_banner *banner)
{
    mock_banner_append_url(out, scheme(banner->options), banner->options->listen, banner->port);
}

static void append_control_url(struct buf *out, const struct mock_banner *banner)
{
    mock_banner_append_url(out, "http", banner->options->control, banner->control_port);
}

/* --- The whole --- */

static const char *or_nowhere(const char *url)
{
    return url == NULL ? "nowhere" : url;
}

static void append_aicc(struct buf *out, const struct mock_banner *banner)
{
    const struct mock_options *options = banner->options;
    if (!options->is_aicc)
        return;
    buf_append(out, STR("\n  AICC API         "));
    append_ita_url(out, banner);
    buf_format(out,
               "\n  app key          %s\n  app secret       %s\n  connection goes  %s\n"
               "  hang-up goes     %s\n",
               options->aicc_app_key,
               options->is_aicc_app_secret_made_up ? options->aicc_app_secret : "(as given)",
               or_nowhere(options->aicc_connection_url), or_nowhere(options->aicc_hang_up_url));
}

void mock_banner_append(struct buf *out, const struct mock_banner *banner)
{
    const struct mock_options *options = banner->options;
    buf_append(out, STR("mock-ita is ready; Ctrl-C stops it.\n\n  ITA API    "));
    append_ita_url(out, banner);
    buf_append(out, STR("\n  live page  "));
    append_control_url(out, banner);
    buf_append(out, STR("/\n"));
    buf_format(out, "  AccessKey  %s\n  SecretKey  %s\n  AppKey     %s\n  CDRs go    %s\n",
               options->access_key,
               options->is_secret_key_made_up ? options->secret_key : "(as given)",
               options->app_key,
               options->push_url == NULL ? "nowhere (--push-url sends them)" : options->push_url);
    append_aicc(out, banner);
    buf_append(out, STR("\nA call, signed for the next 15 minutes and once:\n\n"));
    mock_banner_append_curl(out, banner);
    buf_append_byte(out, '\n');
}

void mock_banner_append_line(struct buf *out, const struct mock_banner *banner)
{
    buf_append(out, STR("mock-ita: ITA "));
    append_ita_url(out, banner);
    buf_append(out, STR(" control "));
    append_control_url(out, banner);
    buf_append_byte(out, '\n');
}

void mock_banner_append_ready(struct buf *out, const struct mock_banner *banner)
{
    char storage[URL_MAX];
    struct buf url;
    struct json_writer w;
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    json_write_i64(&w, "port", banner->port);
    json_write_i64(&w, "controlPort", banner->control_port);
    buf_init_fixed(&url, storage, sizeof(storage));
    append_ita_url(&url, banner);
    json_write_str(&w, "url", buf_str(&url));
    buf_clear(&url);
    append_control_url(&url, banner);
    json_write_str(&w, "controlUrl", buf_str(&url));
    json_write_object_end(&w);
    buf_append_byte(out, '\n');
}
