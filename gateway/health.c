#include "gateway/health.h"

#include <stdio.h>

#include "base/mem.h"
#include "gateway/loop_turns.h"

enum {
    /* A commit waits two seconds for other processes, and fails; a disk that takes longer hangs. */
    WRITE_STUCK_US = 5 * 1000 * 1000,
    TURN_STUCK_US = 2 * 1000 * 1000, /* an agent who clicks waits so long for nothing */
    TEXT_MAX = 512,
};

const char *health_check_text(enum health_check check)
{
    static const char *const texts[] = {
        [HEALTH_SERVING] = "serving", [HEALTH_DATABASE] = "database", [HEALTH_LOOP] = "loop"};
    _Static_assert(COUNT_OF(texts) == HEALTH_CHECKS, "each has one");
    return texts[check];
}

void health_judge(const struct health_facts *facts, struct health *out)
{
    *out = (struct health){0};
    if (facts->is_draining)
        (void)snprintf(out->reasons[HEALTH_SERVING], HEALTH_REASON_SIZE, "it is stopping");
    if (facts->is_write_failing)
        (void)snprintf(out->reasons[HEALTH_DATABASE], HEALTH_REASON_SIZE, "the last write failed");
    else if (facts->writing_us > WRITE_STUCK_US)
        (void)snprintf(out->reasons[HEALTH_DATABASE], HEALTH_REASON_SIZE,
                       "a write has been under way for %lld s",
                       (long long)(facts->writing_us / 1000000));
    if (facts->longest_turn_us > TURN_STUCK_US)
        (void)snprintf(out->reasons[HEALTH_LOOP], HEALTH_REASON_SIZE,
                       "it has lately stood still for %lld ms",
                       (long long)(facts->longest_turn_us / 1000));
    out->is_ready = true;
    for (int i = 0; i < HEALTH_CHECKS; i++)
        out->is_ready = out->is_ready && out->reasons[i][0] == '\0';
}

void health_look(const struct gateway *gateway, struct health *out)
{
    struct store_tally store;
    store_tally(gateway->store, &store);
    health_judge(&(struct health_facts){.is_draining = gateway->is_draining,
                                        .is_write_failing = store.is_failing,
                                        .writing_us = store.writing_us,
                                        .longest_turn_us = loop_turns_longest_us(gateway->turns)},
                 out);
}

/* Never from a cache: it is of now. */
static void answer(struct http_exchange *exchange, int status, struct str text)
{
    const struct http_header no_store = {STR("Cache-Control"), STR("no-store")};
    http_exchange_answer(exchange,
                         &(struct http_response){.status = status,
                                                 .content_type = "text/plain; charset=UTF-8",
                                                 .headers = &no_store,
                                                 .header_count = 1,
                                                 .body = text});
}

void health_answer_alive(struct http_exchange *exchange)
{
    answer(exchange, 200, STR("alive\n"));
}

void health_answer_ready(const struct gateway *gateway, struct http_exchange *exchange)
{
    char storage[TEXT_MAX];
    struct buf text;
    struct health health;
    buf_init_fixed(&text, storage, sizeof(storage));
    health_look(gateway, &health);
    buf_format(&text, "%s\n", health.is_ready ? "ready" : "not ready");
    for (enum health_check i = 0; i < HEALTH_CHECKS; i++)
        buf_format(&text, "%s: %s\n", health_check_text(i),
                   health.reasons[i][0] == '\0' ? "ok" : health.reasons[i]);
    answer(exchange, health.is_ready ? 200 : 503, buf_str(&text));
}
