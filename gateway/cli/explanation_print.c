#include "gateway/cli/explanation_print.h"

#include <string.h>

#include "gateway/cli/doctor_print.h"

static const char PAGE_EN[] =
    "# Codes, and what to do\n\n"
    "What a code means, what it mostly comes from, and what to do: every retCode of the agent API, "
    "the ITA's codes,\nrelease causes, and the errors of the API gateway before the ITA. "
    "`ita-gateway doctor explain CODE` tells the same of one.\n\n"
    "This page is what `ita-gateway doctor explain --all --markdown` prints.\n";
static const char PAGE_ZH[] =
    "# 代码与处理措施\n\n"
    "各代码的含义、常见原因与措施：坐席接口的 retCode、ITA 代码、释放原因，以及 ITA 前 API 网关的"
    "错误。\n`ita-gateway doctor explain 代码` 可查询单个代码。\n\n"
    "本页由 `ita-gateway doctor explain --all --markdown` 生成。\n";

static bool is_chinese(void)
{
    return strcmp(doctor_language(), "zh") == 0;
}

void explanation_print_begin(struct explanation_print *self)
{
    if (self->admin->is_json)
        json_write_array(&self->admin->json, NULL);
    else if (self->is_markdown)
        buf_append(&self->admin->out, str_of(is_chinese() ? PAGE_ZH : PAGE_EN));
}

void explanation_print_end(struct explanation_print *self)
{
    if (self->admin->is_json)
        json_write_array_end(&self->admin->json);
}

static void write_words(struct json_writer *w, const char *name, const char *en, const char *zh)
{
    json_write_object(w, name);
    json_write_text(w, "en", en);
    json_write_text(w, "zh", zh);
    json_write_object_end(w);
}

static void print_json(struct json_writer *w, const char *code, const struct explanation *found)
{
    json_write_object(w, NULL);
    json_write_text(w, "code", code);
    write_words(w, "kind", found->kind_en, found->kind_zh);
    write_words(w, "meaning", found->meaning_en, found->meaning_zh);
    write_words(w, "cause", found->cause_en, found->cause_zh);
    write_words(w, "remedy", found->remedy_en, found->remedy_zh);
    json_write_object_end(w);
}

static void print_text(struct buf *out, const char *code, const struct explanation *found)
{
    if (is_chinese())
        buf_format(out, "%s %s：%s\n    原因：%s\n    措施：%s\n", found->kind_zh, code,
                   found->meaning_zh, found->cause_zh, found->remedy_zh);
    else
        buf_format(out, "%s %s: %s\n    cause: %s\n    remedy: %s\n", found->kind_en, code,
                   found->meaning_en, found->cause_en, found->remedy_en);
}

/* A table of each kind. The texts hold no '|'. */
static void print_row(struct explanation_print *self, const char *code,
                      const struct explanation *found)
{
    bool zh = is_chinese();
    struct buf *out = &self->admin->out;
    if (self->kind == NULL || strcmp(self->kind, found->kind_en) != 0)
        buf_format(out, "\n## %s\n\n%s\n|---|---|---|---|\n", zh ? found->kind_zh : found->kind_en,
                   zh ? "| 代码 | 含义 | 常见原因 | 措施 |"
                      : "| code | means | mostly comes from | what to do |");
    self->kind = found->kind_en;
    buf_format(out, "| %s | %s | %s | %s |\n", code, zh ? found->meaning_zh : found->meaning_en,
               zh ? found->cause_zh : found->cause_en, zh ? found->remedy_zh : found->remedy_en);
}

void explanation_print(void *data, const char *code, const struct explanation *found)
{
    struct explanation_print *self = data;
    if (self->admin->is_json)
        print_json(&self->admin->json, code, found);
    else if (self->is_markdown)
        print_row(self, code, found);
    else
        print_text(&self->admin->out, code, found);
}
