/* Requests and wire profiles, each of any bytes. Input: the profile, an empty line, method and
 * target with a space between, a line feed, the body. */

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "mock_ita/telephony/bindings.h"
#include "mock_ita/wire.h"
#include "mock_ita/wire_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_MS INT64_C(1893553445000) /* the subTime of the seeds */

/* What stands before the separator; *rest is what follows it. */
static struct str take(struct str *rest, struct str separator)
{
    for (size_t i = 0; i + separator.len <= rest->len; i++) {
        if (!str_is(str_slice(*rest, i, separator.len), separator))
            continue;
        struct str taken = str_slice(*rest, 0, i);
        *rest = str_slice(*rest, i + separator.len, rest->len);
        return taken;
    }
    struct str all = *rest;
    *rest = STR("");
    return all;
}

/* A good order can be carried out whatever else it says. */
static void check_order(const struct mock_wire *wire, const struct profile *profile)
{
    struct mock_binding_order order = mock_wire_binding_order(wire, profile, STR("FAKEAK0001"));
    assert(order.tel_a.len >= 3 && order.tel_a.len <= MOCK_NUMBER_MAX);
    assert(order.tel_b.len >= 3 && order.tel_b.len <= MOCK_NUMBER_MAX);
    assert(order.tel_x.len <= MOCK_NUMBER_MAX && !str_is(order.tel_a, order.tel_b));
    assert(order.expiration_s >= 0 && order.expiration_s <= MOCK_EXPIRATION_MAX_S);
}

/* Every answer is JSON, and the profile finds its code again. */
static void check_answer(const struct mock_wire *wire, const struct profile *profile,
                         enum mock_code code)
{
    const struct mock_call call = {.call_id = STR("c-1"), .state = MOCK_CALL_ENDED};
    const struct mock_told told = {.call_id = call.call_id,
                                   .tel_x = STR("700"),
                                   .call = &call,
                                   .violations = &wire->violations};
    struct buf out;
    struct json *json = NULL;
    buf_init(&out, MOCK_ANSWER_MAX);
    mock_answer_write(profile, code, &told, &out);
    if (json_parse(buf_str(&out), &json, NULL) != OK ||
        !str_is(json_string(json_at(json, profile->code.paths[0])),
                mock_answer_code(profile, code)))
        abort();
    json_destroy(json);
    buf_finish(&out);
}

static void play(const struct profile *profile, struct str rest)
{
    const struct http_header type = {STR("Content-Type"), profile->content_type};
    struct http_request request = {.headers = &type, .header_count = 1};
    request.method = take(&rest, STR(" "));
    request.target = take(&rest, STR("\n"));
    request.body = rest;
    struct mock_wire wire = {0};
    const struct mock_wire_options options = {
        .rules = {.profile = profile, .app_key = STR("fake-app"), .now_ms = NOW_MS}};
    if (mock_wire_route(profile, &request, &wire) == OK) {
        enum mock_code code = mock_wire_read(&wire, &options, &request);
        assert((code == MOCK_OK) == (wire.violations.count == 0));
        if (code == MOCK_OK &&
            (wire.action == PROFILE_ACTION_PLACE || wire.action == PROFILE_ACTION_BINDING))
            check_order(&wire, profile);
        check_answer(&wire, profile, code);
    }
    mock_wire_finish(&wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct profile *profile = NULL;
    struct str rest = str_from(data, size);
    struct str text = take(&rest, STR("\n\n"));
    if (profile_parse(text, &profile, NULL) != OK)
        return 0;
    if (mock_wire_check(profile, NULL) == OK)
        play(profile, rest);
    profile_release(profile);
    return 0;
}
