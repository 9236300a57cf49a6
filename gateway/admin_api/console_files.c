#include "gateway/admin_api/console_files.h"

#include "base/digest.h"
#include "base/embedded.h"
#include "base/mem.h"
#include "gateway/admin_api/admin_request.h"

/* Every file of console/: its name, and the type by which browsers read it. */
#define CONSOLE_FILES(X)                                                                           \
    X(index, html)                                                                                 \
    X(console, css)                                                                                \
    X(icon, svg)                                                                                   \
    X(account_fields, js)                                                                          \
    X(api, js)                                                                                     \
    X(app, js)                                                                                     \
    X(call_timeline, js)                                                                           \
    X(call_words, js)                                                                              \
    X(chart, js)                                                                                   \
    X(controls, js)                                                                                \
    X(dialog, js)                                                                                  \
    X(dom, js)                                                                                     \
    X(events, js)                                                                                  \
    X(form, js)                                                                                    \
    X(i18n, js)                                                                                    \
    X(icons, js)                                                                                   \
    X(live, js)                                                                                    \
    X(notice, js)                                                                                  \
    X(number_dialogs, js)                                                                          \
    X(page_agent_numbers, js)                                                                      \
    X(page_api_keys, js)                                                                           \
    X(page_app_keys, js)                                                                           \
    X(page_audit, js)                                                                              \
    X(page_bidirectional_call, js)                                                                 \
    X(page_call, js)                                                                               \
    X(page_callback, js)                                                                           \
    X(page_callbacks, js)                                                                          \
    X(page_calls, js)                                                                              \
    X(page_certificates, js)                                                                       \
    X(page_dashboard, js)                                                                          \
    X(page_diagnostics, js)                                                                        \
    X(page_overview, js)                                                                           \
    X(page_password, js)                                                                           \
    X(page_tenants, js)                                                                            \
    X(page_trustlist, js)                                                                          \
    X(page_unmatched, js)                                                                          \
    X(page_users, js)                                                                              \
    X(page_x_numbers, js)                                                                          \
    X(router, js)                                                                                  \
    X(routes, js)                                                                                  \
    X(session, js)                                                                                 \
    X(settings_conflict, js)                                                                       \
    X(settings_fields, js)                                                                         \
    X(settings_form, js)                                                                           \
    X(settings_test, js)                                                                           \
    X(shell, js)                                                                                   \
    X(sign_in, js)                                                                                 \
    X(stats, js)                                                                                   \
    X(table, js)                                                                                   \
    X(texts_en, js)                                                                                \
    X(texts_zh, js)

#define DECLARE(name, type) EMBEDDED_FILE(gateway_admin_api_console_##name##_##type);
CONSOLE_FILES(DECLARE)
#undef DECLARE

static const char html_type[] = "text/html; charset=utf-8";
static const char svg_type[] = "image/svg+xml";
static const char css_type[] = "text/css; charset=utf-8";
static const char js_type[] = "text/javascript; charset=utf-8";

#define COUNT(name, type) FILE_##name##_##type,
enum { CONSOLE_FILES(COUNT) FILE_COUNT };
#undef COUNT

enum {
    TAG_SIZE = 2 + 32 + 1, /* in quotes; half a SHA-256 tells files apart */
    DOCUMENT_HEADERS = 3,
};

struct console_file {
    const char *content_type;
    struct str name, bytes;
    char tag[TAG_SIZE]; /* empty until it is first asked for */
};

struct console_files {
    struct console_file files[FILE_COUNT]; /* the page is the first */
};

#define PREFIX "/console/"

static void make_file(struct console_file *file, const char *name, const char *content_type,
                      struct str bytes)
{
    file->content_type = content_type;
    file->name = str_of(name);
    file->bytes = bytes;
}

struct console_files *console_files_create(void)
{
    struct console_files *console = NEW(struct console_files);
#define MAKE(name, type)                                                                           \
    make_file(&console->files[FILE_##name##_##type], #name "." #type, type##_type,                 \
              EMBEDDED_STR(gateway_admin_api_console_##name##_##type));
    CONSOLE_FILES(MAKE)
#undef MAKE
    return console;
}

void console_files_destroy(struct console_files *files)
{
    mem_free(files);
}

/* Most gateways run for months between two looks at their console: until then its files stay out of
 * memory. */
static struct str tag_of(struct console_file *file)
{
    char hex[SHA256_SIZE * 2 + 1];
    struct buf digest, tag;
    if (file->tag[0] == '\0') {
        buf_init_fixed(&digest, hex, sizeof(hex));
        sha256_hex_append(&digest, file->bytes);
        buf_init_fixed(&tag, file->tag, sizeof(file->tag));
        buf_format(&tag, "\"%.32s\"", buf_text(&digest));
    }
    return str_of(file->tag);
}

static struct console_file *find(struct console_files *console, struct str path)
{
    if (str_is(path, STR("/")))
        return &console->files[0];
    for (size_t i = 0; i < FILE_COUNT; i++)
        if (str_is(str_slice(path, sizeof(PREFIX) - 1, path.len), console->files[i].name))
            return &console->files[i];
    return NULL;
}

/* If-None-Match: a list of tags, weak ones count too (RFC 9110, section 13.1.2). */
static bool is_known(const struct http_request *request, struct str tag)
{
    struct str rest =
        http_headers_find(request->headers, request->header_count, STR("If-None-Match"));
    struct str item;
    while (str_next(&rest, ',', &item)) {
        item = str_trim(item);
        if (str_starts(item, STR("W/")))
            item = str_slice(item, 2, item.len);
        if (str_is(item, tag) || str_is(item, STR("*")))
            return true;
    }
    return false;
}

static void answer_none(struct http_exchange *exchange)
{
    char storage[256];
    struct buf body;
    buf_init_fixed(&body, storage, sizeof(storage));
    admin_write_problem(404, "the console has no such file", &body);
    http_exchange_answer(exchange, &(struct http_response){.status = 404,
                                                           .content_type = ADMIN_PROBLEM_TYPE,
                                                           .body = buf_str(&body)});
}

static void answer_file(struct http_exchange *exchange, struct console_file *file)
{
    struct str tag = tag_of(file);
    bool known = is_known(http_exchange_request(exchange), tag);
    const struct http_header headers[] = {
        {STR("ETag"), tag},
        /* Asked for anew each time, sent only when it is another one: after an upgrade no page runs
         * with files of two versions. */
        {STR("Cache-Control"), STR("no-cache")},
        {STR("X-Content-Type-Options"), STR("nosniff")},
        {STR("Cross-Origin-Resource-Policy"), STR("same-origin")},
        /* Of documents only: what is loaded by one has its policy. */
        {STR("Content-Security-Policy"),
         STR("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
             "img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")},
        {STR("Referrer-Policy"), STR("no-referrer")},
        {STR("Cross-Origin-Opener-Policy"), STR("same-origin")},
    };
    bool is_document = file->content_type == html_type || file->content_type == svg_type;
    http_exchange_answer(
        exchange, &(struct http_response){
                      .status = known ? 304 : 200,
                      .content_type = known ? NULL : file->content_type,
                      .headers = headers,
                      .header_count = COUNT_OF(headers) - (is_document ? 0 : DOCUMENT_HEADERS),
                      .body = known ? STR("") : file->bytes,
                  });
}

void console_files_answer(struct console_files *files, struct http_exchange *exchange)
{
    struct console_file *file = find(files, http_exchange_request(exchange)->path);
    if (file == NULL)
        answer_none(exchange);
    else
        answer_file(exchange, file);
}
