#include "gateway/cli/verify_explain.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "gateway/cli/command.h"
#include "gateway/cli/raw_request.h"
#include "gateway/cli/terminal.h"
#include "ita/difference.h"

enum {
    INPUT_MAX = 13 * 1000 * 1000, /* a body of 12 MB (signing.md, 6), its head, theirs */
    SECRET_MAX = 1024,
    OUTPUT_MAX = 1024 * 1024,
    SHOWN_BEFORE = 24, /* bytes of a long line before the difference */
    SHOWN_MAX = 64,
};

static const char name[] = "verify";

struct explaining {
    const struct verify_explain_options *options;
    struct buf request_text, theirs_text, secret;
    struct raw_request raw;
    struct buf names, hash, canonical, string_to_sign, out;
    struct json_writer json;
};

/* --- Reading --- */

static enum status read_stream(FILE *in, struct buf *out, struct fault *fault)
{
    char bytes[4096];
    size_t len;
    while ((len = fread(bytes, 1, sizeof(bytes), in)) > 0)
        buf_append(out, str_from(bytes, len));
    if (ferror(in))
        return fault_set(fault, ERR_IO, "standard input can't be read");
    return buf_is_over(out) ? fault_set(fault, ERR_TOO_BIG, "the input is over %d bytes", INPUT_MAX)
                            : OK;
}

/* What stands behind a line of "===" is theirs; the line end before it is no part of a body. */
static void split_input(struct buf *input, struct buf *theirs)
{
    struct str rest = buf_str(input), line;
    while (str_next(&rest, '\n', &line)) {
        if (!str_is(str_trim(line), STR("===")) && !str_is(str_trim(line), STR("===\r")))
            continue;
        size_t end = (size_t)(line.ptr - input->ptr);
        buf_append(theirs, rest);
        end -= end > 0;
        end -= end > 0 && input->ptr[end - 1] == '\r';
        input->len = end;
        return;
    }
}

/* Line ends at the end are the editor's; CR before each LF is the way there. */
static void tidy_theirs(struct buf *theirs)
{
    size_t kept = 0;
    for (size_t i = 0; i < theirs->len; i++)
        if (theirs->ptr[i] != '\r' || i + 1 == theirs->len || theirs->ptr[i + 1] != '\n')
            theirs->ptr[kept++] = theirs->ptr[i];
    theirs->len = kept;
    while (theirs->len > 0 &&
           (theirs->ptr[theirs->len - 1] == '\n' || theirs->ptr[theirs->len - 1] == '\r'))
        theirs->len--;
}

static enum status read_input(struct explaining *self, struct fault *fault)
{
    const struct verify_explain_options *options = self->options;
    bool reads_stdin = options->request_path == NULL;
    enum status status = OK;
    if (reads_stdin && isatty(STDIN_FILENO))
        fprintf(stderr, "Paste the request%s, then press Ctrl-D.\n",
                options->theirs_path == NULL ? ", a line ===, and the canonical request or string "
                                               "to sign of its sender"
                                             : "");
    TRY(reads_stdin ? read_stream(stdin, &self->request_text, fault)
                    : file_read(options->request_path, &self->request_text, fault));
    if (options->theirs_path != NULL)
        TRY(file_read(options->theirs_path, &self->theirs_text, fault));
    else
        split_input(&self->request_text, &self->theirs_text);
    tidy_theirs(&self->theirs_text);
    if (options->secret_path != NULL)
        TRY(file_read(options->secret_path, &self->secret, fault));
    while (self->secret.len > 0 && (self->secret.ptr[self->secret.len - 1] == '\n' ||
                                    self->secret.ptr[self->secret.len - 1] == '\r'))
        self->secret.len--;
    TRY(raw_request_read(buf_str(&self->request_text), &self->raw, fault));
out:
    return status;
}

static enum status compute(struct explaining *self, struct fault *fault)
{
    const struct ita_request *request = &self->raw.request;
    struct str names = self->raw.signed_headers;
    struct str date =
        str_trim(http_headers_find(request->headers, request->header_count, STR("x-sdk-date")));
    enum status status = OK;
    if (names.len == 0) {
        TRY(ita_sign_header_names(request, ITA_HEADERS_STABLE, &self->names, fault));
        names = buf_str(&self->names);
    }
    TRY(ita_sign_check_header_names(names, fault));
    TRY(ita_sign_payload_hash(request, &self->hash, fault));
    TRY(ita_sign_canonical_request(request, names, buf_str(&self->hash), &self->canonical, fault));
    ita_sign_string_to_sign(date, buf_str(&self->canonical), &self->string_to_sign);
out:
    return status;
}

/* --- Telling --- */

/* Headers that carry secrets or tokens of some API: AppKey, Authorization, cookies. */
static bool is_confidential(struct str line)
{
    static const char *const words[] = {"key",    "secret",   "token",  "auth",
                                        "cookie", "password", "appcode"};
    struct str header = str_slice(line, 0, str_find(line, ':'));
    for (size_t i = 0; i < COUNT_OF(words) && header.len < line.len; i++)
        for (size_t at = 0; at < header.len; at++)
            if (str_is_nocase(str_slice(header, at, strlen(words[i])), str_of(words[i])))
                return true;
    return false;
}

/* The part of a line around the difference, as a terminal may show it. */
static void append_window(struct str line, size_t column, struct buf *out)
{
    size_t start = column > SHOWN_BEFORE + 1 ? column - 1 - SHOWN_BEFORE : 0;
    size_t header = str_find(line, ':');
    if (line.ptr == NULL) {
        buf_append(out, STR("(no such line)"));
    } else if (is_confidential(line)) {
        terminal_append_plain(out, str_slice(line, 0, header + 1));
        buf_append(out, STR("(not shown)"));
    } else {
        buf_append(out, start > 0 ? STR("\u2026") : STR(""));
        terminal_append_plain(out, str_slice(line, start, SHOWN_MAX));
        buf_append(out, start + SHOWN_MAX < line.len ? STR("\u2026") : STR(""));
        if (line.len == 0)
            buf_append(out, STR("(empty)"));
    }
}

static void append_caret(const struct ita_difference *found, struct buf *out)
{
    size_t column = found->column > SHOWN_BEFORE + 1 ? SHOWN_BEFORE + 2 : found->column;
    size_t start = found->column > SHOWN_BEFORE + 1 ? found->column - 1 - SHOWN_BEFORE : 0;
    struct str before = str_slice(found->theirs, start, found->column - 1 - start);
    size_t width = terminal_width_of(before) + (column == SHOWN_BEFORE + 2);
    if (is_confidential(found->ours) || is_confidential(found->theirs))
        return;
    buf_append(out, STR("          "));
    for (; width > 0; width--)
        buf_append_byte(out, ' ');
    buf_append(out, STR("^\n"));
}

static void print_difference(const char *stage, const struct ita_difference *found, struct buf *out)
{
    if (found->is_same) {
        buf_format(out, "\u2713 %s: the same\n", stage);
        return;
    }
    if (found->line == 0) { /* of a signature there are no lines to show */
        buf_format(out, "%s %s: %s\n", found->cause[0] == 'n' ? "-" : "\u2717", stage,
                   found->cause);
        return;
    }
    buf_format(out, "\u2717 %s: differs in line %zu, column %zu: %s\n", stage, found->line,
               found->column, found->part);
    buf_append(out, STR("  ours:   "));
    append_window(found->ours, found->column, out);
    buf_append(out, STR("\n  theirs: "));
    append_window(found->theirs, found->column, out);
    buf_append_byte(out, '\n');
    append_caret(found, out);
    buf_format(out, "  cause:  %s\n", found->cause);
}

static void write_line(struct json_writer *w, const char *member, struct str line, size_t column)
{
    struct buf window;
    buf_init(&window, OUTPUT_MAX);
    append_window(line, column, &window);
    json_write_str(w, member, buf_str(&window));
    buf_finish(&window);
}

static void write_difference(const char *stage, const struct ita_difference *found,
                             struct json_writer *w)
{
    json_write_object(w, NULL);
    json_write_text(w, "stage", stage);
    json_write_bool(w, "same", found->is_same);
    if (!found->is_same) {
        json_write_text(w, "part", found->part);
        if (found->line > 0) {
            json_write_i64(w, "line", (int64_t)found->line);
            json_write_i64(w, "column", (int64_t)found->column);
            write_line(w, "ours", found->ours, found->column);
            write_line(w, "theirs", found->theirs, found->column);
        }
        json_write_text(w, "cause", found->cause);
    }
    json_write_object_end(w);
}

static void tell(struct explaining *self, const char *stage, const struct ita_difference *found)
{
    if (self->options->is_json)
        write_difference(stage, found, &self->json);
    else
        print_difference(stage, found, &self->out);
}

static bool compare_texts(struct explaining *self)
{
    struct ita_difference found;
    struct str theirs = buf_str(&self->theirs_text);
    if (theirs.len == 0)
        return true;
    if (str_starts(theirs, STR(ITA_SIGN_ALGORITHM))) {
        ita_difference_of_string_to_sign(&self->raw.request, buf_str(&self->canonical),
                                         buf_str(&self->string_to_sign), theirs, &found);
        tell(self, "string to sign", &found);
    } else {
        ita_difference_of_canonical(&self->raw.request, buf_str(&self->canonical), theirs, &found);
        tell(self, "canonical request", &found);
    }
    return found.is_same;
}

/* Whether nothing differs. Of a sender who tells nothing, the signature alone. */
static bool compare(struct explaining *self)
{
    struct ita_difference found;
    bool is_same = compare_texts(self);
    if (!is_same || self->raw.signature.len == 0)
        return is_same;
    if (self->secret.len == 0) {
        if (!self->options->is_json)
            buf_append(&self->out, STR("- signature: not looked at, which needs the SecretKey "
                                       "(--secret-key-file)\n"));
        return true;
    }
    ita_difference_of_signature(buf_str(&self->secret), buf_str(&self->canonical),
                                buf_str(&self->string_to_sign), self->raw.signature, &found);
    tell(self, "signature", &found);
    return found.is_same;
}

static bool compare_and_tell(struct explaining *self)
{
    if (self->options->is_json)
        json_write_array(&self->json, NULL);
    bool is_same = compare(self);
    if (self->options->is_json) {
        json_write_array_end(&self->json);
        buf_append_byte(&self->out, '\n');
    }
    return is_same;
}

static void init(struct explaining *self, const struct verify_explain_options *options)
{
    *self = (struct explaining){.options = options};
    buf_init(&self->request_text, INPUT_MAX);
    buf_init(&self->theirs_text, INPUT_MAX);
    buf_init(&self->secret, SECRET_MAX);
    buf_init(&self->names, ITA_SIGNED_NAMES_MAX);
    buf_init(&self->hash, ITA_PAYLOAD_HASH_MAX);
    buf_init(&self->canonical, ITA_CANONICAL_MAX);
    buf_init(&self->string_to_sign, ITA_STRING_TO_SIGN_MAX);
    buf_init(&self->out, OUTPUT_MAX);
    json_write_init(&self->json, &self->out);
}

static void finish(struct explaining *self)
{
    buf_wipe(&self->request_text);
    buf_wipe(&self->theirs_text);
    buf_wipe(&self->secret);
    buf_finish(&self->names);
    buf_finish(&self->hash);
    buf_wipe(&self->canonical);
    buf_wipe(&self->string_to_sign);
    buf_finish(&self->out);
}

int verify_explain(const struct verify_explain_options *options)
{
    struct explaining self;
    struct fault fault = {""};
    bool is_same = false;
    int code = EXIT_FAILED;
    enum status status;
    init(&self, options);
    TRY(read_input(&self, &fault));
    TRY(compute(&self, &fault));
    if (self.theirs_text.len == 0 && (self.secret.len == 0 || self.raw.signature.len == 0))
        TRY(fault_set(&fault, ERR_INVALID,
                      "nothing to compare with: give the sender's canonical request or string to "
                      "sign behind a line ===, or --secret-key-file"));
    is_same = compare_and_tell(&self);
    code = command_print(name, buf_str(&self.out));
out:
    finish(&self);
    if (status != OK)
        return command_failed(name, fault.text);
    return is_same ? code : EXIT_FAILED;
}
