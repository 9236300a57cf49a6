#include "mock_ita/control.h"

/* /keys, /x-numbers and /policy: what the platform has given its customers, and lets them do. */

enum {
    KEY_MAX = 4 * 1024, /* two texts of 256 bytes, each byte escaped to six, and the rest */
    X_NUMBER_MAX = 256,
    LIST_MAX = 8 * 1024 * 1024, /* all keys, all X numbers, all patterns */
};

/* --- Keys --- */

static void write_key(struct json_writer *w, const struct mock_key *key, int64_t now_ms)
{
    bool is_locked = mock_key_is_locked(key, now_ms);
    json_write_object(w, NULL);
    json_write_str(w, "accessKey", key->access_key);
    json_write_str(w, "appKey", key->app_key);
    json_write_bool(w, "locked", is_locked);
    if (is_locked && !key->is_locked_by_hand)
        control_write_time(w, "lockedUntil", key->locked_until_ms);
    else
        json_write_null(w, "lockedUntil");
    json_write_i64(w, "failures", key->failures);
    json_write_object_end(w);
}

static void answer_key(struct control_request *request, int status, struct str access_key)
{
    char storage[KEY_MAX];
    struct buf body;
    struct json_writer w;
    buf_init_fixed(&body, storage, sizeof(storage));
    json_write_init(&w, &body);
    write_key(&w, mock_keys_find(request->mock->keys, access_key), request->now_ms);
    control_answer(request, status, &body);
}

void control_get_keys(struct control_request *request)
{
    struct buf body;
    struct json_writer w;
    buf_init(&body, LIST_MAX);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_array(&w, "keys");
    for (const struct mock_key *key = mock_keys_first(request->mock->keys); key != NULL;
         key = mock_keys_next(key))
        write_key(&w, key, request->now_ms);
    json_write_array_end(&w);
    json_write_object_end(&w);
    control_answer(request, 200, &body);
    buf_finish(&body);
}

void control_add_key(struct control_request *request)
{
    struct mock_key_texts texts;
    struct fault fault;
    enum status status = control_body_new_key(request->body, &texts, &fault);
    if (status == OK)
        status = mock_keys_add(request->mock->keys, &texts, &fault);
    if (status == OK)
        answer_key(request, 201, texts.access_key);
    else
        control_refuse_fault(request, status, &fault);
}

void control_change_key(struct control_request *request)
{
    struct control_key_change change;
    struct fault fault;
    struct str access_key = request->params[0];
    enum status status = OK;
    TRY(control_body_key_change(request->body, &change, &fault));
    change.texts.access_key = access_key;
    TRY(mock_keys_change(request->mock->keys, &change.texts, &fault));
    if (change.is_locked == CONTROL_SWITCH_YES)
        mock_key_lock(mock_keys_find(request->mock->keys, access_key));
    else if (change.is_locked == CONTROL_SWITCH_NO)
        mock_key_unlock(mock_keys_find(request->mock->keys, access_key));
    answer_key(request, 200, access_key);
out:
    if (status != OK)
        control_refuse_fault(request, status, &fault);
}

void control_delete_key(struct control_request *request)
{
    if (mock_keys_remove(request->mock->keys, request->params[0]))
        control_answer_nothing(request);
    else
        control_refuse(request, 404, "there is no such key");
}

/* --- X numbers --- */

static void write_x_number(struct json_writer *w, const struct mock_xnumber *number)
{
    json_write_object(w, NULL);
    json_write_str(w, "number", number->text);
    json_write_bool(w, "blocked", number->is_blocked);
    json_write_i64(w, "claims", (int64_t)number->claims);
    json_write_i64(w, "uses", (int64_t)number->uses);
    json_write_object_end(w);
}

static void answer_x_number(struct control_request *request, int status, struct str number)
{
    char storage[X_NUMBER_MAX];
    struct buf body;
    struct json_writer w;
    buf_init_fixed(&body, storage, sizeof(storage));
    json_write_init(&w, &body);
    write_x_number(&w, mock_xpool_find(request->mock->pool, number));
    control_answer(request, status, &body);
}

void control_get_x_numbers(struct control_request *request)
{
    struct mock_xpool *pool = request->mock->pool;
    struct buf body;
    struct json_writer w;
    buf_init(&body, LIST_MAX);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    json_write_array(&w, "xNumbers");
    for (const struct mock_xnumber *number = mock_xpool_first(pool); number != NULL;
         number = mock_xpool_next(pool, number))
        write_x_number(&w, number);
    json_write_array_end(&w);
    json_write_object_end(&w);
    control_answer(request, 200, &body);
    buf_finish(&body);
}

void control_add_x_number(struct control_request *request)
{
    struct str number;
    struct fault fault;
    enum status status = control_body_x_number(request->body, &number, &fault);
    if (status == OK) {
        status = mock_xpool_add(request->mock->pool, number, &fault);
        if (status != OK)
            fault_prefix(&fault, "/number");
    }
    if (status == OK)
        answer_x_number(request, 201, number);
    else
        control_refuse_fault(request, status, &fault);
}

void control_change_x_number(struct control_request *request)
{
    bool is_blocked;
    struct fault fault;
    struct str number = request->params[0];
    enum status status = control_body_x_number_change(request->body, &is_blocked, &fault);
    if (status == OK)
        status = mock_xpool_set_blocked(request->mock->pool, number, is_blocked, &fault);
    if (status == OK)
        answer_x_number(request, 200, number);
    else
        control_refuse_fault(request, status, &fault);
}

void control_delete_x_number(struct control_request *request)
{
    struct fault fault;
    enum status status = mock_xpool_remove(request->mock->pool, request->params[0], &fault);
    if (status == OK)
        control_answer_nothing(request);
    else
        control_refuse_fault(request, status, &fault);
}

/* --- Policy --- */

static const char *const list_names[MOCK_FORBIDDEN_LISTS] = {
    [MOCK_FORBIDDEN_CALLER] = "callers",
    [MOCK_FORBIDDEN_CALLEE] = "callees",
    [MOCK_FORBIDDEN_POLICY] = "anyone",
};

static void answer_policy(struct control_request *request)
{
    const struct mock_policy *policy = request->mock->policy;
    const struct mock_limits *limits = mock_policy_limits(policy);
    struct buf body;
    struct json_writer w;
    struct str pattern;
    buf_init(&body, LIST_MAX);
    json_write_init(&w, &body);
    json_write_object(&w, NULL);
    for (enum mock_forbidden list = 0; list < MOCK_FORBIDDEN_LISTS; list++) {
        json_write_array(&w, list_names[list]);
        for (size_t i = 0; (pattern = mock_policy_pattern(policy, list, i)).ptr != NULL; i++)
            json_write_str(&w, NULL, pattern);
        json_write_array_end(&w);
    }
    json_write_i64(&w, "perSecond", limits->per_second);
    json_write_i64(&w, "balance", limits->balance);
    json_write_i64(&w, "running", limits->running_max);
    json_write_object_end(&w);
    control_answer(request, 200, &body);
    buf_finish(&body);
}

void control_get_policy(struct control_request *request)
{
    answer_policy(request);
}

static enum status fill_policy(struct mock_policy *policy, const struct control_policy *wanted,
                               struct fault *fault)
{
    enum status status = OK;
    for (enum mock_forbidden list = 0; list < MOCK_FORBIDDEN_LISTS; list++) {
        size_t index = 0;
        for (const struct json *item = json_first(wanted->lists[list]); item != NULL;
             item = json_next(item), index++) {
            status = mock_policy_forbid(policy, list, json_string(item), fault);
            if (status != OK) {
                fault_prefix(fault, "/%s/%zu", list_names[list], index);
                return status;
            }
        }
    }
    mock_policy_set_limits(policy, &wanted->limits);
    return status;
}

/* Tried on a policy of its own first, so that a fault changes nothing. */
static enum status replace_policy(struct mock_policy *policy, const struct control_policy *wanted,
                                  struct fault *fault)
{
    struct mock_policy *trial = mock_policy_create();
    enum status status = fill_policy(trial, wanted, fault);
    mock_policy_destroy(trial);
    if (status != OK)
        return status;
    mock_policy_reset(policy);
    return fill_policy(policy, wanted, fault);
}

void control_put_policy(struct control_request *request)
{
    struct control_policy wanted;
    struct fault fault;
    enum status status = control_body_policy(request->body, &wanted, &fault);
    if (status == OK)
        status = replace_policy(request->mock->policy, &wanted, &fault);
    if (status == OK)
        answer_policy(request);
    else
        control_refuse_fault(request, status == ERR_EXISTS ? ERR_INVALID : status, &fault);
}
