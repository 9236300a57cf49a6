#ifndef PROFILE_CODE_H
#define PROFILE_CODE_H

/* The 21 refusal codes of the ITA with the vendor's texts (agent-api.md, section 5)
 * and ours in Chinese. */

#include "base/str.h"

/* Name, digits, text, text in Chinese. */
#define ITA_CODE_MAP(X)                                                                            \
    X(INVALID_PARAMETER, "90100100", "Invalid Input Parameter", "输入参数无效")                    \
    X(AUTH_FAILED, "90100200", "Auth Failed", "鉴权失败")                                          \
    X(BAD_REQUEST, "90100300", "Bad Request", "请求错误")                                          \
    X(NOT_FOUND, "90100400", "Not found", "未找到")                                                \
    X(INTERNAL_ERROR, "90100600", "Internal Server Error", "内部服务器错误")                       \
    X(INSUFFICIENT_BALANCE, "90102001", "Insufficient Balance", "余额不足")                        \
    X(REQUEST_RESTRICTION, "90102002", "Request Restriction", "请求受限")                          \
    X(INSUFFICIENT_PERMISSION, "90104001", "Insufficient Permission", "权限不足")                  \
    X(REQUEST_FORBIDDEN, "90104003", "Request Forbidden", "请求被禁止")                            \
    X(SERVICE_UNAVAILABLE, "90104004", "Service Unavailable", "服务不可用")                        \
    X(PROCESS_FAILURE, "90104008", "Service Process Failure", "业务处理失败")                      \
    X(TOO_MANY_REQUESTS, "90104029", "Too Many Requests", "请求过多")                              \
    X(BINDING_EXISTS, "90106001", "Binding relationship already exists", "绑定关系已存在")         \
    X(BINDING_NOT_EXISTS, "90106002", "Binding relationship not exists", "绑定关系不存在")         \
    X(NUMBERS_EXHAUSTED, "90106003", "Insufficient Number resources", "号码资源不足")              \
    X(NUMBER_NOT_FOUND, "90106004", "No corresponding number found", "未找到对应号码")             \
    X(BINDING_INCONSISTENT, "90106005", "Inconsistent binding data", "绑定数据不一致")             \
    X(OTHER_ERROR, "90106006", "Other Error", "其他错误")                                          \
    X(POLICY_FORBID, "90106010", "Policy Forbid", "策略禁止")                                      \
    X(CALLER_FORBID, "90106011", "Caller Forbid", "主叫禁止")                                      \
    X(CALLEE_FORBID, "90106012", "Callee forbid", "被叫禁止")

/* ITA_CODE_INVALID_PARAMETER is "90100100", and so on. */
#define X(name, digits, text, zh) extern const char ITA_CODE_##name[sizeof(digits)];
ITA_CODE_MAP(X)
#undef X
/* Beside the 21: nothing was refused. */
extern const char ITA_CODE_SUCCESS[2];

/* "Insufficient Number resources" of "90106003"; NULL for a code that is not one of the 21. */
const char *ita_code_text(struct str code);
/* "号码资源不足", likewise. */
const char *ita_code_text_zh(struct str code);

#endif
