/* What administrators see of calls and CDRs, and a CDR given to its call by hand. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "base/mem.h"
#include "gateway/store/store_admin_calls.h"
#include "tests/gateway/store/store_fixture.h"

#define ASSERT_OK(call)                                                                            \
    do {                                                                                           \
        struct fault fault = {""};                                                                 \
        if ((call) != OK)                                                                          \
            fail_msg("%s", fault.text);                                                            \
    } while (0)

#define ASSERT_REFUSED(call, expected, words)                                                      \
    do {                                                                                           \
        struct fault fault = {""};                                                                 \
        assert_int_equal(call, expected);                                                          \
        if (strstr(fault.text, words) == NULL)                                                     \
            fail_msg("no \"%s\" in: %s", words, fault.text);                                       \
    } while (0)

enum { ACME = 1, ZETA = 2 };
static const char ACCESS_KEY[] = "FAKEACCESSKEY0000001";

/* The tenants acme, whose ITA has that AccessKey, and zeta. */
static struct store_admin *open_admin(struct fixture *f)
{
    struct store_admin *admin = NULL;
    struct settings_change change;
    struct violations violations = {0};
    ASSERT_OK(store_admin_open(f->path, MASTER_KEY, "cli:tester", &admin, &fault));
    ASSERT_OK(store_admin_create_tenant(admin, "acme", &fault));
    ASSERT_OK(store_admin_create_tenant(admin, "zeta", &fault));
    settings_change_init(&change);
    change.access_key = ACCESS_KEY;
    change.secret_key = "fake-secret-key-one";
    change.app_key = "fake_app_key_1";
    change.domain = "ita.example.com";
    change.zone = "UTC";
    ASSERT_OK(store_admin_change_settings(admin, "acme", &change, 0, &violations, &fault));
    return admin;
}

static int64_t serial_at(int64_t ms_after_noon)
{
    return call_serial_at(NOON + ms_after_noon);
}

static void add_call(struct fixture *f, int64_t tenant_id, int64_t ms, const char *caller)
{
    struct call_record call = fixture_call(tenant_id, serial_at(ms));
    call.caller = str_of(caller);
    assert_int_equal(fixture_add(f, &call), OK);
}

/* --- Searching --- */

struct found {
    int64_t serials[16];
    size_t count, wanted;
};

static bool take(void *data, const struct call_record *call)
{
    struct found *found = data;
    assert_true(found->count < COUNT_OF(found->serials));
    found->serials[found->count++] = call->serial;
    return found->count < found->wanted;
}

static struct call_search search_of(int64_t tenant_id)
{
    struct call_search search = {.tenant_id = tenant_id};
    call_filter_init(&search.filter);
    return search;
}

/* Milliseconds after noon of the calls found, as text: "30 20 10". */
static void assert_found(struct store_admin *admin, struct call_search *search, size_t wanted,
                         const char *expected)
{
    struct found found = {.wanted = wanted};
    char text[128] = "";
    ASSERT_OK(store_admin_search_calls(admin, search, take, &found, &fault));
    for (size_t i = 0; i < found.count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%lld", i > 0 ? " " : "",
                 (long long)(call_serial_ms(found.serials[i]) - NOON));
    assert_string_equal(text, expected);
}

static void calls_come_newest_first_and_in_pages(void **state)
{
    struct store_admin *admin = open_admin(*state);
    for (int64_t ms = 10; ms <= 50; ms += 10)
        add_call(*state, ms == 30 ? ZETA : ACME, ms, "13800000001");
    struct call_search search = search_of(ACME);
    assert_found(admin, &search, 10, "50 40 20 10");
    assert_int_equal(search.next, 0);
    search = search_of(ACME);
    assert_found(admin, &search, 2, "50 40");
    assert_int_equal(search.next, serial_at(40));
    search.below = search.next;
    assert_found(admin, &search, 2, "20 10");
    search.below = search.next;
    assert_found(admin, &search, 2, "");
    assert_int_equal(search.next, 0);
    search = search_of(3);
    assert_found(admin, &search, 2, "");
    store_admin_close(admin);
}

static void a_span_has_its_beginning_and_not_its_end(void **state)
{
    struct store_admin *admin = open_admin(*state);
    for (int64_t ms = 10; ms <= 50; ms += 10)
        add_call(*state, ACME, ms, "13800000001");
    struct call_search search = search_of(ACME);
    search.from_ms = NOON + 20;
    search.to_ms = NOON + 40;
    assert_found(admin, &search, 10, "30 20");
    search.below = serial_at(30);
    assert_found(admin, &search, 10, "20");
    search.below = serial_at(1000); /* a cursor leads no further than the span */
    assert_found(admin, &search, 10, "30 20");
    search = search_of(ACME);
    search.to_ms = 1;
    assert_found(admin, &search, 10, "");
    store_admin_close(admin);
}

static void a_call_that_was_not_accepted_tells_why(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct fault fault = {""};
    add_call(*state, ACME, 10, "13800000001");
    struct store_set_outcome set = {.tenant_id = ACME,
                                    .serial = serial_at(10),
                                    .outcome = CALL_OUTCOME_UNKNOWN,
                                    .code = STR("90104008"),
                                    .native_code = STR(""),
                                    .why = STR("no answer"),
                                    .outcome_ms = NOON};
    assert_int_equal(RUN((struct fixture *)*state, store_set_outcome, &set), OK);
    set.outcome = CALL_OUTCOME_REFUSED; /* the ITA was asked again and has settled it */
    set.native_code = STR("17");
    set.why = STR("number barred");
    assert_int_equal(RUN((struct fixture *)*state, store_set_outcome, &set), OK);
    struct call_detail detail = {0};
    assert_int_equal(store_admin_read_call(admin, ACME, serial_at(10), &detail, &fault), OK);
    assert_true(str_is(detail.native_code, STR("17")));
    assert_true(str_is(detail.why, STR("number barred")));
    call_detail_finish(&detail);
    store_admin_close(admin);
}

static void what_does_not_fit_is_passed_over(void **state)
{
    struct store_admin *admin = open_admin(*state);
    add_call(*state, ACME, 10, "13800000001");
    add_call(*state, ACME, 20, "+8613800000002");
    add_call(*state, ACME, 30, "13800000001");
    assert_int_equal(
        fixture_set_outcome(*state, ACME, serial_at(30), CALL_OUTCOME_REFUSED, STR("")), OK);
    struct call_search search = search_of(ACME);
    search.number = STR("13800000002");
    assert_found(admin, &search, 10, "20");
    search.number = STR("+8613900000002");
    assert_found(admin, &search, 10, "30 20 10");
    search = search_of(ACME);
    search.filter.state = CALL_WAITING;
    assert_found(admin, &search, 10, "20 10");
    search.filter.state = CALL_CALLING;
    assert_found(admin, &search, 10, "");
    search.filter.state = CALL_ENDED;
    assert_found(admin, &search, 10, "30");
    search = search_of(ACME);
    search.filter.outcome = CALL_OUTCOME_REFUSED;
    assert_found(admin, &search, 10, "30");
    search = search_of(ACME);
    search.number = STR("12-34");
    ASSERT_REFUSED(store_admin_search_calls(admin, &search, take, NULL, &fault), ERR_INVALID,
                   "number: ");
    store_admin_close(admin);
}

static void execute(const struct fixture *f, const char *sql)
{
    sqlite3 *db;
    char *reason = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &reason) != SQLITE_OK)
        fail_msg("%s", reason);
    sqlite3_close(db);
}

static void a_search_looks_at_so_many_calls_and_goes_on(void **state)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_admin(f);
    add_call(f, ACME, 0, "13800000001");
    execute(f, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) "
               "INSERT INTO call (tenant_id, serial, type, outcome, is_x_claimed, created_ms, "
               "caller, called) SELECT 1, (SELECT max(serial) FROM call) + i, 4, 1, 0, 1, "
               "'13800000002', '13900000002' FROM n");
    struct call_search search = search_of(ACME);
    search.number = STR("13800000001");
    assert_found(admin, &search, 10, "");
    assert_int_equal(search.next, serial_at(0) + 30000 - CALLS_LOOKED_AT_MAX + 1);
    search.below = search.next;
    assert_found(admin, &search, 10, "0");
    assert_int_equal(search.next, 0);
    store_admin_close(admin);
}

/* --- CDRs --- */

/* A push that acme's ITA has signed, for the call of that serial (0: remark names none). */
static enum cdr_match push(struct fixture *f, int64_t serial, const char *body)
{
    struct ita_cdr cdr;
    if (ita_cdr_decode(str_of(body), 0, &cdr, NULL) != OK)
        assert_null(cdr.json);
    static const int64_t tenants[] = {ACME};
    struct store_add_cdr add = {.cdr = &cdr,
                                .body = str_of(body),
                                .tenant_ids = tenants,
                                .tenant_count = 1,
                                .remark_tenant_id = serial == 0 ? 0 : ACME,
                                .remark_serial = serial,
                                .access_key = str_of(ACCESS_KEY),
                                .received_ms = NOON + 60000,
                                .call_lifetime_ms = 3600000};
    assert_int_equal(RUN(f, store_add_cdr, &add), OK);
    ita_cdr_finish(&cdr);
    return add.match;
}

#define CDR(id, a, b)                                                                              \
    "{\"callID\":\"" id "\",\"remark\":\"r\",\"telA\":\"" a "\",\"telB\":\"" b "\","               \
    "\"finishTime\":\"20261122120030\",\"callDuration\":\"7\",\"releaseCause\":\"16\"}"
static const char GOOD[] = CDR("id-1", "13800000001", "13900000002");
static const char GOOD_LATER[] = CDR("id-2", "13800000001", "13900000002");
static const char OTHERS[] = CDR("id-3", "13800000007", "13900000002");

struct unmatched {
    struct {
        int64_t id;
        enum cdr_reason reason;
        char tenants[32];
    } items[16];
    size_t count, wanted;
};

static bool take_unmatched(void *data, const struct unmatched_cdr *cdr)
{
    struct unmatched *list = data;
    assert_true(list->count < COUNT_OF(list->items));
    list->items[list->count].id = cdr->cdr.id;
    list->items[list->count].reason = cdr->cdr.reason;
    snprintf(list->items[list->count].tenants, sizeof(list->items[0].tenants), "%.*s",
             STR_ARGS(cdr->tenants));
    assert_string_equal(cdr->zone, "UTC");
    list->count++;
    return list->count < list->wanted;
}

static struct unmatched list_unmatched(struct store_admin *admin, int64_t before_id, size_t wanted)
{
    struct unmatched list = {.wanted = wanted};
    ASSERT_OK(store_admin_list_unmatched(admin, before_id, 50, take_unmatched, &list, &fault));
    return list;
}

static void unmatched_cdrs_are_listed_with_the_reason(void **state)
{
    struct store_admin *admin = open_admin(*state);
    add_call(*state, ACME, 10, "13800000001");
    add_call(*state, ACME, 20, "13800000001");
    assert_int_equal(push(*state, 0, "no JSON"), CDR_UNMATCHED);
    assert_int_equal(push(*state, 4711, GOOD), CDR_UNMATCHED);
    assert_int_equal(push(*state, serial_at(10), OTHERS), CDR_UNMATCHED);
    assert_int_equal(push(*state, 0, GOOD_LATER), CDR_UNMATCHED);
    assert_int_equal(push(*state, 0, CDR("id-4", "13800000008", "13900000002")), CDR_UNMATCHED);
    static const enum cdr_reason expected[] = {CDR_REASON_NO_CALL, CDR_REASON_SEVERAL,
                                               CDR_REASON_OTHER_NUMBERS, CDR_REASON_UNKNOWN_CALL,
                                               CDR_REASON_NO_CDR};
    struct unmatched list = list_unmatched(admin, 0, 16);
    assert_int_equal(list.count, COUNT_OF(expected));
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(list.items[i].reason, expected[i]);
        assert_string_equal(list.items[i].tenants, "acme");
    }
    struct unmatched page = list_unmatched(admin, list.items[1].id, 2);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.items[0].id, list.items[2].id);
    store_admin_close(admin);
}

static enum status attach(struct store_admin *admin, int64_t id, const char *tenant, int64_t serial,
                          bool *has_ended, struct violations *violations, struct fault *fault)
{
    struct cdr_attachment attachment = {.cdr_id = id, .serial = serial, .tenant = tenant};
    *violations = (struct violations){0};
    enum status status = store_admin_attach_cdr(admin, &attachment, violations, fault);
    *has_ended = attachment.has_ended_call;
    return status;
}

static struct call_detail read_call(struct store_admin *admin, int64_t serial)
{
    struct call_detail detail = {0};
    ASSERT_OK(store_admin_read_call(admin, ACME, serial, &detail, &fault));
    return detail;
}

static void count_call(void *data, const struct call_record *call)
{
    (void)call;
    ++*(int *)data;
}

static void an_attached_cdr_ends_its_call_as_a_push_would(void **state)
{
    struct fixture *f = *state;
    struct store_admin *admin = open_admin(f);
    struct violations violations;
    bool has_ended = false;
    int live = 0;
    add_call(f, ACME, 10, "13800000001");
    assert_int_equal(push(f, 4711, GOOD), CDR_UNMATCHED);
    int64_t id = list_unmatched(admin, 0, 1).items[0].id;
    ASSERT_OK(attach(admin, id, "acme", serial_at(10), &has_ended, &violations, &fault));
    assert_true(has_ended);
    assert_int_equal(list_unmatched(admin, 0, 1).count, 0);

    struct call_detail detail = read_call(admin, serial_at(10));
    assert_int_equal(detail.call.state, CALL_ENDED);
    assert_int_equal(detail.call.reason_code, 16);
    assert_int_equal(detail.call.duration_s, 7);
    assert_int_equal(detail.call.finish_ms, NOON + 30000); /* in the tenant's zone */
    assert_true(str_is(detail.call.call_id, STR("id-1")));
    assert_int_equal(detail.cdr_count, 1);
    assert_int_equal(detail.cdrs[0].id, id);
    assert_int_equal(detail.cdrs[0].received_ms, NOON + 60000);
    assert_int_equal(detail.cdrs[0].reason, CDR_REASON_UNKNOWN_CALL);
    assert_true(str_is(detail.cdrs[0].body, str_of(GOOD)));
    call_detail_finish(&detail);

    fixture_close(f);
    fixture_open(f);
    ASSERT_OK(store_load_live_calls(f->store, count_call, &live, &fault));
    assert_int_equal(live, 0);
    assert_int_equal(push(f, serial_at(10), GOOD), CDR_REPEATED);
    store_admin_close(admin);
}

static void a_call_that_has_ended_keeps_its_first_cdr(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct violations violations;
    bool has_ended = true;
    add_call(*state, ACME, 10, "13800000001");
    assert_int_equal(push(*state, 4711, GOOD_LATER), CDR_UNMATCHED);
    assert_int_equal(push(*state, serial_at(10), GOOD), CDR_MATCHED);
    int64_t id = list_unmatched(admin, 0, 1).items[0].id;
    ASSERT_OK(attach(admin, id, "acme", serial_at(10), &has_ended, &violations, &fault));
    assert_false(has_ended);
    struct call_detail detail = read_call(admin, serial_at(10));
    assert_true(str_is(detail.call.call_id, STR("id-1")));
    assert_int_equal(detail.cdr_count, 2);
    assert_int_equal(detail.cdrs[0].id, id);
    assert_true(str_is(detail.cdrs[1].body, str_of(GOOD)));
    call_detail_finish(&detail);
    store_admin_close(admin);
}

static void a_call_that_was_given_up_is_told_its_end(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct violations violations;
    struct store_expire_call expire = {.tenant_id = ACME, .serial = serial_at(10), .now_ms = NOON};
    bool has_ended = false;
    add_call(*state, ACME, 10, "13800000001");
    assert_int_equal(RUN((struct fixture *)*state, store_expire_call, &expire), OK);
    assert_int_equal(push(*state, 4711, GOOD), CDR_UNMATCHED);
    int64_t id = list_unmatched(admin, 0, 1).items[0].id;
    ASSERT_OK(attach(admin, id, "acme", serial_at(10), &has_ended, &violations, &fault));
    assert_true(has_ended);
    struct call_detail detail = read_call(admin, serial_at(10));
    assert_int_equal(detail.call.reason_code, 16);
    call_detail_finish(&detail);
    store_admin_close(admin);
}

static void an_x_number_is_released(void **state)
{
    struct store_admin *admin = open_admin(*state);
    char number[] = "057100000099", *numbers[] = {number};
    const struct number_list list = {numbers, 1, "numbers/", 0};
    struct violations violations = {0};
    struct tenant tenant = {0};
    bool has_ended;
    ASSERT_OK(store_admin_add_x_numbers(admin, "acme", &list, &violations, &fault));
    struct call_record call = fixture_call(ACME, serial_at(10));
    call.tel_x = STR("057100000099");
    call.is_x_claimed = true;
    assert_int_equal(fixture_add(*state, &call), OK);
    assert_int_equal(push(*state, 4711, GOOD), CDR_UNMATCHED);
    ASSERT_OK(attach(admin, list_unmatched(admin, 0, 1).items[0].id, "acme", serial_at(10),
                     &has_ended, &violations, &fault));
    ASSERT_OK(store_admin_read_tenant(admin, "acme", &tenant, &fault));
    assert_true(tenant.x_numbers[0].last_used_ms > 0);
    tenant_finish(&tenant);
    store_admin_close(admin);
}

static void what_does_not_belong_together_stays_apart(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct violations violations;
    bool has_ended = true;
    add_call(*state, ACME, 10, "13800000001");
    add_call(*state, ZETA, 20, "13800000001");
    assert_int_equal(push(*state, 4711, GOOD), CDR_UNMATCHED);
    assert_int_equal(push(*state, 4711, OTHERS), CDR_UNMATCHED);
    assert_int_equal(push(*state, 0, "{\"remark\":\"x\"}"), CDR_UNMATCHED);
    struct unmatched list = list_unmatched(admin, 0, 16);
    int64_t no_cdr = list.items[0].id, others = list.items[1].id, good = list.items[2].id;
    ASSERT_REFUSED(attach(admin, no_cdr, "acme", serial_at(10), &has_ended, &violations, &fault),
                   ERR_INVALID, "it is no CDR: callID");
    ASSERT_REFUSED(attach(admin, others, "acme", serial_at(10), &has_ended, &violations, &fault),
                   ERR_INVALID, "numbers");
    ASSERT_REFUSED(attach(admin, good, "zeta", serial_at(20), &has_ended, &violations, &fault),
                   ERR_INVALID, "another tenant");
    assert_int_equal(violations.count, 0);
    ASSERT_REFUSED(attach(admin, 999, "acme", serial_at(10), &has_ended, &violations, &fault),
                   ERR_NOT_FOUND, "no such CDR");
    ASSERT_REFUSED(attach(admin, good, "nobody", serial_at(10), &has_ended, &violations, &fault),
                   ERR_INVALID, "tenant");
    assert_string_equal(violations.items[0].field, "tenant");
    ASSERT_REFUSED(attach(admin, good, "acme", serial_at(20), &has_ended, &violations, &fault),
                   ERR_INVALID, "call-serial-no");
    assert_string_equal(violations.items[0].field, "callSerialNo");
    assert_false(has_ended);
    assert_int_equal(list_unmatched(admin, 0, 16).count, 3);

    ASSERT_OK(attach(admin, good, "acme", serial_at(10), &has_ended, &violations, &fault));
    ASSERT_REFUSED(attach(admin, good, "acme", serial_at(10), &has_ended, &violations, &fault),
                   ERR_EXISTS, "belongs to a call already");
    store_admin_close(admin);
}

static void count_attachments(void *data, const struct audit_entry *entry)
{
    char expected[96];
    if (!str_is(entry->action, STR("cdr attach")))
        return;
    snprintf(expected, sizeof(expected), "cdr=1,callSerialNo=%lld", (long long)serial_at(10));
    assert_true(str_is(entry->detail, str_of(expected)));
    assert_true(str_is(entry->tenant, STR("acme")));
    ++*(int *)data;
}

static void who_attached_is_in_the_audit(void **state)
{
    struct store_admin *admin = open_admin(*state);
    const struct audit_page page = {.limit = 50};
    struct violations violations;
    bool has_ended;
    int count = 0;
    add_call(*state, ACME, 10, "13800000001");
    assert_int_equal(push(*state, 4711, GOOD), CDR_UNMATCHED);
    ASSERT_REFUSED(attach(admin, 1, "acme", 12, &has_ended, &violations, &fault), ERR_INVALID, "");
    ASSERT_OK(attach(admin, 1, "acme", serial_at(10), &has_ended, &violations, &fault));
    ASSERT_OK(store_admin_read_audit(admin, &page, count_attachments, &count, &fault));
    assert_int_equal(count, 1);
    store_admin_close(admin);
}

static void a_call_of_another_tenant_is_not_there(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct call_detail detail = {0};
    add_call(*state, ZETA, 10, "13800000001");
    ASSERT_REFUSED(store_admin_read_call(admin, ACME, serial_at(10), &detail, &fault),
                   ERR_NOT_FOUND, "no such call");
    call_detail_finish(&detail);
    store_admin_close(admin);
}

static void a_tenant_is_found_without_its_parts(void **state)
{
    struct store_admin *admin = open_admin(*state);
    struct tenant tenant;
    ASSERT_OK(store_admin_find_tenant(admin, "acme", &tenant, &fault));
    assert_int_equal(tenant.id, ACME);
    assert_true(tenant.is_bidirectional_enabled);
    assert_null(tenant.settings.access_key);
    tenant_finish(&tenant);
    ASSERT_REFUSED(store_admin_find_tenant(admin, "nobody", &tenant, &fault), ERR_NOT_FOUND,
                   "no tenant");
    store_admin_close(admin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(calls_come_newest_first_and_in_pages),
        STORE_TEST(a_span_has_its_beginning_and_not_its_end),
        STORE_TEST(a_call_that_was_not_accepted_tells_why),
        STORE_TEST(what_does_not_fit_is_passed_over),
        STORE_TEST(a_search_looks_at_so_many_calls_and_goes_on),
        STORE_TEST(unmatched_cdrs_are_listed_with_the_reason),
        STORE_TEST(an_attached_cdr_ends_its_call_as_a_push_would),
        STORE_TEST(a_call_that_has_ended_keeps_its_first_cdr),
        STORE_TEST(a_call_that_was_given_up_is_told_its_end),
        STORE_TEST(an_x_number_is_released),
        STORE_TEST(what_does_not_belong_together_stays_apart),
        STORE_TEST(who_attached_is_in_the_audit),
        STORE_TEST(a_call_of_another_tenant_is_not_there),
        STORE_TEST(a_tenant_is_found_without_its_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
