#ifndef ITA_PROFILE_H
#define ITA_PROFILE_H

/* The wire profile: everything that may differ between ITA deployments, as data (ita-api.md, "the
 * wire profile"; docs/wire-profile.md). Immutable, shared by reference count, from any thread. */

#include "base/buf.h"
#include "base/fault.h"
#include "base/json.h"
#include "ita/template.h"

enum {
    ITA_PROFILE_TEXT_MAX = 64 * 1024, /* a hundred times the default: bounds what is compiled */
    ITA_ANSWER_PATHS_MAX = 4,
};

enum ita_action {
    ITA_ACTION_PLACE,
    ITA_ACTION_RELEASE,
    ITA_ACTION_RECORDING,
    ITA_ACTION_QUERY,
    ITA_ACTIONS
};

/* One step of writing a request body; the outermost object is a step as well. */
struct ita_member {
    enum {
        ITA_MEMBER_TEXT,  /* `text`; left out when that is one variable without a value */
        ITA_MEMBER_FIXED, /* `fixed`: a number or boolean, as JSON */
        ITA_MEMBER_OBJECT,
        ITA_MEMBER_OBJECT_END,
    } kind;
    const char *name; /* needs no escaping; NULL: the outermost object */
    struct ita_template text;
    char *fixed;
};

/* How one action is asked for. */
struct ita_form {
    const char *method;
    struct ita_template path; /* empty: this ITA does not offer the action */
    struct ita_member *members;
    size_t member_count; /* 0: no body */
};

/* Where in an answer something is found: the first path that leads to a value. */
struct ita_paths {
    const char *paths[ITA_ANSWER_PATHS_MAX];
    size_t count;
};

enum ita_time_format { ITA_TIME_SDK, ITA_TIME_COMPACT, ITA_TIME_SECONDS, ITA_TIME_MILLISECONDS };

struct ita_code_row {
    struct str native, code;
};

/* Read-only; made by ita_profile_parse(). All text is owned by `json`. */
struct ita_profile {
    _Atomic size_t references;
    struct json *json; /* every member, defaults filled in */
    struct ita_form forms[ITA_ACTIONS];
    struct str app_key_header; /* empty: not sent */
    struct str content_type;
    bool is_app_key_signed, is_content_type_signed; /* Host and X-Sdk-Date always are */
    bool is_body_hash_empty; /* the hash of no bytes is signed, whatever the body is */
    enum ita_time_format time_format;
    int32_t time_offset_s;
    struct str automatic, specified, recorded, not_recorded; /* ptr NULL: no value */
    struct ita_template remark;
    struct ita_paths code, message, call_id, tel_x, url;
    const struct json *success; /* array of codes */
    struct ita_code_row *codes; /* native codes as one of the 21 */
    size_t code_count;
};

/* The built-in default, as JSON text and ready for use. */
struct str ita_profile_default_text(void);
struct ita_profile *ita_profile_default(void); /* a reference for the caller */
/* The fault names the JSON path and the rule. Members that are absent keep the default's value;
 * unknown ones are a fault. */
MUST_CHECK enum status ita_profile_parse(struct str text, struct ita_profile **out,
                                         struct fault *fault);
struct ita_profile *ita_profile_hold(struct ita_profile *profile);
void ita_profile_release(struct ita_profile *profile); /* takes NULL */
/* Pretty JSON with every member, defaults filled in; parses to an equal profile. */
void ita_profile_print(const struct ita_profile *profile, struct buf *out);

/* Reads tenant and callSerialNo out of a CDR's remark by the profile's remark template; borrowed
 * from remark, empty where the template lacks them. ERR_INVALID when the template cannot have made
 * this remark. */
MUST_CHECK enum status ita_profile_read_remark(const struct ita_profile *profile, struct str remark,
                                               struct str *tenant, struct str *serial);
/* The one of the 21 for a native code: itself, by the profile's table, or ptr NULL when unknown. */
struct str ita_profile_map_code(const struct ita_profile *profile, struct str native);
bool ita_profile_is_success(const struct ita_profile *profile, struct str native);

#endif
