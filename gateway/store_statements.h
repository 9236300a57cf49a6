#ifndef GATEWAY_STORE_STATEMENTS_H
#define GATEWAY_STORE_STATEMENTS_H

/* Every SQL text that runs after the migrations, as one table. Each connection prepares them all
 * when it opens, so that a text that does not fit the schema is found at the start. */

enum store_statement {
    SQL_BEGIN_READ,
    SQL_BEGIN_WRITE,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_DATA_VERSION,
    SQL_META_GET,
    SQL_META_SET,

    SQL_CALL_ADD,
    SQL_CALL_ACCEPT,
    SQL_CALL_REFUSE,
    SQL_CALL_EXPIRE,
    SQL_CALL_END,
    SQL_CALL_SET_CDR,
    SQL_CALL_GET,
    SQL_CALL_LIVE,
    SQL_CALL_RESTING,
    SQL_CALL_LAST_SERIAL,
    SQL_CALL_COUNT,
    SQL_CALL_PAGE,
    SQL_X_RELEASE,

    SQL_CALL_FIND_SERIAL,
    SQL_CALL_FIND_LIVE,
    SQL_CALL_FIND_RECENT,
    SQL_CDR_ADD,
    SQL_CDR_GET,
    SQL_CDR_FIND_UNMATCHED,
    SQL_CDR_SIGNATURES,

    SQL_TENANT_LIST,
    SQL_TENANT_FIND,
    SQL_TENANT_ADD,
    SQL_TENANT_ENABLE,
    SQL_SETTINGS_GET,
    SQL_SETTINGS_SET,
    SQL_HOME_COUNTRY,
    SQL_APP_KEY_LIST,
    SQL_APP_KEY_ADD,
    SQL_APP_KEY_DISABLE,
    SQL_X_NUMBER_LIST,
    SQL_X_NUMBER_ADD,
    SQL_X_NUMBER_REMOVE,
    SQL_CERTIFICATE_LIST,
    SQL_CERTIFICATE_SET,
    SQL_AUDIT_ADD,
    SQL_AUDIT_LIST,
    SQL_COUNT
};

extern const char *const store_sql[SQL_COUNT];

#endif
