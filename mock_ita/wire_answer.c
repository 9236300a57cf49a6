#include "mock_ita/wire_answer.h"

#include <assert.h>

#include "base/mem.h"

enum {
    THINGS_MAX = 16,
    NAME_MAX_BYTES = 128, /* profiles have no longer names, NUL counted */
    PLACE_MAX = 4096,     /* of a member beside the callID; a longer one is left out */
    NUMBER_MAX = 24,
};

/* Something that is told: where, and text or, with violations set, their list. */
struct thing {
    struct str path; /* what is left of it, "/data/callID" at first; empty once written */
    struct str text;
    const struct mock_violations *violations;
};

struct things {
    struct thing items[THINGS_MAX];
    size_t count;
};

static void tell(struct things *things, struct str path, struct str text)
{
    if (text.len == 0 || path.len == 0)
        return;
    assert(things->count < THINGS_MAX);
    things->items[things->count++] = (struct thing){path, text, NULL};
}

static struct str first_path(const struct profile_paths *paths)
{
    return str_of(paths->paths[0]);
}

/* --- Writing --- */

/* Takes the first name off a path. */
static struct str take_name(struct str *path)
{
    struct str rest = str_slice(*path, 1, path->len);
    struct str name = str_slice(rest, 0, str_find(rest, '/'));
    *path = str_slice(rest, name.len, rest.len);
    return name;
}

static void write_value(struct json_writer *w, const char *name, const struct thing *thing)
{
    if (thing->violations != NULL)
        mock_violations_write(thing->violations, w, name);
    else
        json_write_str(w, name, thing->text);
}

/* Writes all whose paths begin with the same names together. Calls itself as deep as a path has
 * names. */
static void write_things(struct json_writer *w, struct things *things)
{
    for (size_t i = 0; i < things->count; i++) {
        if (things->items[i].path.len == 0)
            continue;
        struct things below = {0};
        struct thing *thing = &things->items[i];
        struct str name = take_name(&thing->path);
        char name_text[NAME_MAX_BYTES];
        struct buf text;
        buf_init_fixed(&text, name_text, sizeof(name_text));
        buf_append(&text, name);
        if (thing->path.len == 0) {
            write_value(w, buf_text(&text), thing);
            continue;
        }
        below.items[below.count++] = *thing;
        thing->path.len = 0;
        for (size_t j = i + 1; j < things->count; j++) {
            struct str rest = things->items[j].path;
            if (rest.len == 0 || !str_is(take_name(&rest), name))
                continue;
            below.items[below.count] = things->items[j];
            below.items[below.count++].path = rest;
            things->items[j].path.len = 0;
        }
        json_write_object(w, buf_text(&text));
        write_things(w, &below);
        json_write_object_end(w);
    }
}

/* --- What is told --- */

static bool is_at_or_in(struct str path, struct str other)
{
    return str_starts(path, other) && (path.len == other.len || path.ptr[other.len] == '/');
}

static bool collide(struct str a, struct str b)
{
    return is_at_or_in(a, b) || is_at_or_in(b, a);
}

/* Whether the profile has something else there. */
static bool is_taken(const struct things *things, struct str path)
{
    for (size_t i = 0; i < things->count; i++)
        if (collide(path, things->items[i].path))
            return true;
    return false;
}

/* A name beside the callID's, in storage. */
static struct str beside_call_id(const struct profile *profile, struct buf *storage,
                                 const char *name)
{
    struct str path = first_path(&profile->call_id);
    size_t begin = storage->len, len = path.len;
    while (path.ptr[len - 1] != '/')
        len--;
    buf_append(storage, str_slice(path, 0, len));
    buf_append(storage, str_of(name));
    return buf_is_over(storage) ? STR("") : str_slice(buf_str(storage), begin, storage->len);
}

struct mock_call_texts {
    char paths[PLACE_MAX];
    char cause[NUMBER_MAX];
};

static void tell_call(struct things *things, const struct profile *profile,
                      const struct mock_call *call, struct mock_call_texts *texts)
{
    struct buf paths, cause;
    buf_init_fixed(&paths, texts->paths, sizeof(texts->paths));
    buf_init_fixed(&cause, texts->cause, sizeof(texts->cause));
    if (call->state == MOCK_CALL_ENDED)
        buf_append_i64(&cause, call->release_cause);
    const struct {
        const char *name;
        struct str text;
    } members[] = {
        {"requestId", call->request_id},
        {"telA", call->tel_a},
        {"telB", call->tel_b},
        {"state", str_of(mock_call_state_text(call->state))},
        {"releaseCause", buf_str(&cause)},
    };
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        struct str path = beside_call_id(profile, &paths, members[i].name);
        if (!is_taken(things, path))
            tell(things, path, members[i].text);
    }
}

static bool is_of_api_gateway(struct str native)
{
    return str_starts(native, STR("APIGW.")) || str_starts(native, STR("APIG.")) ||
           str_starts(native, STR("APIC."));
}

struct str mock_answer_code(const struct profile *profile, enum mock_code code)
{
    struct str digits = str_of(mock_code_digits(code));
    if (code == MOCK_OK)
        return json_string(json_first(profile->success));
    for (size_t i = 0; i < profile->code_count; i++)
        if (str_is(profile->codes[i].code, digits) && !is_of_api_gateway(profile->codes[i].native))
            return profile->codes[i].native;
    return digits;
}

void mock_answer_write(const struct profile *profile, enum mock_code code,
                       const struct mock_told *told, struct buf *out)
{
    struct mock_call_texts texts;
    struct things things = {0};
    struct json_writer w;
    tell(&things, first_path(&profile->code), mock_answer_code(profile, code));
    tell(&things, first_path(&profile->message), str_of(mock_code_text(code)));
    tell(&things, first_path(&profile->call_id), told->call_id);
    tell(&things, first_path(&profile->tel_x), told->tel_x);
    tell(&things, first_path(&profile->sub_id), told->sub_id);
    tell(&things, first_path(&profile->url), told->url);
    if (told->call != NULL)
        tell_call(&things, profile, told->call, &texts);
    if (told->violations != NULL && told->violations->count > 0)
        things.items[things.count++] = (struct thing){STR("/violations"), {0}, told->violations};
    json_write_init(&w, out);
    json_write_object(&w, NULL);
    write_things(&w, &things);
    json_write_object_end(&w);
}

/* --- Checking a profile --- */

enum status mock_answer_check(const struct profile *profile, struct fault *fault)
{
    /* Whatever may stand in one answer. */
    const struct {
        const char *place;
        struct str path;
        unsigned answers; /* bits: place and query, bind, record, refuse */
    } rows[] = {
        {"/answer/code", first_path(&profile->code), 15},
        {"/answer/message", first_path(&profile->message), 15},
        {"/answer/callID", first_path(&profile->call_id), 1},
        {"/answer/telX", first_path(&profile->tel_x), 3},
        {"/answer/subId", first_path(&profile->sub_id), 2},
        {"/answer/url", first_path(&profile->url), 4},
        {"/violations of mock-ita", STR("/violations"), 8},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t j = 0; j < i; j++)
            if ((rows[i].answers & rows[j].answers) != 0 && collide(rows[i].path, rows[j].path))
                return fault_set(fault, ERR_INVALID, "%s: is at or within %s", rows[i].place,
                                 rows[j].place);
    return OK;
}
