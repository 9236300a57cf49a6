#include "gateway/diagnostics/diagnosis.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

const char *diagnosis_result_text(enum diagnosis_result result)
{
    static const char *const texts[] = {
        [DIAGNOSIS_OK] = "ok",
        [DIAGNOSIS_SKIPPED] = "skipped",
        [DIAGNOSIS_WARNING] = "warning",
        [DIAGNOSIS_FAILED] = "failed",
    };
    return texts[result];
}

/* --- Words --- */

/* What was too long ends at a whole character. */
static void cut(char text[static DIAGNOSIS_TEXT_SIZE])
{
    size_t len = strlen(text);
    while (len > 0 && !str_is_utf8(str_from(text, len)))
        text[--len] = '\0';
}

void diagnosis_say(struct diagnosis_words *words, const char *en, const char *zh, ...)
{
    va_list args;
    va_start(args, zh);
    (void)vsnprintf(words->en, sizeof(words->en), en, args);
    va_end(args);
    va_start(args, zh);
    (void)vsnprintf(words->zh, sizeof(words->zh), zh, args);
    va_end(args);
    cut(words->en);
    cut(words->zh);
}

void diagnosis_add(struct diagnosis_words *words, const char *en, const char *zh, ...)
{
    size_t en_len = strlen(words->en), zh_len = strlen(words->zh);
    va_list args;
    va_start(args, zh);
    (void)vsnprintf(words->en + en_len, sizeof(words->en) - en_len, en, args);
    va_end(args);
    va_start(args, zh);
    (void)vsnprintf(words->zh + zh_len, sizeof(words->zh) - zh_len, zh, args);
    va_end(args);
    cut(words->en);
    cut(words->zh);
}

/* --- Steps --- */

void diagnosis_init(struct diagnosis *diagnosis, const struct diagnosis_kind *kinds, size_t count)
{
    assert(count <= DIAGNOSIS_STEPS_MAX);
    *diagnosis = (struct diagnosis){.count = count};
    for (size_t i = 0; i < count; i++) {
        diagnosis->steps[i].kind = &kinds[i];
        diagnosis_skip(&diagnosis->steps[i], "Not looked at: the time was over before.",
                       "未检查：在此之前已超过时限。");
    }
}

void diagnosis_skip(struct diagnosis_step *step, const char *en, const char *zh)
{
    step->result = DIAGNOSIS_SKIPPED;
    step->text = (struct diagnosis_words){0};
    (void)snprintf(step->text.en, sizeof(step->text.en), "%s", en);
    (void)snprintf(step->text.zh, sizeof(step->text.zh), "%s", zh);
}

void diagnosis_skip_for(struct diagnosis_step *step, const struct diagnosis_step *obstacle)
{
    diagnosis_skip(step, "", "");
    (void)snprintf(step->text.en, sizeof(step->text.en), "Not looked at: it needs the step \"%s\".",
                   obstacle->kind->en);
    (void)snprintf(step->text.zh, sizeof(step->text.zh), "未检查：须先通过步骤“%s”。",
                   obstacle->kind->zh);
}

/* The first step that stands in the way, or NULL. */
static const struct diagnosis_step *find_obstacle(const struct diagnosis *diagnosis, size_t at)
{
    unsigned needs = diagnosis->steps[at].kind->needs;
    for (size_t i = 0; i < at; i++) {
        enum diagnosis_result result = diagnosis->steps[i].result;
        if ((needs & (1u << i)) != 0 && (result == DIAGNOSIS_FAILED || result == DIAGNOSIS_SKIPPED))
            return &diagnosis->steps[i];
    }
    return NULL;
}

struct diagnosis_step *diagnosis_begin(struct diagnosis *diagnosis, size_t at)
{
    struct diagnosis_step *step = &diagnosis->steps[at];
    const struct diagnosis_step *obstacle = find_obstacle(diagnosis, at);
    if (obstacle == NULL) {
        step->began_ms = clock_mono_ms();
        return step;
    }
    diagnosis_skip_for(step, obstacle);
    return NULL;
}

void diagnosis_end(struct diagnosis_step *step)
{
    step->duration_ms = clock_mono_ms() - step->began_ms;
}

enum diagnosis_result diagnosis_worst(const struct diagnosis *diagnosis)
{
    enum diagnosis_result worst = DIAGNOSIS_OK;
    for (size_t i = 0; i < diagnosis->count; i++)
        if (diagnosis->steps[i].result > worst)
            worst = diagnosis->steps[i].result;
    return worst == DIAGNOSIS_SKIPPED ? DIAGNOSIS_OK : worst;
}

/* --- JSON --- */

static void write_words(struct json_writer *w, const char *name,
                        const struct diagnosis_words *words)
{
    if (words->en[0] == '\0') {
        json_write_null(w, name);
        return;
    }
    json_write_object(w, name);
    json_write_text(w, "en", words->en);
    json_write_text(w, "zh", words->zh);
    json_write_object_end(w);
}

static void write_step(struct json_writer *w, const struct diagnosis_step *step)
{
    json_write_object(w, NULL);
    json_write_text(w, "step", step->kind->name);
    json_write_object(w, "title");
    json_write_text(w, "en", step->kind->en);
    json_write_text(w, "zh", step->kind->zh);
    json_write_object_end(w);
    json_write_text(w, "result", diagnosis_result_text(step->result));
    json_write_i64(w, "durationMs", step->duration_ms);
    write_words(w, "text", &step->text);
    write_words(w, "cause", &step->cause);
    write_words(w, "remedy", &step->remedy);
    json_write_object_end(w);
}

void diagnosis_write(struct json_writer *w, const struct diagnosis *diagnosis)
{
    json_write_text(w, "result", diagnosis_result_text(diagnosis_worst(diagnosis)));
    json_write_array(w, "steps");
    for (size_t i = 0; i < diagnosis->count; i++)
        write_step(w, &diagnosis->steps[i]);
    json_write_array_end(w);
}
