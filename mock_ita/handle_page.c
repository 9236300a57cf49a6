#include "base/embedded.h"
#include "base/mem.h"
#include "mock_ita/handle.h"

/* The live page (page/), on the control port. Everything on it comes from there and nowhere else:
 * no inline script, no style, no foreign host, no frame around it. */

EMBEDDED_FILE(mock_ita_page_index_html);
EMBEDDED_FILE(mock_ita_page_page_css);
EMBEDDED_FILE(mock_ita_page_page_js);
EMBEDDED_FILE(mock_ita_page_icon_svg);

static void answer_file(struct http_exchange *exchange, const char *content_type, struct str bytes)
{
    const struct http_header headers[] = {
        {STR("Content-Security-Policy"),
         STR("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
             "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")},
        {STR("X-Content-Type-Options"), STR("nosniff")},
        {STR("Referrer-Policy"), STR("no-referrer")},
        /* The next mock on this port may be another version. */
        {STR("Cache-Control"), STR("no-store")},
    };
    const struct http_response response = {.status = 200,
                                           .content_type = content_type,
                                           .headers = headers,
                                           .header_count = COUNT_OF(headers),
                                           .body = bytes};
    http_exchange_answer(exchange, &response);
}

void handle_page(void *data, struct http_exchange *exchange)
{
    (void)data;
    answer_file(exchange, "text/html; charset=utf-8", EMBEDDED_STR(mock_ita_page_index_html));
}

void handle_page_css(void *data, struct http_exchange *exchange)
{
    (void)data;
    answer_file(exchange, "text/css; charset=utf-8", EMBEDDED_STR(mock_ita_page_page_css));
}

void handle_page_js(void *data, struct http_exchange *exchange)
{
    (void)data;
    answer_file(exchange, "text/javascript; charset=utf-8", EMBEDDED_STR(mock_ita_page_page_js));
}

void handle_page_icon(void *data, struct http_exchange *exchange)
{
    (void)data;
    answer_file(exchange, "image/svg+xml", EMBEDDED_STR(mock_ita_page_icon_svg));
}
