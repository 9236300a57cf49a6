#include "ita/cdr.h"

#include "base/clock.h"
#include "base/mem.h"

enum kind {
    KIND_TEXT,    /* struct str */
    KIND_TIME,    /* int64_t, wall milliseconds */
    KIND_SECONDS, /* int64_t */
};

static const struct member {
    const char *name;
    size_t offset; /* in struct ita_cdr */
    enum kind kind;
    bool is_required;
} members[] = {
    {"callID", offsetof(struct ita_cdr, call_id), KIND_TEXT, true},
    {"remark", offsetof(struct ita_cdr, remark), KIND_TEXT, true},
    {"telA", offsetof(struct ita_cdr, tel_a), KIND_TEXT, false},
    {"telB", offsetof(struct ita_cdr, tel_b), KIND_TEXT, false},
    {"telX", offsetof(struct ita_cdr, tel_x), KIND_TEXT, false},
    {"calledDisplay", offsetof(struct ita_cdr, called_display), KIND_TEXT, false},
    {"appKey", offsetof(struct ita_cdr, app_key), KIND_TEXT, false},
    {"releaseCause", offsetof(struct ita_cdr, release_cause_text), KIND_TEXT, false},
    {"startTime", offsetof(struct ita_cdr, start_ms), KIND_TIME, false},
    {"finishTime", offsetof(struct ita_cdr, finish_ms), KIND_TIME, false},
    {"callerAnswerTime", offsetof(struct ita_cdr, caller_answer_ms), KIND_TIME, false},
    {"calledAnswerTime", offsetof(struct ita_cdr, called_answer_ms), KIND_TIME, false},
    {"callDuration", offsetof(struct ita_cdr, duration_s), KIND_SECONDS, false},
};

/* The member as text, empty when absent. Text of numbers goes into cdr->numbers, one slot for each
 * row of the table. */
static enum status member_text(struct ita_cdr *cdr, size_t row, struct str *text,
                               struct fault *fault)
{
    const char *name = members[row].name;
    const struct json *value = json_get(cdr->json, name);
    *text = STR("");
    if (value != NULL && !json_is_null(value)) {
        if (json_is_number(value) && cdr->numbers == NULL)
            cdr->numbers = mem_alloc(COUNT_OF(members) * JSON_TEXT_NUMBER_SIZE);
        char unused[JSON_TEXT_NUMBER_SIZE];
        char *slot = json_is_number(value) ? cdr->numbers + row * JSON_TEXT_NUMBER_SIZE : unused;
        if (json_text(value, slot, text) != OK)
            return fault_set(fault, ERR_INVALID, "%s: must be a string or a whole number", name);
    }
    if (text->len > ITA_CDR_TEXT_MAX)
        return fault_set(fault, ERR_TOO_BIG, "%s: longer than %d bytes", name, ITA_CDR_TEXT_MAX);
    if (text->len == 0 && members[row].is_required)
        return fault_set(fault, ERR_INVALID, "%s: must be given", name);
    return OK;
}

static enum status read_time(const char *name, struct str text, int32_t offset_s, int64_t *wall_ms,
                             struct fault *fault)
{
    *wall_ms = 0;
    if (text.len > 0 && clock_parse_compact(text, offset_s, wall_ms) != OK)
        return fault_set(fault, ERR_INVALID, "%s: must be a time YYYYMMDDHHmmss", name);
    return OK;
}

static enum status read_seconds(const char *name, struct str text, int64_t *seconds,
                                struct fault *fault)
{
    uint64_t count;
    *seconds = -1;
    if (text.len == 0)
        return OK;
    if (str_parse_u64(text, &count) != OK || count > INT32_MAX)
        return fault_set(fault, ERR_INVALID, "%s: must be whole seconds", name);
    *seconds = (int64_t)count;
    return OK;
}

/* A member that can't be read is left as an absent one. */
static enum status decode_member(struct ita_cdr *cdr, size_t row, int32_t offset_s,
                                 struct fault *fault)
{
    const char *name = members[row].name;
    void *field = (char *)cdr + members[row].offset;
    struct str text;
    enum status status = member_text(cdr, row, &text, fault);
    if (status != OK)
        return status;
    switch (members[row].kind) {
    case KIND_TEXT:
        *(struct str *)field = text;
        return OK;
    case KIND_TIME:
        return read_time(name, text, offset_s, field, fault);
    case KIND_SECONDS:
        return read_seconds(name, text, field, fault);
    }
    return ERR_INVALID;
}

enum status ita_cdr_decode(struct str body, int32_t offset_s, struct ita_cdr *out,
                           struct fault *fault)
{
    static const struct ita_cdr empty = {.duration_s = -1, .release_cause = -1};
    struct ita_cdr cdr = empty;
    enum status status;
    TRY(json_parse(body, &cdr.json, fault));
    if (!json_is_object(cdr.json))
        TRY(fault_set(fault, ERR_INVALID, "must be a JSON object"));
    for (size_t row = 0; row < COUNT_OF(members); row++) {
        bool is_required = members[row].is_required;
        status = decode_member(&cdr, row, offset_s, is_required ? fault : NULL);
        if (status != OK && is_required)
            goto out;
        if (status != OK && cdr.unread == NULL)
            cdr.unread = members[row].name;
    }
    uint64_t cause;
    if (str_parse_u64(cdr.release_cause_text, &cause) == OK && cause <= INT32_MAX)
        cdr.release_cause = (int64_t)cause;
    *out = cdr;
    return OK;
out:
    ita_cdr_finish(&cdr);
    *out = empty;
    return status;
}

void ita_cdr_finish(struct ita_cdr *cdr)
{
    json_destroy(cdr->json);
    mem_free(cdr->numbers);
    *cdr = (struct ita_cdr){0};
}
