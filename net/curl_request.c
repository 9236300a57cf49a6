#include "net/curl_request.h"

#include <string.h>

#include "base/mem.h"
#include "net/tls.h"

/* No control characters, nothing below the smallest, and not the refused one. */
static bool is_clean(struct str s, char smallest, char refused)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char byte = (unsigned char)s.ptr[i];
        if (byte < (unsigned char)smallest || byte == 0x7f || byte == (unsigned char)refused)
            return false;
    }
    return true;
}

/* NULL, or why these headers can't be sent. Those that frame the request are libcurl's. */
static const char *headers_check(const struct http_header *headers, size_t count)
{
    if (count > CURL_REQUEST_HEADERS_MAX)
        return "the request has too many headers";
    for (size_t i = 0; i < count; i++) {
        struct str name = headers[i].name;
        if (name.len == 0 || !is_clean(name, '!', ':') || !is_clean(headers[i].value, ' ', '\0'))
            return "the request has a malformed header";
        if (str_is_nocase(name, STR("Content-Length")) ||
            str_is_nocase(name, STR("Transfer-Encoding")) || str_is_nocase(name, STR("Expect")))
            return "the request has a header that frames it";
    }
    return NULL;
}

static struct curl_slist *line_add(struct curl_slist *lines, size_t *count, char *text)
{
    struct curl_slist *line = &lines[(*count)++];
    *line = (struct curl_slist){.data = text};
    if (line != lines)
        line[-1].next = line;
    return line;
}

/* "name: value", or in libcurl's notation "name;" for an empty value. Returns what follows. */
static char *line_write(char *at, const struct http_header *header)
{
    static const char separator[] = ": ";
    memcpy(at, header->name.ptr, header->name.len);
    at += header->name.len;
    if (header->value.len == 0) {
        *at++ = ';';
    } else {
        memcpy(at, separator, sizeof(separator) - 1);
        at += sizeof(separator) - 1;
        memcpy(at, header->value.ptr, header->value.len);
        at += header->value.len;
    }
    *at++ = '\0';
    return at;
}

/* Copies headers and body into one block, and tells libcurl to add none of its own headers. Returns
 * the body in the block. */
static char *request_copy(struct curl_request *self, const struct http_fetch_request *request)
{
    /* "NAME:" leaves a header out that libcurl would add; libcurl only reads the text. */
    static char without[CURL_REQUEST_LEFT_OUT][sizeof("Content-Type:")] = {
        "Accept:", "Expect:", "Content-Type:"};
    size_t size = request->body.len, count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        size += request->headers[i].name.len + request->headers[i].value.len + sizeof(": ");
    self->text = mem_alloc(size);
    char *at = self->text;
    for (size_t i = 0; i < request->header_count; i++) {
        char *text = at;
        at = line_write(at, &request->headers[i]);
        line_add(self->header_lines, &count, text);
    }
    for (size_t i = 0; i < CURL_REQUEST_LEFT_OUT; i++) {
        struct str name = str_slice(str_of(without[i]), 0, strlen(without[i]) - 1);
        if (http_headers_count(request->headers, request->header_count, name) == 0)
            line_add(self->header_lines, &count, without[i]);
    }
    if (request->body.len > 0)
        memcpy(at, request->body.ptr, request->body.len);
    return at;
}

/* NULL, or why not. POST, PUT and PATCH announce even an empty body (RFC 9110, section 8.6). */
static const char *set_method(CURL *easy, const char *method, char *body, size_t body_len)
{
    static const struct {
        const char *name;
        bool has_body;
    } methods[] = {
        {"GET", false}, {"POST", true}, {"PUT", true}, {"PATCH", true}, {"DELETE", false}};
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (strcmp(methods[i].name, method) != 0)
            continue;
        if (methods[i].has_body || body_len > 0) {
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body_len);
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        }
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, methods[i].name);
        return NULL;
    }
    return "no such method";
}

static void set_trust(CURL *easy, const struct tls_trust *trust)
{
    struct str pem = trust == NULL ? (struct str){NULL, 0} : tls_trust_pem(trust);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* Debian's folder of anchors would be trusted beside those given, and it keeps libcurl from
     * caching the bundle: 20 ms of the loop for each connection (dependencies.md, section 2). */
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (pem.ptr != NULL) {
        struct curl_blob blob = {(void *)(uintptr_t)pem.ptr, pem.len, CURL_BLOB_NOCOPY};
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
    }
}

/* What every request has in common; nothing of the environment, of files or of the last one. */
static void set_common(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* Without it, a name that does not resolve in time is waited for, with the loop standing. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* signatures are computed over it */
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
}

/* libcurl takes 0 for "for ever". */
static int64_t at_least_one(int64_t ms)
{
    return ms > 0 ? ms : 1;
}

const char *curl_request_set(struct curl_request *self, CURL *easy,
                             const struct http_fetch_request *request)
{
    const char *refusal = headers_check(request->headers, request->header_count);
    if (refusal != NULL)
        return refusal;
    char *body = request_copy(self, request);
    set_common(easy);
    set_trust(easy, request->trust);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, self->header_lines);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)at_least_one(request->connect_timeout_ms));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)at_least_one(request->timeout_ms));
    if (curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK)
        return "the URL is too long";
    return set_method(easy, request->method, body, request->body.len);
}

void curl_request_finish(struct curl_request *self)
{
    mem_free(self->text);
    self->text = NULL;
}
