#include "gateway/model/callback_signature.h"

#include "base/digest.h"
#include "base/encoding.h"
#include "gateway/model/callback_body.h"

static bool is_of_signature(const char *name)
{
    static const char *const names[] = {"timestamp", "nonce", "signature"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* A value as it stands in the text that is signed; false for one that has members itself. */
static bool read_value(const struct json *member, struct str *out)
{
    if (json_is_string(member))
        *out = json_string(member);
    else if (json_is_number(member))
        *out = json_number(member);
    else if (json_is_bool(member))
        *out = json_bool(member) ? STR("true") : STR("false");
    else
        *out = (struct str){NULL, 0};
    return json_is_null(member) || out->ptr != NULL;
}

/* Those but the signature's. */
static bool read_members(const struct json *object, struct callback_body *out)
{
    out->count = 0;
    for (const struct json *member = json_first(object); member != NULL;
         member = json_next(member)) {
        struct str value;
        if (is_of_signature(json_name(member)))
            continue;
        if (out->count == CALLBACK_MEMBERS_MAX || !read_value(member, &value))
            return false;
        callback_body_add(out, json_name(member), value);
    }
    return true;
}

static void append_to_sign(const struct callback_body *body, struct str key, struct str timestamp,
                           struct str nonce, struct buf *out)
{
    const struct str parts[] = {key, timestamp, nonce};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        buf_append(out, parts[i]);
        buf_append_byte(out, '_');
    }
    callback_body_append_signed(body, out);
}

enum callback_signature callback_signature_check(const struct json *body, struct str key)
{
    struct str signature = json_string(json_get(body, "signature"));
    char digits[JSON_TEXT_NUMBER_SIZE];
    uint8_t mac[SHA256_SIZE];
    struct callback_body members;
    struct str timestamp;
    struct buf to_sign, expected;
    if (json_get(body, "signature") == NULL)
        return CALLBACK_UNSIGNED;
    if (json_text(json_get(body, "timestamp"), digits, &timestamp) != OK ||
        !json_is_string(json_get(body, "nonce")) || !read_members(body, &members))
        return CALLBACK_FORGED;
    buf_init(&to_sign, CALLBACK_BODY_MAX);
    buf_init(&expected, CALLBACK_BODY_MAX);
    append_to_sign(&members, key, timestamp, json_string(json_get(body, "nonce")), &to_sign);
    hmac_sha256(key, buf_str(&to_sign), mac);
    base64_append(&expected, str_from(mac, sizeof(mac)));
    bool is_good =
        !buf_is_over(&to_sign) && bytes_are_equal_secretly(signature, buf_str(&expected));
    buf_wipe(&to_sign);
    buf_finish(&expected);
    return is_good ? CALLBACK_SIGNED : CALLBACK_FORGED;
}
