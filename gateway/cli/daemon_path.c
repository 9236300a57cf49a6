#include "gateway/cli/daemon_path.h"

#include <stdio.h>

#include "base/encoding.h"

enum { PAGE_MAX = 200 }; /* ADMIN_PAGE_MAX of the API */

void daemon_path_make(struct daemon_path *path, const char *const *segments)
{
    path->has_query = false;
    buf_init_fixed(&path->text, path->storage, sizeof(path->storage));
    buf_append(&path->text, STR("/admin/v1"));
    for (; *segments != NULL; segments++) {
        buf_append_byte(&path->text, '/');
        percent_append(&path->text, str_of(*segments));
    }
}

void daemon_path_query(struct daemon_path *path, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buf_append_byte(&path->text, path->has_query ? '&' : '?');
    buf_append(&path->text, str_of(name));
    buf_append_byte(&path->text, '=');
    percent_append(&path->text, str_of(value));
    path->has_query = true;
}

enum status daemon_path_end(struct daemon_path *path, const char **text, struct fault *fault)
{
    *text = buf_text(&path->text);
    return *text == NULL ? fault_set(fault, ERR_TOO_BIG, "an argument is too long") : OK;
}

static enum status ask_page(struct api_client *daemon, const struct daemon_path *list,
                            int64_t limit, struct str cursor, struct json **out,
                            struct fault *fault)
{
    struct daemon_path path = {.has_query = list->has_query};
    char number[24], last[256] = "";
    const char *text = "";
    buf_init_fixed(&path.text, path.storage, sizeof(path.storage));
    buf_append(&path.text, buf_str(&list->text));
    (void)snprintf(number, sizeof(number), "%lld", (long long)limit);
    daemon_path_query(&path, "limit", number);
    (void)snprintf(last, sizeof(last), "%.*s", STR_ARGS(cursor));
    daemon_path_query(&path, "cursor", cursor.len > 0 ? last : NULL);
    enum status status = buf_is_over(&list->text)
                             ? fault_set(fault, ERR_TOO_BIG, "an argument is too long")
                             : daemon_path_end(&path, &text, fault);
    return status == OK ? api_client_get(daemon, text, out, fault) : status;
}

enum status daemon_each(struct api_client *daemon, const struct daemon_path *path, int64_t limit,
                        bool (*each)(void *data, const struct json *item), void *data,
                        struct fault *fault)
{
    struct json *page = NULL;
    enum status status = OK;
    bool is_wanted = limit > 0;
    while (status == OK && is_wanted) {
        struct json *last = page;
        page = NULL;
        status = ask_page(daemon, path, limit < PAGE_MAX ? limit : PAGE_MAX,
                          json_string(json_get(last, "next")), &page, fault);
        json_destroy(last); /* the cursor stood in it */
        for (const struct json *item = json_first(json_get(page, "items"));
             item != NULL && is_wanted; item = json_next(item), limit--)
            is_wanted = each(data, item) && limit > 1;
        is_wanted = is_wanted && json_is_string(json_get(page, "next"));
    }
    json_destroy(page);
    return status;
}
