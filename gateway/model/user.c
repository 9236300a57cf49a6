#include "gateway/model/user.h"

const char *role_text(enum role role)
{
    return role == ROLE_SYSADMIN ? "sysadmin" : "tenant-admin";
}

enum status role_parse(struct str text, enum role *out, struct fault *fault)
{
    if (str_is(text, STR("sysadmin")))
        *out = ROLE_SYSADMIN;
    else if (str_is(text, STR("tenant-admin")))
        *out = ROLE_TENANT_ADMIN;
    else
        return fault_set(fault, ERR_INVALID, "role: must be sysadmin or tenant-admin");
    return OK;
}

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

enum status user_check_name(struct str name, struct fault *fault)
{
    bool is_good = name.len >= 1 && name.len <= USER_NAME_MAX && is_alphanumeric(name.ptr[0]);
    for (size_t i = 1; i < name.len && is_good; i++)
        is_good = is_alphanumeric(name.ptr[i]) || memchr("-_.@", name.ptr[i], 4) != NULL;
    if (is_good)
        return OK;
    return fault_set(fault, ERR_INVALID,
                     "name: must be 1 to %d of a-z 0-9 - _ . @, the first a letter or digit",
                     USER_NAME_MAX);
}

static size_t count_characters(struct str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

enum status user_check_password(struct str name, struct str password, struct fault *fault)
{
    size_t characters = count_characters(password);
    if (!str_is_utf8(password) || characters < PASSWORD_MIN || characters > PASSWORD_MAX)
        return fault_set(fault, ERR_INVALID, "password: must have %d to %d characters",
                         PASSWORD_MIN, PASSWORD_MAX);
    if (str_is_nocase(name, password))
        return fault_set(fault, ERR_INVALID, "password: must not be the user's name");
    return OK;
}

enum status user_check_role(enum role role, struct str tenant, struct fault *fault)
{
    if (role == ROLE_TENANT_ADMIN && tenant.len == 0)
        return fault_set(fault, ERR_INVALID, "tenant: a tenant-admin must have one");
    if (role == ROLE_SYSADMIN && tenant.len > 0)
        return fault_set(fault, ERR_INVALID, "tenant: a sysadmin has none");
    return OK;
}
