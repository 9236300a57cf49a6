#include "profile/write.h"

#include "base/clock.h"

enum { TEXT_MAX = 1024 }; /* of one member that is put together from several pieces */

void profile_append_time(const struct profile *profile, int64_t wall_ms, struct buf *out)
{
    int64_t local_ms = wall_ms + profile->time_offset_s * INT64_C(1000);
    char date[SDK_DATE_LEN];
    switch (profile->time_format) {
    case PROFILE_TIME_SDK:
        clock_format_sdk_date(local_ms, date);
        buf_append(out, str_from(date, sizeof(date)));
        break;
    case PROFILE_TIME_COMPACT:
        clock_append_compact(out, wall_ms, profile->time_offset_s);
        break;
    case PROFILE_TIME_SECONDS:
        buf_append_i64(out, wall_ms / 1000);
        break;
    case PROFILE_TIME_MILLISECONDS:
        buf_append_i64(out, wall_ms);
        break;
    }
}

static enum status write_text(struct json_writer *w, const struct profile_member *member,
                              const struct profile_values *values)
{
    char storage[TEXT_MAX];
    struct buf text;
    if (profile_template_is_unset(&member->text, values))
        return OK;
    buf_init_fixed(&text, storage, sizeof(storage));
    profile_template_append(&member->text, values, &text);
    json_write_str(w, member->name, buf_str(&text));
    return buf_is_over(&text) ? ERR_TOO_BIG : OK;
}

enum status profile_write_request(const struct profile_form *form,
                                  const struct profile_values *values, struct buf *out,
                                  struct fault *fault)
{
    struct json_writer w;
    json_write_init(&w, out);
    for (size_t i = 0; i < form->member_count; i++) {
        const struct profile_member *member = &form->members[i];
        switch (member->kind) {
        case PROFILE_MEMBER_TEXT:
            if (write_text(&w, member, values) != OK)
                return fault_set(fault, ERR_TOO_BIG, "%s: over %d bytes", member->name, TEXT_MAX);
            break;
        case PROFILE_MEMBER_FIXED:
            json_write_raw(&w, member->name, str_of(member->fixed));
            break;
        case PROFILE_MEMBER_OBJECT:
            json_write_object(&w, member->name);
            break;
        case PROFILE_MEMBER_OBJECT_END:
            json_write_object_end(&w);
            break;
        }
    }
    return buf_is_over(out) ? fault_set(fault, ERR_TOO_BIG, "request body too big") : OK;
}
