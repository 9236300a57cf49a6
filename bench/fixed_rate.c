/* fixed_rate URL RATE SECONDS REQUESTS TRUST TEXT...: sends RATE requests a second to URL, as they
 * stand in the file REQUESTS, one after the other. TRUST is a PEM file, or - without TLS. An answer
 * is right when it is a 200 that holds one of the TEXTs. Prints a line of JSON; times are
 * microseconds from when a request was due, not from when it left, so that a server that stalls
 * pays for all that waited meanwhile.
 *
 * A request is a line with its path, lines with its headers, an empty line, and a line that is its
 * body. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "net/http_client.h"
#include "net/tls.h"

enum {
    FILE_MAX = 256 * 1024 * 1024,
    HEADERS_MAX = 8,
    ANSWER_MAX = 64 * 1024,
    TIMEOUT_MS = 30000, /* longer than a server may take by its own rules */
    CONNECTIONS = 256,
    USAGE_ERROR = 2,
};

struct request {
    char *url;
    struct http_header headers[HEADERS_MAX];
    size_t header_count;
    struct str body;
};

struct load {
    /* fixed at start */
    const char *url;
    double rate;
    size_t count; /* requests to send */
    struct tls_trust *trust;
    char **texts;
    int text_count;
    struct request *requests;
    size_t request_count;
    int64_t began_us;

    /* changes */
    uv_loop_t loop;
    uv_poll_t due;
    int timer_fd;
    struct http_client *client;
    size_t sent, answered, wrong, errors;
    int64_t *took_us; /* of each that was answered */
};

/* From its sending to its answer. */
struct sending {
    struct load *load;
    int64_t due_us;
};

static bool is_right(const struct load *load, const struct http_fetch_result *result)
{
    if (result->status != 200)
        return false;
    for (int i = 0; i < load->text_count; i++)
        if (memmem(result->body.ptr, result->body.len, load->texts[i], strlen(load->texts[i])))
            return true;
    return false;
}

static void on_fetched(void *data, const struct http_fetch_result *result)
{
    struct sending *sending = data;
    struct load *load = sending->load;
    if (result->outcome == HTTP_ANSWERED) {
        load->took_us[load->answered++] = clock_mono_us() - sending->due_us;
        load->wrong += !is_right(load, result);
    } else {
        load->errors++;
        fprintf(stderr, "fixed_rate: %s\n", result->why);
    }
    mem_free(sending);
    if (load->answered + load->errors == load->count)
        http_client_close(load->client);
}

static int64_t due_us(const struct load *load, size_t index)
{
    return load->began_us + (int64_t)((double)index * 1e6 / load->rate);
}

static void send_next(struct load *load)
{
    const struct request *request = &load->requests[load->sent];
    struct sending *sending = NEW(struct sending);
    sending->load = load;
    sending->due_us = due_us(load, load->sent++);
    http_client_fetch(load->client,
                      &(struct http_fetch_request){.method = "POST",
                                                   .url = request->url,
                                                   .headers = request->headers,
                                                   .header_count = request->header_count,
                                                   .body = request->body,
                                                   .trust = load->trust,
                                                   .connect_timeout_ms = TIMEOUT_MS,
                                                   .timeout_ms = TIMEOUT_MS,
                                                   .answer_max = ANSWER_MAX},
                      on_fetched, sending);
}

/* A timer of the kernel's: the loop's own counts in milliseconds. */
static void wait_for_next(struct load *load)
{
    int64_t at_us = due_us(load, load->sent);
    struct itimerspec when = {
        .it_value = {.tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000}};
    timerfd_settime(load->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void on_due(uv_poll_t *due, int status, int events)
{
    struct load *load = CONTAINER_OF(due, struct load, due);
    uint64_t expirations;
    (void)status;
    (void)events;
    if (read(load->timer_fd, &expirations, sizeof(expirations)) < 0)
        return;
    while (load->sent < load->count && due_us(load, load->sent) <= clock_mono_us())
        send_next(load);
    if (load->sent < load->count)
        wait_for_next(load);
    else
        uv_close((uv_handle_t *)due, NULL);
}

/* False when the text does not hold a whole request more. */
static bool read_request(const char *url, struct str *text, struct request *out)
{
    struct str path, line;
    struct buf whole;
    if (!str_next(text, '\n', &path) || path.len == 0)
        return false;
    *out = (struct request){.header_count = 0};
    while (str_next(text, '\n', &line) && line.len > 0) {
        size_t colon = str_find(line, ':');
        if (out->header_count == HEADERS_MAX)
            return false;
        out->headers[out->header_count++] = (struct http_header){
            str_slice(line, 0, colon), str_trim(str_slice(line, colon + 1, line.len))};
    }
    if (!str_next(text, '\n', &out->body))
        return false;
    buf_init(&whole, FILE_MAX);
    buf_append(&whole, str_of(url));
    buf_append(&whole, path);
    out->url = str_copy(buf_str(&whole));
    buf_finish(&whole);
    return true;
}

static void read_requests(struct load *load, struct str text)
{
    load->requests = mem_alloc(load->count * sizeof(*load->requests));
    while (load->request_count < load->count &&
           read_request(load->url, &text, &load->requests[load->request_count]))
        load->request_count++;
}

static int compare_i64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t percentile(const struct load *load, double part)
{
    size_t at = (size_t)(part * (double)load->answered);
    return load->answered == 0 ? 0 : load->took_us[at < load->answered ? at : load->answered - 1];
}

static void report(const struct load *load)
{
    qsort(load->took_us, load->answered, sizeof(*load->took_us), compare_i64);
    printf("{\"requests\":%zu,\"wrong\":%zu,\"errors\":%zu,\"p50_us\":%lld,\"p99_us\":%lld,"
           "\"max_us\":%lld}\n",
           load->answered, load->wrong, load->errors, (long long)percentile(load, 0.5),
           (long long)percentile(load, 0.99), (long long)percentile(load, 1));
}

static void run(struct load *load)
{
    struct http_client_options options;
    http_client_options_init(&options);
    options.connections_max = CONNECTIONS;
    uv_loop_init(&load->loop);
    load->client = http_client_create(&load->loop, &options);
    load->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    uv_poll_init(&load->loop, &load->due, load->timer_fd);
    uv_poll_start(&load->due, UV_READABLE, on_due);
    load->began_us = clock_mono_us();
    wait_for_next(load);
    uv_run(&load->loop, UV_RUN_DEFAULT);
    uv_loop_close(&load->loop);
    close(load->timer_fd);
}

static enum status prepare(struct load *load, char **arguments, struct buf *file,
                           struct fault *fault)
{
    enum status status;
    struct buf pem;
    load->url = arguments[0];
    load->rate = strtod(arguments[1], NULL);
    load->count = (size_t)(load->rate * strtod(arguments[2], NULL));
    buf_init(&pem, FILE_MAX);
    TRY(file_read(arguments[3], file, fault));
    if (strcmp(arguments[4], "-") != 0) {
        TRY(file_read(arguments[4], &pem, fault));
        TRY(tls_trust_create(buf_str(&pem), &load->trust, fault));
    }
    read_requests(load, buf_str(file));
    load->took_us = mem_alloc(load->count * sizeof(*load->took_us));
    if (load->count == 0 || load->request_count < load->count)
        status = fault_set(fault, ERR_INVALID, "%s: %zu requests, %zu wanted", arguments[3],
                           load->request_count, load->count);
out:
    buf_finish(&pem);
    return status;
}

int main(int argc, char **argv)
{
    struct load load = {.texts = argv + 6, .text_count = argc - 6};
    struct fault fault;
    struct buf file;
    if (argc < 7) {
        fputs("usage: fixed_rate URL RATE SECONDS REQUESTS TRUST TEXT...\n", stderr);
        return USAGE_ERROR;
    }
    buf_init(&file, FILE_MAX);
    enum status status = prepare(&load, argv + 1, &file, &fault);
    if (status == OK) {
        run(&load);
        report(&load);
    } else {
        fprintf(stderr, "fixed_rate: %s\n", fault.text);
    }
    for (size_t i = 0; i < load.request_count; i++)
        mem_free(load.requests[i].url);
    mem_free(load.requests);
    mem_free(load.took_us);
    tls_trust_release(load.trust);
    buf_finish(&file);
    return status == OK ? 0 : 1;
}
