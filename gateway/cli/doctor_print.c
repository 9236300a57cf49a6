#include "gateway/cli/doctor_print.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* As setlocale(3) looks: the first that is set and not empty. */
const char *doctor_language(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            return strncmp(value, "zh", 2) == 0 ? "zh" : "en";
    }
    return "en";
}

static const char *mark_of(struct str result)
{
    if (str_is(result, STR("ok")))
        return "\u2713";
    if (str_is(result, STR("failed")))
        return "\u2717";
    return str_is(result, STR("warning")) ? "!" : "-";
}

/* What a stranger's server said must not reach the terminal as a command. */
static void append_plain(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        buf_append_byte(out, byte < ' ' || byte == 0x7F ? '?' : (char)byte);
    }
}

static struct str words(const struct json *step, const char *part, const char *language)
{
    return json_string(json_get(json_get(step, part), language));
}

static void print_part(const struct json *step, const char *part, const char *language,
                       const char *label, struct buf *out)
{
    struct str text = words(step, part, language);
    if (text.len == 0)
        return;
    buf_format(out, "    %s ", label);
    append_plain(out, text);
    buf_append_byte(out, '\n');
}

static void print_step(const struct json *step, const char *language, struct buf *out)
{
    bool is_chinese = strcmp(language, "zh") == 0;
    struct str title = words(step, "title", language), text = words(step, "text", language);
    int64_t ms = 0;
    if (json_i64(json_get(step, "durationMs"), &ms) != OK)
        ms = 0;
    buf_format(out, "%s %.*s: ", mark_of(json_string(json_get(step, "result"))), STR_ARGS(title));
    append_plain(out, text);
    if (ms > 0)
        buf_format(out, " (%lld ms)", (long long)ms);
    buf_append_byte(out, '\n');
    print_part(step, "cause", language, is_chinese ? "原因：" : "cause:", out);
    print_part(step, "remedy", language, is_chinese ? "措施：" : "remedy:", out);
}

void doctor_print(const struct json *diagnosis, const char *language, struct buf *out)
{
    for (const struct json *step = json_first(json_get(diagnosis, "steps")); step != NULL;
         step = json_next(step))
        print_step(step, language, out);
}
