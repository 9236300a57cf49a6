#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

/* The wire profile: everything that may differ between ITA deployments, as data (ita-api.md, "the
 * wire profile"; docs/wire-profile.md). Immutable, shared by reference count, from any thread. */

#include "base/buf.h"
#include "base/fault.h"
#include "base/json.h"
#include "profile/template.h"

enum {
    PROFILE_TEXT_MAX = 64 * 1024, /* a hundred times the default: bounds what is compiled */
    PROFILE_ANSWER_PATHS_MAX = 4,
};

enum profile_action {
    PROFILE_ACTION_PLACE,
    PROFILE_ACTION_RELEASE,
    PROFILE_ACTION_RECORDING,
    PROFILE_ACTION_QUERY,
    /* Of the sibling API that binds numbers (AXB): the mock offers them, the gateway asks for none.
     */
    PROFILE_ACTION_BINDING,
    PROFILE_ACTION_UNBINDING,
    PROFILE_ACTION_BINDING_RECORDING,
    PROFILE_ACTIONS
};

/* One step of writing a request body; the outermost object is a step as well. */
struct profile_member {
    enum {
        PROFILE_MEMBER_TEXT,  /* `text`; left out when that is one variable without a value */
        PROFILE_MEMBER_FIXED, /* `fixed`: a number or boolean, as JSON */
        PROFILE_MEMBER_OBJECT,
        PROFILE_MEMBER_OBJECT_END,
    } kind;
    const char *name; /* needs no escaping; NULL: the outermost object */
    struct profile_template text;
    char *fixed;
};

/* How one action is asked for. */
struct profile_form {
    const char *method;
    struct profile_template path; /* empty: this ITA does not offer the action */
    struct profile_member *members;
    size_t member_count; /* 0: no body */
};

/* Where in an answer something is found: the first path that leads to a value. */
struct profile_paths {
    const char *paths[PROFILE_ANSWER_PATHS_MAX];
    size_t count;
};

enum profile_time_format {
    PROFILE_TIME_SDK,
    PROFILE_TIME_COMPACT,
    PROFILE_TIME_SECONDS,
    PROFILE_TIME_MILLISECONDS
};

struct profile_code_row {
    struct str native, code;
};

/* Read-only; made by profile_parse(). All text is owned by `json`. */
struct profile {
    _Atomic size_t references;
    struct json *json; /* every member, defaults filled in */
    struct profile_form forms[PROFILE_ACTIONS];
    struct str app_key_header; /* empty: not sent */
    struct str content_type;
    bool is_app_key_signed, is_content_type_signed; /* Host and X-Sdk-Date always are */
    bool has_traceparent;                           /* place carries it, unsigned */
    bool is_body_hash_empty; /* the hash of no bytes is signed, whatever the body is */
    enum profile_time_format time_format;
    int32_t time_offset_s;
    struct str automatic, specified, recorded, not_recorded; /* ptr NULL: no value */
    struct profile_template remark;
    struct profile_paths code, message, call_id, tel_x, sub_id, url;
    const struct json *success;     /* array of codes */
    struct profile_code_row *codes; /* native codes as one of the 21 */
    size_t code_count;
};

/* The built-in default, as JSON text and ready for use. */
struct str profile_default_text(void);
struct profile *profile_default(void); /* a reference for the caller */
/* The fault names the JSON path and the rule. Members that are absent keep the default's value;
 * unknown ones are a fault. */
MUST_CHECK enum status profile_parse(struct str text, struct profile **out, struct fault *fault);
struct profile *profile_hold(struct profile *profile);
void profile_release(struct profile *profile); /* takes NULL */
/* Pretty JSON with every member, defaults filled in; parses to an equal profile. */
void profile_print(const struct profile *profile, struct buf *out);

/* Reads tenant and callSerialNo out of a CDR's remark by the profile's remark template; borrowed
 * from remark, empty where the template lacks them. ERR_INVALID when the template cannot have made
 * this remark. */
MUST_CHECK enum status profile_read_remark(const struct profile *profile, struct str remark,
                                           struct str *tenant, struct str *serial);
/* The one of the 21 for a native code: itself, by the profile's table, or ptr NULL when unknown. */
struct str profile_map_code(const struct profile *profile, struct str native);
bool profile_is_success(const struct profile *profile, struct str native);

/* "place", as the profile names it. */
const char *profile_action_name(enum profile_action action);
/* The bits of the variables in the path and the request. */
unsigned profile_form_variables(const struct profile_form *form);
/* Appends the path within the request of the member of that index, "/extra/callRecording". */
void profile_form_append_place(const struct profile_form *form, size_t index, struct buf *out);
/* Appends "/name"; bytes that cannot be shown become '?'. */
void profile_path_append(struct buf *path, const char *name);

#endif
