#include "gateway/model/recording.h"

#include "base/mem.h"

/* --- Where from --- */

static bool is_same_server(const struct callback_url *a, const struct callback_url *b)
{
    return a->is_https == b->is_https && a->host.port == b->host.port &&
           str_is(str_of(a->host.name), str_of(b->host.name));
}

/* The server's domain as a URL. */
static bool read_own(const struct recording_server *server, struct buf *text,
                     struct callback_url *out)
{
    const struct rule *broken;
    buf_append(text, server->is_plain ? STR("http://") : STR("https://"));
    buf_append(text, server->domain);
    return !buf_is_over(text) && callback_url_read(buf_str(text), out, &broken) == OK;
}

enum status recording_check_host(struct str text, struct fault *fault)
{
    struct callback_trust_entry entry;
    const struct rule *broken;
    if (callback_trust_entry_read(text, &entry, &broken) != OK)
        return fault_set(fault, ERR_INVALID, "%s", broken->en);
    return OK;
}

bool recording_url_read(struct str url, const struct recording_server *server,
                        const struct callback_trust *hosts, struct buf *out, bool *is_own)
{
    enum { OWN_MAX = sizeof("https://") + CALLBACK_HOST_MAX + sizeof(":65535") };
    char storage[OWN_MAX];
    struct buf text;
    struct callback_url read, own;
    const struct rule *broken;
    buf_init_fixed(&text, storage, sizeof(storage));
    if (callback_url_read(url, &read, &broken) != OK)
        return false;
    *is_own = read_own(server, &text, &own) && is_same_server(&read, &own);
    if (!*is_own && (!read.is_https || callback_trust_match(hosts, &read) == NULL))
        return false;
    callback_url_append(&read, out);
    return !buf_is_over(out);
}

/* --- What came --- */

/* The forms in which calls are recorded; anything else is handed on as bytes of no form, so that no
 * browser takes it for a page of the gateway's. */
static const struct form {
    struct str said;       /* Content-Type */
    const char *type;      /* as it is handed on */
    const char *extension; /* also known by */
} forms[] = {
    {{"audio/wav", 9}, "audio/wav", ".wav"},    {{"audio/x-wav", 11}, "audio/wav", ".wav"},
    {{"audio/wave", 10}, "audio/wav", ".wav"},  {{"audio/vnd.wave", 14}, "audio/wav", ".wav"},
    {{"audio/mpeg", 10}, "audio/mpeg", ".mp3"}, {{"audio/mp3", 9}, "audio/mpeg", ".mp3"},
    {{"audio/amr", 9}, "audio/amr", ".amr"},    {{"audio/ogg", 9}, "audio/ogg", ".ogg"},
    {{"audio/aac", 9}, "audio/aac", ".aac"},    {{"audio/mp4", 9}, "audio/mp4", ".m4a"},
    {{"audio/x-m4a", 11}, "audio/mp4", ".m4a"}, {{"audio/basic", 11}, "audio/basic", ".au"},
};

static struct str header(const struct http_fetch_result *answer, struct str name)
{
    return http_headers_find(answer->headers, answer->header_count, name);
}

/* By the Content-Type, or, where stores of objects know none, by the end of the URL's path. */
static void read_form(const struct http_fetch_result *answer, struct str url,
                      struct recording_head *out)
{
    struct str said = header(answer, STR("Content-Type"));
    struct str path = str_slice(url, 0, str_find(url, '?'));
    out->content_type = "application/octet-stream";
    out->extension = "";
    said = str_trim(str_slice(said, 0, str_find(said, ';')));
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct str extension = str_of(forms[i].extension);
        bool is_said = str_is_nocase(said, forms[i].said);
        bool is_named =
            path.len > extension.len && out->extension[0] == '\0' &&
            str_is_nocase(str_slice(path, path.len - extension.len, extension.len), extension);
        if (!is_said && !is_named)
            continue;
        out->content_type = forms[i].type;
        out->extension = forms[i].extension;
        if (is_said)
            return;
    }
}

static void refuse(struct recording_head *out, const char *why)
{
    out->verdict = RECORDING_BROKEN;
    out->why = why;
}

/* All of it came: wanted, or because the range was not obeyed. */
static void read_whole(struct str range, bool is_conditional, struct recording_head *out)
{
    struct http_range wanted = http_range_read(range, out->size);
    out->verdict = RECORDING_WHOLE;
    if (is_conditional || out->size == HTTP_SIZE_UNKNOWN || wanted.kind == HTTP_RANGE_WHOLE)
        return;
    out->verdict = wanted.kind == HTTP_RANGE_PART ? RECORDING_PART : RECORDING_OUTSIDE;
    out->range = wanted;
    out->skip = wanted.from;
    out->length = wanted.to - wanted.from;
}

static void read_part(const struct http_fetch_result *answer, struct recording_head *out)
{
    struct str said = header(answer, STR("Content-Range"));
    uint64_t body = out->length;
    if (http_content_range_read(said, &out->range, &out->size) != OK ||
        out->range.kind != HTTP_RANGE_PART) {
        refuse(out, "206 without one range");
        return;
    }
    out->verdict = RECORDING_PART;
    out->length = out->range.to - out->range.from;
    if (body != HTTP_SIZE_UNKNOWN && body != out->length)
        refuse(out, "206 with a body of another length than its range");
}

static void read_outside(const struct http_fetch_result *answer, struct recording_head *out)
{
    out->verdict = RECORDING_OUTSIDE;
    if (http_content_range_read(header(answer, STR("Content-Range")), &out->range, &out->size) !=
            OK ||
        out->range.kind != HTTP_RANGE_OUTSIDE) {
        out->range.kind = HTTP_RANGE_OUTSIDE;
        out->size = HTTP_SIZE_UNKNOWN;
    }
}

void recording_head_read(const struct http_fetch_result *answer, struct str url, struct str range,
                         bool is_conditional, struct recording_head *out)
{
    struct str coding = header(answer, STR("Content-Encoding"));
    uint64_t length;
    *out = (struct recording_head){.why = "",
                                   .etag = header(answer, STR("ETag")),
                                   .last_modified = header(answer, STR("Last-Modified"))};
    if (str_parse_u64(header(answer, STR("Content-Length")), &length) != OK)
        length = HTTP_SIZE_UNKNOWN;
    out->size = out->length = length;
    read_form(answer, url, out);
    if (coding.len > 0 && !str_is_nocase(coding, STR("identity")))
        refuse(out, "encoded, which was not asked for");
    else if (answer->status == 200)
        read_whole(range, is_conditional, out);
    else if (answer->status == 206 && range.len > 0)
        read_part(answer, out);
    else if (answer->status == 416 && range.len > 0)
        read_outside(answer, out);
    else if (answer->status == 404 || answer->status == 410)
        out->verdict = RECORDING_GONE;
    else
        refuse(out, answer->status >= 300 && answer->status < 400 ? "redirect, not followed"
                                                                  : "not a status of a recording");
}
