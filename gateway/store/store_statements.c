#include "gateway/store/store_statements.h"

/* In the order in which store_calls.c reads them. */
#define CALL_COLUMNS                                                                               \
    "serial, tenant_id, type, state, outcome, agent_work_no, caller, called, call_data, tel_x, "   \
    "is_x_claimed, call_id, code, called_display, created_ms, outcome_ms, start_ms, "              \
    "caller_alerting_ms, called_alerting_ms, caller_answer_ms, called_answer_ms, finish_ms, "      \
    "ended_ms, duration_s, reason_code, trace"

/* In the order in which store_cdrs.c reads them. */
#define MATCH_COLUMNS                                                                              \
    "tenant_id, serial, is_x_claimed, tel_x, call_id, caller, called, created_ms, type, trace"

/* Of type ?4, as SQL_CALL_COUNT means it. There are calls of these two types only. */
#define MARK_FITTING "CASE ?4 WHEN 0 THEN cec WHEN 1 THEN cec WHEN 4 THEN ita ELSE 0 END"

/* The live ones among the calls: found by way of live_call, which is small. */
#define LIVE_AMONG(calls)                                                                          \
    "(SELECT serial AS live_serial, tenant_id AS live_tenant_id FROM live_call) "                  \
    "CROSS JOIN " calls " WHERE tenant_id = live_tenant_id AND serial = live_serial"

/* In the order in which store_users.c and store_api_keys.c read them. */
#define USER_COLUMNS                                                                               \
    "user.id, user.version, user.name, role, tenant.name, user.is_enabled, one_time_until_ms, "    \
    "user.created_ms, signed_in_ms"
#define TENANT_OF_USER "LEFT JOIN tenant ON tenant.id = tenant_id "
#define API_KEY_COLUMNS                                                                            \
    "api_key.id, api_key.version, api_key.name, role, tenant.name, api_key.is_enabled, "           \
    "api_key.created_ms, expires_ms, used_ms FROM api_key "                                        \
    "LEFT JOIN tenant ON tenant.id = tenant_id "

/* Of the callback ?1, ?2, ?3: another of its call, which is to arrive before it, has not. */
#define EARLIER_WAITS                                                                              \
    "EXISTS (SELECT 1 FROM callback AS earlier WHERE earlier.tenant_id = ?1 "                      \
    "AND earlier.serial = ?2 AND earlier.number < ?3 AND earlier.state = 0)"

/* In the order in which store_admin_callbacks.c reads them. */
#define KEPT_CALLBACK_COLUMNS                                                                      \
    "tenant_id, serial, number, kind, state, url, tries, created_ms, next_ms, ended_ms, took_ms"

/* In the order in which store_tenants.c reads them. */
#define TENANT_COLUMNS                                                                             \
    "id, name, is_enabled, is_bidirectional_enabled, is_trial, version, revision, created_ms"
/* In the order in which store_tenants.c reads them and store_admin_settings.c writes them. */
#define CALLBACK_COLUMNS                                                                           \
    "connection_url, connection_method, hangup_url, hangup_method, authentication, "               \
    "is_console_url_authenticated, shared_key, shared_key_changed_ms, oauth_access_key, "          \
    "oauth_secret_key, oauth_secret_changed_ms, oauth_login_url, aicc_domain, aicc_app_key, "      \
    "aicc_app_secret, aicc_app_secret_changed_ms"
#define AUDIT_COLUMNS "id, at_ms, who, tenant, action, detail"
#define NEXT_REVISION "(SELECT coalesce(max(revision), 0) + 1 FROM tenant)"

const char *const store_sql[SQL_COUNT] = {
    [SQL_BEGIN_READ] = "BEGIN",
    [SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_DATA_VERSION] = "PRAGMA data_version",
    [SQL_META_GET] = "SELECT value FROM meta WHERE name = ?1",
    [SQL_META_SET] = "INSERT INTO meta (name, value) VALUES (?1, ?2)",
    [SQL_META_PUT_NUMBER] =
        "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, CAST(?2 AS BLOB))",
    [SQL_META_GET_NUMBER] = "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE name = ?1",
    /* After a restore: ids given out since the backup was made are not given out again. */
    [SQL_SEQUENCES_SKIP] = "UPDATE sqlite_sequence SET seq = seq + 1000000",
    [SQL_META_TOUCH] = "UPDATE meta SET value = value",

    [SQL_CALL_ADD] = "INSERT INTO call (serial, tenant_id, type, outcome, agent_work_no, "
                     "caller, called, call_data, tel_x, is_x_claimed, created_ms, "
                     "called_display, trace) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [SQL_CALL_SET_LIVE] =
        "INSERT INTO live_call (serial, tenant_id, callback_url) VALUES (?1, ?2, ?3)",
    /* Most calls, in one step; of the others the URL is read first. */
    [SQL_CALL_UNSET_LIVE] = "DELETE FROM live_call WHERE serial = ?1 AND tenant_id = ?2 "
                            "AND callback_url IS NULL",
    [SQL_CALL_UNSET_LIVE_ANY] = "DELETE FROM live_call WHERE serial = ?1 AND tenant_id = ?2",
    [SQL_CALL_CALLBACK_URL] = "SELECT callback_url FROM live_call WHERE serial = ?1 "
                              "AND tenant_id = ?2",
    [SQL_CALL_SET_TALKING] = "UPDATE live_call SET talking_ms = ?3 WHERE serial = ?1 "
                             "AND tenant_id = ?2 AND talking_ms IS NULL",
    [SQL_CALL_IS_TALKING] = "SELECT talking_ms IS NOT NULL FROM live_call WHERE serial = ?1 "
                            "AND tenant_id = ?2",
    [SQL_CALL_OUTCOME] = "SELECT outcome, trace FROM call WHERE tenant_id = ?1 AND serial = ?2",
    /* An answer is told once, but may settle an unknown outcome. */
    [SQL_CALL_SET_OUTCOME] = "UPDATE call SET outcome = ?3, code = ?4, outcome_ms = ?5, "
                             "call_id = coalesce(call_id, ?6), tel_x = coalesce(tel_x, ?7) "
                             "WHERE tenant_id = ?1 AND serial = ?2 AND outcome IN (0, 3)",
    [SQL_CALL_WHY_SET] = "INSERT OR REPLACE INTO call_why (tenant_id, serial, native_code, why) "
                         "VALUES (?1, ?2, ?3, ?4)",
    [SQL_CALL_WHY_GET] = "SELECT native_code, why FROM call_why "
                         "WHERE tenant_id = ?1 AND serial = ?2",
    /* Outcome 0 (none) becomes 3 (unknown). */
    [SQL_CALL_SETTLE_INTENT] = "UPDATE call SET outcome = 3 "
                               "WHERE tenant_id = ?1 AND serial = ?2 AND outcome = 0",
    /* Those whose outcome nobody will tell any more. */
    [SQL_CALL_SETTLE_INTENTS] = "UPDATE call SET outcome = 3 WHERE (tenant_id, serial) IN "
                                "(SELECT tenant_id, serial FROM live_call) AND outcome = 0",
    /* Without a CDR; a call that has ended stays as it is. */
    [SQL_CALL_END] = "INSERT OR IGNORE INTO call_end (serial, ended_ms, reason_code) "
                     "VALUES (?1, ?2, ?3)",
    /* In the place of the end that its lease has set. */
    [SQL_CALL_END_BY_CDR] =
        "INSERT OR REPLACE INTO call_end (serial, call_id, tel_x, called_display, start_ms, "
        "caller_answer_ms, called_answer_ms, finish_ms, ended_ms, duration_s, reason_code, "
        "last_cdr_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [SQL_CALL_END_BY_AICC] =
        "INSERT INTO call_end (serial, tel_x, called_display, start_ms, caller_alerting_ms, "
        "called_alerting_ms, caller_answer_ms, called_answer_ms, finish_ms, ended_ms, duration_s, "
        "reason_code) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [SQL_CALL_GET_END] = "SELECT last_cdr_id, reason_code FROM call_end WHERE serial = ?1",
    [SQL_CALL_SET_CDR] = "UPDATE call_end SET last_cdr_id = ?2 WHERE serial = ?1",
    [SQL_CALL_GET] = "SELECT " CALL_COLUMNS " FROM call_record WHERE tenant_id = ?1 "
                     "AND serial = ?2",
    [SQL_CALL_LIVE] =
        "SELECT " CALL_COLUMNS " FROM " LIVE_AMONG("call_record") " ORDER BY live_serial",
    /* The CDRs since then are the last of the table: found from its end. */
    [SQL_CALL_RESTING] = "SELECT " CALL_COLUMNS " FROM (SELECT tenant_id AS cdr_tenant_id, "
                         "serial AS cdr_serial FROM cdr "
                         "WHERE id > coalesce((SELECT id FROM cdr WHERE received_ms < ?1 "
                         "ORDER BY id DESC LIMIT 1), 0) ORDER BY id) CROSS JOIN call_record "
                         "WHERE tenant_id = cdr_tenant_id AND serial = cdr_serial "
                         "AND is_x_claimed",
    /* One step to the end of each tenant's range, not a scan. */
    [SQL_CALL_LAST_SERIAL] = "SELECT max((SELECT max(serial) FROM call "
                             "WHERE tenant_id = tenant.id)) FROM tenant",
    /* Type 0 is any but 4 (ITA). */
    [SQL_CALL_COUNT] = "SELECT count(*) FROM call WHERE tenant_id = ?1 "
                       "AND serial BETWEEN ?2 AND ?3 "
                       "AND CASE ?4 WHEN 0 THEN type <> 4 ELSE type = ?4 END "
                       "AND (?5 IS NULL OR is_same_number(caller, ?5, ?6))",
    /* With the calls since the mark before it, this one among them. */
    [SQL_CALL_MARK] = "WITH before (serial, cec, ita) AS (SELECT serial, cec, ita FROM call_mark "
                      "WHERE tenant_id = ?1 AND serial < ?2 UNION ALL SELECT -1, 0, 0 "
                      "ORDER BY serial DESC LIMIT 1) "
                      "INSERT OR REPLACE INTO call_mark (tenant_id, serial, cec, ita) "
                      "SELECT ?1, ?2, before.cec + count(*) FILTER (WHERE type <> 4), "
                      "before.ita + count(*) FILTER (WHERE type = 4) "
                      "FROM before CROSS JOIN call WHERE call.tenant_id = ?1 "
                      "AND call.serial > before.serial AND call.serial <= ?2",
    [SQL_CALL_NEXT_MARK] = "SELECT serial, " MARK_FITTING " FROM call_mark WHERE tenant_id = ?1 "
                           "AND serial >= ?2 AND serial < ?3 ORDER BY serial DESC LIMIT 1",
    [SQL_CALL_LAST_MARK] = "SELECT serial, " MARK_FITTING " FROM call_mark WHERE tenant_id = ?1 "
                           "AND serial >= ?2 AND serial < ?3 ORDER BY serial LIMIT 1",
    [SQL_CALL_PAGE] = "SELECT " CALL_COLUMNS " FROM call_record WHERE tenant_id = ?1 "
                      "AND serial BETWEEN ?2 AND ?3 "
                      "AND CASE ?4 WHEN 0 THEN type <> 4 ELSE type = ?4 END "
                      "AND (?5 IS NULL OR is_same_number(caller, ?5, ?6)) "
                      "ORDER BY serial DESC LIMIT ?7 OFFSET ?8",
    /* The newest of a range. */
    [SQL_CALL_SEARCH] = "SELECT " CALL_COLUMNS " FROM call_record WHERE tenant_id = ?1 "
                        "AND serial BETWEEN ?2 AND ?3 ORDER BY serial DESC LIMIT ?4",
    [SQL_CALL_SEARCH_LIVE] = "SELECT " CALL_COLUMNS " FROM " LIVE_AMONG(
        "call_record") " AND live_tenant_id = ?1 AND live_serial BETWEEN ?2 AND ?3 "
                       "ORDER BY live_serial DESC LIMIT ?4",
    [SQL_X_RELEASE] = "UPDATE x_number SET last_used_ms = max(last_used_ms, ?3) "
                      "WHERE tenant_id = ?1 AND number = (SELECT tel_x FROM call "
                      "WHERE tenant_id = ?1 AND serial = ?2 AND is_x_claimed)",

    /* Not from the view: a push costs a tenth less without a look into call_end. */
    [SQL_CALL_FIND_SERIAL] = "SELECT " MATCH_COLUMNS " FROM call "
                             "WHERE tenant_id = ?1 AND serial = ?2 AND type = 4",
    [SQL_CALL_FIND_LIVE] =
        "SELECT " MATCH_COLUMNS
        " FROM " LIVE_AMONG("call") " AND live_tenant_id = ?1 AND live_serial >= ?2 "
                                    "AND type = 4 AND (?3 IS NULL OR call_id = ?3)",
    [SQL_CALL_FIND_RECENT] = "SELECT * FROM (SELECT " MATCH_COLUMNS " FROM call_record "
                             "WHERE tenant_id = ?1 AND serial >= ?2 "
                             "ORDER BY serial DESC LIMIT ?4) WHERE type = 4 AND call_id = ?3",
    [SQL_CDR_ADD] = "INSERT INTO cdr (received_ms, tenant_id, serial, previous_id, digest, "
                    "access_key, mac, date_ms, body, reason) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQL_CDR_GET] = "SELECT previous_id, body FROM cdr WHERE id = ?1",
    [SQL_CDR_FIND_UNMATCHED] = "SELECT id FROM cdr INDEXED BY cdr_unmatched "
                               "WHERE serial IS NULL AND digest = ?1 AND body = ?2",
    /* As SQL_CALL_RESTING finds them. */
    [SQL_CDR_SIGNATURES] = "SELECT access_key, mac, date_ms FROM cdr "
                           "WHERE id > coalesce((SELECT id FROM cdr WHERE received_ms < ?1 "
                           "ORDER BY id DESC LIMIT 1), 0) ORDER BY id",
    [SQL_CDR_LAST_RECEIVED] = "SELECT received_ms FROM cdr ORDER BY id DESC LIMIT 1",
    /* Last one first: each names the one before. */
    [SQL_CDR_OF_CALL] =
        "WITH RECURSIVE kept (id) AS (SELECT last_cdr_id FROM call_record WHERE tenant_id = ?1 "
        "AND serial = ?2 UNION ALL SELECT previous_id FROM kept JOIN cdr USING (id)) "
        "SELECT id, received_ms, reason, body FROM kept CROSS JOIN cdr USING (id) LIMIT ?3",
    /* With the tenants that have the AccessKey now, and the zone of the first. */
    [SQL_CDR_LIST_UNMATCHED] =
        "SELECT id, received_ms, reason, body, (SELECT group_concat(name) FROM "
        "(SELECT name FROM bidirectional_call JOIN tenant ON tenant.id = tenant_id "
        "WHERE access_key = cdr.access_key ORDER BY tenant.id)), "
        "(SELECT zone FROM bidirectional_call WHERE access_key = cdr.access_key "
        "ORDER BY tenant_id LIMIT 1) FROM cdr INDEXED BY cdr_unmatched_id "
        "WHERE serial IS NULL AND id < ?1 ORDER BY id DESC LIMIT ?2",
    /* And whether its AccessKey is that tenant's now, or another's. */
    [SQL_CDR_FIND] =
        "SELECT serial, body, "
        "EXISTS (SELECT 1 FROM bidirectional_call WHERE access_key = cdr.access_key "
        "AND tenant_id = ?2), EXISTS (SELECT 1 FROM bidirectional_call "
        "WHERE access_key = cdr.access_key AND tenant_id <> ?2) FROM cdr WHERE id = ?1",
    [SQL_CDR_ATTACH] = "UPDATE cdr SET tenant_id = ?2, serial = ?3, previous_id = ?4, "
                       "digest = NULL WHERE id = ?1",

    /* The next of its call; behind those of it that are not delivered or dead. */
    [SQL_CALLBACK_ADD] =
        "INSERT INTO callback (tenant_id, serial, number, kind, state, queue, tries, tries_before, "
        "created_ms, next_ms, url) SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, 0, ?4, 0, 0, "
        "?5, CASE WHEN coalesce(sum(state = 0), 0) = 0 THEN 0 END, ?6 "
        "FROM callback WHERE tenant_id = ?1 AND serial = ?2",
    [SQL_CALLBACK_URL] = "SELECT url FROM callback WHERE tenant_id = ?1 AND serial = ?2 "
                         "AND url IS NOT NULL LIMIT 1",
    /* One step of the index to the next queue, not a walk through what waits in each. */
    [SQL_CALLBACK_QUEUES] =
        "SELECT queue, next_ms FROM callback INDEXED BY callback_queue "
        "WHERE next_ms IS NOT NULL AND queue > ?1 ORDER BY queue, next_ms LIMIT 1",
    [SQL_CALLBACK_DUE] =
        "SELECT " CALL_COLUMNS ", callback_number, callback_kind, url, tries, tries_before "
        "FROM (SELECT tenant_id AS callback_tenant_id, serial AS callback_serial, "
        "number AS callback_number, kind AS callback_kind, url, tries, tries_before "
        "FROM callback INDEXED BY callback_queue WHERE next_ms IS NOT NULL AND queue = ?1 "
        "AND next_ms <= ?2 ORDER BY queue, next_ms, tenant_id, serial, number LIMIT ?3) "
        "CROSS JOIN call_record WHERE tenant_id = callback_tenant_id AND serial = callback_serial",
    [SQL_CALLBACK_NEXT_TIME] = "SELECT next_ms FROM callback INDEXED BY callback_queue "
                               "WHERE next_ms IS NOT NULL AND queue = ?1 AND next_ms > ?2 "
                               "ORDER BY next_ms LIMIT 1",
    [SQL_CALLBACK_DELIVERED] =
        "UPDATE callback SET state = 1, next_ms = NULL, ended_ms = ?4, took_ms = ?5, "
        "tries = tries + 1 WHERE tenant_id = ?1 AND serial = ?2 AND number = ?3 AND state = 0",
    /* Dead when there is no next time. Behind one before it that is sent again. */
    [SQL_CALLBACK_FAILED] =
        "UPDATE callback SET next_ms = CASE WHEN " EARLIER_WAITS " THEN NULL ELSE ?5 END, "
        "tries = tries + 1, "
        "state = CASE WHEN ?5 IS NULL THEN 2 ELSE 0 END, "
        "ended_ms = CASE WHEN ?5 IS NULL THEN ?4 END "
        "WHERE tenant_id = ?1 AND serial = ?2 AND number = ?3 AND state = 0",
    [SQL_CALLBACK_FAILURE_ADD] =
        "INSERT OR REPLACE INTO callback_failure (tenant_id, serial, number, try, at_ms, took_ms, "
        "status, failure, detail) SELECT ?1, ?2, ?3, tries, ?4, ?5, ?6, ?7, ?8 FROM callback "
        "WHERE tenant_id = ?1 AND serial = ?2 AND number = ?3",
    [SQL_CALLBACK_FIRST] = "SELECT number, queue, next_ms FROM callback WHERE tenant_id = ?1 "
                           "AND serial = ?2 AND state = 0 ORDER BY number LIMIT 1",
    [SQL_CALLBACK_FREE] = "UPDATE callback SET next_ms = 0 WHERE tenant_id = ?1 AND serial = ?2 "
                          "AND number = ?3",
    [SQL_CALLBACK_NEXT_TENANT] = "SELECT min(tenant_id) FROM callback WHERE tenant_id > ?1",
    [SQL_CALLBACK_TRIM] =
        "DELETE FROM callback WHERE (tenant_id, serial, number) IN "
        "(SELECT tenant_id, serial, number FROM callback WHERE tenant_id = ?1 AND serial < ?2 "
        "AND state <> 0 ORDER BY serial LIMIT ?3)",
    [SQL_CALLBACK_GET] = "SELECT " KEPT_CALLBACK_COLUMNS " FROM callback "
                         "WHERE tenant_id = ?1 AND serial = ?2 AND number = ?3",
    [SQL_CALLBACK_LIST] = "SELECT " KEPT_CALLBACK_COLUMNS " FROM callback WHERE tenant_id = ?1 "
                          "AND serial BETWEEN ?2 AND ?3 AND (serial, number) < (?4, ?5) "
                          "ORDER BY serial DESC, number DESC LIMIT ?6",
    [SQL_CALLBACK_LIST_OPEN] =
        "SELECT " KEPT_CALLBACK_COLUMNS " FROM callback INDEXED BY callback_open "
        "WHERE tenant_id = ?1 AND state = ?7 AND state <> 1 AND serial BETWEEN ?2 AND ?3 "
        "AND (serial, number) < (?4, ?5) ORDER BY serial DESC, number DESC LIMIT ?6",
    [SQL_CALLBACK_FAILURES] =
        "SELECT at_ms, took_ms, status, failure, detail FROM callback_failure "
        "WHERE tenant_id = ?1 AND serial = ?2 AND number = ?3 ORDER BY try DESC LIMIT ?4",
    [SQL_CALLBACK_RESEND] =
        "UPDATE callback SET state = 0, tries_before = tries, ended_ms = NULL, took_ms = NULL, "
        "next_ms = CASE WHEN " EARLIER_WAITS " THEN NULL ELSE 0 END "
        "WHERE tenant_id = ?1 AND serial = ?2 AND number = ?3",
    [SQL_CALLBACK_HOLD] = "UPDATE callback SET next_ms = NULL WHERE tenant_id = ?1 "
                          "AND serial = ?2 AND number > ?3 AND state = 0",
    [SQL_CALLBACK_DEAD] = "SELECT serial, number FROM callback INDEXED BY callback_open "
                          "WHERE tenant_id = ?1 AND state = 2 AND state <> 1 "
                          "ORDER BY serial, number LIMIT ?2",
    /* One that is due now has no time of its own: it is since it was made. */
    [SQL_CALLBACK_COUNT_WAITING] =
        "SELECT count(*), coalesce(sum(max(next_ms, created_ms) < ?2), 0) FROM "
        "(SELECT next_ms, created_ms FROM callback INDEXED BY callback_queue "
        "WHERE next_ms IS NOT NULL LIMIT ?1)",
    [SQL_CALLBACK_COUNT_DEAD] =
        "SELECT coalesce(sum(state = 2), 0) FROM "
        "(SELECT state FROM callback INDEXED BY callback_open WHERE state <> 1 LIMIT ?1)",
    [SQL_CDR_COUNT_UNMATCHED] = "SELECT count(*) FROM (SELECT 1 FROM cdr INDEXED BY cdr_unmatched "
                                "WHERE serial IS NULL LIMIT ?1)",

    [SQL_RETAIN_TENANT] = "SELECT min(id) FROM tenant WHERE id > ?1",
    /* The serial below which nothing is live, and nothing waits to be told. */
    [SQL_RETAIN_LIMIT] =
        "SELECT min(?2, coalesce((SELECT min(serial) FROM live_call WHERE tenant_id = ?1), ?2), "
        "coalesce((SELECT min(serial) FROM callback WHERE tenant_id = ?1 AND state <> 1 "
        "AND state = 0), ?2))",
    [SQL_RETAIN_LAST] = "SELECT count(*), max(serial) FROM (SELECT serial FROM call "
                        "WHERE tenant_id = ?1 AND serial > ?2 AND serial < ?3 "
                        "ORDER BY serial LIMIT ?4)",
    [SQL_RETAIN_CDRS] = "SELECT id, received_ms FROM cdr WHERE id > ?1 ORDER BY id LIMIT ?2",
    [SQL_DELETE_CALLBACKS] = "DELETE FROM callback WHERE tenant_id = ?1 AND serial > ?2 "
                             "AND serial <= ?3",
    [SQL_DELETE_ENDS] = "DELETE FROM call_end WHERE serial IN (SELECT serial FROM call "
                        "WHERE tenant_id = ?1 AND serial > ?2 AND serial <= ?3)",
    [SQL_DELETE_CALLS] = "DELETE FROM call WHERE tenant_id = ?1 AND serial > ?2 AND serial <= ?3",
    /* What a mark counts are the calls above the mark before it: those above these stay right. */
    [SQL_DELETE_MARKS] = "DELETE FROM call_mark WHERE tenant_id = ?1 AND serial > ?2 "
                         "AND serial <= ?3",
    [SQL_DELETE_WHYS] = "DELETE FROM call_why WHERE tenant_id = ?1 AND serial > ?2 "
                        "AND serial <= ?3",
    /* Those of calls that are kept stay with them. */
    [SQL_DELETE_CDRS] = "DELETE FROM cdr WHERE id > ?1 AND id <= ?2 AND NOT EXISTS "
                        "(SELECT 1 FROM call WHERE call.tenant_id = cdr.tenant_id "
                        "AND call.serial = cdr.serial)",
    /* tel_x of a CEC call (type 1) is what the agent sees, and no X number. callData may say
     * anything. */
    [SQL_ANONYMISE_CALLS] =
        "UPDATE call SET caller = anonymous_number(caller), called = anonymous_number(called), "
        "called_display = anonymous_number(called_display), call_data = NULL, "
        "tel_x = iif(type = 1, anonymous_number(tel_x), tel_x) "
        "WHERE tenant_id = ?1 AND serial > ?2 AND serial <= ?3",
    [SQL_ANONYMISE_ENDS] =
        "UPDATE call_end SET called_display = anonymous_number(called_display), "
        "tel_x = iif((SELECT type FROM call WHERE call.tenant_id = ?1 "
        "AND call.serial = call_end.serial) = 1, anonymous_number(tel_x), tel_x) "
        "WHERE serial IN (SELECT serial FROM call WHERE tenant_id = ?1 AND serial > ?2 "
        "AND serial <= ?3)",
    [SQL_ANONYMISE_CDRS] = "UPDATE cdr SET body = x'', digest = NULL WHERE id > ?1 AND id <= ?2",
    [SQL_ANONYMISED_GET] = "SELECT last FROM anonymised WHERE tenant_id = ?1",
    [SQL_ANONYMISED_SET] = "INSERT OR REPLACE INTO anonymised (tenant_id, last) VALUES (?1, ?2)",
    /* The ids of CDRs that were deleted at the end of the table are given out again. */
    [SQL_ANONYMISED_LOWER] =
        "UPDATE anonymised SET last = (SELECT coalesce(max(id), 0) FROM cdr) "
        "WHERE tenant_id = 0 AND last > (SELECT coalesce(max(id), 0) FROM cdr)",

    [SQL_TENANT_LIST] = "SELECT " TENANT_COLUMNS " FROM tenant WHERE revision > ?1 ORDER BY name",
    [SQL_TENANT_PAGE] = "SELECT " TENANT_COLUMNS ", EXISTS (SELECT 1 FROM bidirectional_call "
                        "WHERE tenant_id = tenant.id) FROM tenant "
                        "WHERE name > coalesce(?1, '') ORDER BY name LIMIT ?2",
    [SQL_TENANT_FIND] = "SELECT " TENANT_COLUMNS " FROM tenant WHERE name = ?1",
    [SQL_TENANT_ADD] = "INSERT INTO tenant (name, is_enabled, is_bidirectional_enabled, is_trial, "
                       "created_ms, revision) VALUES (?1, ?2, ?3, ?4, ?5, " NEXT_REVISION ")",
    [SQL_TENANT_SET] = "UPDATE tenant SET is_enabled = ?2, is_bidirectional_enabled = ?3, "
                       "is_trial = ?4, version = version + 1 WHERE id = ?1",
    [SQL_TENANT_REVISE] = "UPDATE tenant SET revision = " NEXT_REVISION " WHERE id = ?1",
    [SQL_TENANT_REVISE_ALL] = "UPDATE tenant SET revision = " NEXT_REVISION,
    /* Those that the ITA may have placed. Refused ones are passed over: two days' at most. */
    [SQL_TENANT_TRIAL_CALLS] = "SELECT created_ms FROM call WHERE tenant_id = ?1 AND serial >= ?2 "
                               "AND outcome <> 2 ORDER BY serial DESC LIMIT ?3",
    [SQL_AGENT_NUMBER_LIST] = "SELECT list, number FROM agent_number WHERE tenant_id = ?1 "
                              "ORDER BY list, number",
    [SQL_AGENT_NUMBER_ADD] = "INSERT INTO agent_number (tenant_id, list, number) "
                             "VALUES (?1, ?2, ?3)",
    [SQL_AGENT_NUMBER_REMOVE] = "DELETE FROM agent_number WHERE tenant_id = ?1 AND list = ?2 "
                                "AND number = ?3",
    [SQL_SETTINGS_GET] = "SELECT type, access_key, secret_key, secret_changed_ms, "
                         "previous_secret_key, previous_secret_until_ms, app_key, domain, x_mode, "
                         "area_code, zone, home_country, profile, is_recorded, in_flight_max, "
                         "per_second_max, version, " CALLBACK_COLUMNS
                         ", previous_access_key FROM bidirectional_call WHERE tenant_id = ?1",
    [SQL_SETTINGS_SET] =
        "INSERT OR REPLACE INTO bidirectional_call (tenant_id, type, access_key, "
        "secret_key, secret_changed_ms, previous_secret_key, "
        "previous_secret_until_ms, app_key, domain, x_mode, area_code, zone, "
        "home_country, profile, is_recorded, in_flight_max, per_second_max, "
        "version, " CALLBACK_COLUMNS ", previous_access_key) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
        "?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, "
        "?32, ?33, ?34, ?35)",
    [SQL_LAST_PUSH] = "SELECT max(received_ms) FROM (SELECT received_ms FROM (SELECT last_cdr_id "
                      "FROM call_record WHERE tenant_id = ?1 ORDER BY serial DESC LIMIT 1000) JOIN "
                      "cdr ON id = last_cdr_id "
                      "UNION ALL SELECT received_ms FROM (SELECT received_ms, tenant_id FROM cdr "
                      "ORDER BY id DESC LIMIT 1000) WHERE tenant_id = ?1)",
    [SQL_HOME_COUNTRY] = "SELECT home_country FROM bidirectional_call WHERE tenant_id = ?1",
    [SQL_ACCESS_KEY_OTHERS] = "SELECT count(*) FROM bidirectional_call WHERE access_key = ?1 "
                              "AND tenant_id <> ?2",
    [SQL_APP_KEY_LIST] =
        "SELECT id, key, secret_sha256, is_enabled, created_ms, expires_ms FROM app_key "
        "WHERE tenant_id = ?1 ORDER BY id",
    [SQL_APP_KEY_ADD] = "INSERT INTO app_key (tenant_id, key, secret_sha256, is_enabled, "
                        "created_ms) VALUES (?1, ?2, ?3, 1, ?4)",
    [SQL_APP_KEY_DISABLE] = "UPDATE app_key SET is_enabled = 0 WHERE tenant_id = ?1 AND key = ?2",
    [SQL_APP_KEY_EXPIRE] = "UPDATE app_key SET expires_ms = CASE expires_ms WHEN 0 THEN ?3 "
                           "ELSE min(expires_ms, ?3) END "
                           "WHERE tenant_id = ?1 AND key = ?2 AND is_enabled",
    [SQL_APP_KEY_TRIM] =
        "DELETE FROM app_key WHERE id IN (SELECT id FROM app_key WHERE tenant_id = ?1 "
        "AND NOT (is_enabled AND (expires_ms = 0 OR expires_ms > ?2)) "
        "ORDER BY id DESC LIMIT -1 OFFSET ?3)",
    [SQL_X_NUMBER_LIST] =
        "SELECT number, last_used_ms, is_locked FROM x_number WHERE tenant_id = ?1 "
        "ORDER BY number",
    [SQL_X_NUMBER_ADD] = "INSERT INTO x_number (tenant_id, number, last_used_ms, key) "
                         "VALUES (?1, ?2, 0, ?3)",
    /* Of a country whose plan is not known, one text may be the same number in two ways. */
    [SQL_X_NUMBER_OF_OTHER] = "SELECT 1 FROM x_number WHERE (key = ?3 OR number = ?2) "
                              "AND tenant_id <> ?1",
    [SQL_X_NUMBER_SET_KEYS] = "UPDATE x_number SET key = number_key(number, ?2) "
                              "WHERE tenant_id = ?1",
    [SQL_X_NUMBER_TWICE] = "SELECT 1 FROM x_number AS mine WHERE tenant_id = ?1 AND EXISTS "
                           "(SELECT 1 FROM x_number AS other WHERE other.key = mine.key "
                           "AND (other.tenant_id, other.number) <> (mine.tenant_id, mine.number)) "
                           "LIMIT 1",
    [SQL_X_NUMBER_REMOVE] = "DELETE FROM x_number WHERE tenant_id = ?1 AND number = ?2",
    [SQL_X_NUMBER_LOCK] = "UPDATE x_number SET is_locked = ?3 WHERE tenant_id = ?1 AND number = ?2",
    [SQL_CERTIFICATE_LIST] = "SELECT name, der, installed_ms FROM certificate ORDER BY name",
    [SQL_CERTIFICATE_SET] = "INSERT OR REPLACE INTO certificate (name, der, installed_ms) "
                            "VALUES (?1, ?2, ?3)",
    [SQL_CALLBACK_TRUST_LIST] = "SELECT entry, created_ms FROM callback_trust ORDER BY entry",
    [SQL_CALLBACK_TRUST_ADD] = "INSERT INTO callback_trust (entry, created_ms) VALUES (?1, ?2)",
    [SQL_CALLBACK_TRUST_REMOVE] = "DELETE FROM callback_trust WHERE entry = ?1",
    [SQL_CALLBACK_URLS] =
        "SELECT tenant.name, connection_url, hangup_url, "
        "CASE authentication WHEN 2 THEN oauth_login_url END FROM bidirectional_call "
        "JOIN tenant ON tenant.id = tenant_id WHERE connection_url IS NOT NULL "
        "OR hangup_url IS NOT NULL OR oauth_login_url IS NOT NULL ORDER BY tenant.name",
    [SQL_AUDIT_ADD] = "INSERT INTO audit (at_ms, who, tenant, action, detail) "
                      "VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_AUDIT_LIST] =
        "SELECT " AUDIT_COLUMNS " FROM audit WHERE id < ?2 ORDER BY id DESC LIMIT ?1",
    [SQL_AUDIT_LIST_OF_TENANT] =
        "SELECT " AUDIT_COLUMNS " FROM audit WHERE tenant = ?3 AND id < ?2 "
        "ORDER BY id DESC LIMIT ?1",
    [SQL_AUDIT_LAST] = "SELECT max(id) FROM audit",

    [SQL_STATISTIC_SET] = "INSERT INTO statistic (tenant_id, hour, kind, key, count) "
                          "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (tenant_id, hour, kind, key) "
                          "DO UPDATE SET count = excluded.count",
    /* Not by the first hour after so long: the clock may be wrong for a moment. */
    [SQL_STATISTIC_REMOVE] = "DELETE FROM statistic WHERE tenant_id = ?1 AND hour < ?2 "
                             "AND EXISTS (SELECT 1 FROM statistic AS kept "
                             "WHERE kept.tenant_id = ?1 AND kept.hour >= ?2 AND kept.hour < ?3)",
    /* One step to each tenant's range, not a scan. */
    [SQL_STATISTIC_RECENT] = "SELECT tenant_id, hour, kind, key, count "
                             "FROM (SELECT id FROM tenant UNION ALL SELECT 0) "
                             "CROSS JOIN statistic ON tenant_id = id AND hour >= ?1 AND hour < ?2",
    [SQL_STATISTIC_LIST] = "SELECT tenant_id, hour, kind, key, count FROM statistic "
                           "WHERE tenant_id = ?1 AND hour BETWEEN ?2 AND ?3 ORDER BY hour",

    [SQL_USER_ADD] = "INSERT INTO user (version, name, role, tenant_id, password_hash, "
                     "one_time_until_ms, is_enabled, created_ms, signed_in_ms) "
                     "VALUES (1, ?1, ?2, ?3, ?4, ?5, 1, ?6, 0)",
    [SQL_USER_FIND] = "SELECT " USER_COLUMNS " FROM user " TENANT_OF_USER "WHERE user.name = ?1",
    [SQL_USER_LIST] =
        "SELECT " USER_COLUMNS " FROM user " TENANT_OF_USER "WHERE user.name > coalesce(?1, '') "
        "ORDER BY user.name LIMIT ?2",
    [SQL_USER_ENABLE] = "UPDATE user SET is_enabled = ?2, version = version + 1 WHERE id = ?1",
    [SQL_USER_DELETE] = "DELETE FROM user WHERE id = ?1",
    [SQL_USER_PASSWORD] = "SELECT password_hash FROM user WHERE id = ?1",
    [SQL_USER_SET_PASSWORD] = "UPDATE user SET password_hash = ?2, one_time_until_ms = ?3, "
                              "version = version + 1 WHERE id = ?1",
    [SQL_USER_SIGNED_IN] = "UPDATE user SET signed_in_ms = ?2 WHERE id = ?1",
    /* Who has a one-time password may never use it: only another such one can go for him. */
    [SQL_SYSADMIN_OTHERS] = "SELECT count(*) FROM user WHERE role = 1 AND is_enabled "
                            "AND id <> ?1 AND (one_time_until_ms = 0 OR ?2)",
    [SQL_SESSION_ADD] = "INSERT INTO session (token_sha256, user_id, created_ms, used_ms) "
                        "VALUES (?1, ?2, ?3, ?3)",
    [SQL_SESSION_END] = "DELETE FROM session WHERE token_sha256 = ?1",
    [SQL_SESSION_END_OF_USER] = "DELETE FROM session WHERE user_id = ?1",
    [SQL_SESSION_END_OLD] = "DELETE FROM session WHERE used_ms <= ?1 OR created_ms <= ?2",
    [SQL_SESSION_USER] = "SELECT 'user:' || user.name FROM session JOIN user ON user.id = user_id "
                         "WHERE token_sha256 = ?1",
    [SQL_SESSION_END_ALL] = "DELETE FROM session",
    /* All of a user's but this one and the latest: after a clock that was ahead, this one is not
     * among them. */
    [SQL_SESSION_TRIM] = "DELETE FROM session WHERE user_id = ?1 AND token_sha256 <> ?3 "
                         "AND token_sha256 NOT IN (SELECT token_sha256 FROM session "
                         "WHERE user_id = ?1 AND token_sha256 <> ?3 "
                         "ORDER BY used_ms DESC LIMIT ?2)",
    [SQL_API_KEY_ADD] = "INSERT INTO api_key (version, name, secret_sha256, role, tenant_id, "
                        "is_enabled, created_ms, expires_ms, used_ms) "
                        "VALUES (1, ?1, ?2, ?3, ?4, 1, ?5, ?6, 0)",
    [SQL_API_KEY_GET] = "SELECT " API_KEY_COLUMNS "WHERE api_key.name = ?1",
    [SQL_API_KEY_LIST] = "SELECT " API_KEY_COLUMNS "WHERE api_key.name > coalesce(?1, '') "
                         "ORDER BY api_key.name LIMIT ?2",
    [SQL_API_KEY_ENABLE] = "UPDATE api_key SET is_enabled = ?2, version = version + 1 "
                           "WHERE id = ?1",
    [SQL_SESSION_FIND] = "SELECT " USER_COLUMNS ", session.used_ms, session.created_ms "
                         "FROM session JOIN user ON user.id = user_id " TENANT_OF_USER
                         "WHERE token_sha256 = ?1 AND user.is_enabled AND session.used_ms > ?2 "
                         "AND session.created_ms > ?3 "
                         "AND (one_time_until_ms = 0 OR one_time_until_ms > ?4)",
    [SQL_SESSION_USE] = "UPDATE session SET used_ms = ?2 WHERE token_sha256 = ?1",
    [SQL_API_KEY_FIND] = "SELECT " API_KEY_COLUMNS "WHERE secret_sha256 = ?1 "
                         "AND api_key.is_enabled AND (expires_ms = 0 OR expires_ms > ?2)",
    [SQL_API_KEY_USE] = "UPDATE api_key SET used_ms = ?2 WHERE id = ?1",
};
