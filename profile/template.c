#include "profile/template.h"

#include "base/encoding.h"
#include "base/mem.h"

static const char *const variable_names[] = {
#define X(name, text) [name] = (text),
    PROFILE_VARIABLE_MAP(X)
#undef X
};

static bool find_variable(struct str name, enum profile_variable *out)
{
    for (unsigned i = 0; i < PROFILE_VARIABLES; i++) {
        if (!str_is(name, str_of(variable_names[i])))
            continue;
        *out = (enum profile_variable)i;
        return true;
    }
    return false;
}

static void add_piece(struct profile_template *self, struct profile_piece piece)
{
    self->pieces = mem_resize(self->pieces, (self->count + 1) * sizeof(*self->pieces));
    self->pieces[self->count++] = piece;
}

/* Takes "{name}" off the front of *rest. */
static enum status parse_variable(struct profile_template *self, struct str *rest, unsigned allowed,
                                  struct fault *fault)
{
    size_t end = str_find(*rest, '}');
    if (end == rest->len)
        return fault_set(fault, ERR_INVALID, "'{' without '}'");
    struct str name = str_slice(*rest, 1, end - 1);
    struct profile_piece piece = {0};
    if (!find_variable(name, &piece.variable))
        return fault_set(fault, ERR_INVALID, "{%.*s} is not a variable",
                         (int)(name.len < 32 ? name.len : 32), name.ptr);
    if ((allowed & PROFILE_VARIABLE_BIT(piece.variable)) == 0)
        return fault_set(fault, ERR_INVALID, "{%s} has no value here",
                         variable_names[piece.variable]);
    add_piece(self, piece);
    *rest = str_slice(*rest, end + 1, rest->len);
    return OK;
}

enum status profile_template_parse(struct str text, unsigned allowed, struct profile_template *out,
                                   struct fault *fault)
{
    struct profile_template template = {0};
    enum status status;
    while (text.len > 0) {
        if (template.count == PROFILE_PIECES_MAX)
            TRY(fault_set(fault, ERR_TOO_BIG, "over %d variables and texts between them",
                          PROFILE_PIECES_MAX));
        size_t len = str_find(text, '{');
        if (len == 0) {
            TRY(parse_variable(&template, &text, allowed, fault));
            continue;
        }
        struct str literal = str_slice(text, 0, len);
        if (str_find(literal, '}') < len)
            TRY(fault_set(fault, ERR_INVALID, "'}' without '{'"));
        add_piece(&template, (struct profile_piece){.literal = literal});
        text = str_slice(text, len, text.len);
    }
    *out = template;
    return OK;
out:
    profile_template_finish(&template);
    return status;
}

void profile_template_finish(struct profile_template *self)
{
    mem_free(self->pieces);
    *self = (struct profile_template){0};
}

static bool is_variable(const struct profile_piece *piece)
{
    return piece->literal.ptr == NULL;
}

unsigned profile_template_variables(const struct profile_template *self)
{
    unsigned bits = 0;
    for (size_t i = 0; i < self->count; i++)
        if (is_variable(&self->pieces[i]))
            bits |= PROFILE_VARIABLE_BIT(self->pieces[i].variable);
    return bits;
}

bool profile_template_is_unset(const struct profile_template *self,
                               const struct profile_values *values)
{
    return self->count == 1 && is_variable(&self->pieces[0]) &&
           values->of[self->pieces[0].variable].ptr == NULL;
}

void profile_template_append(const struct profile_template *self,
                             const struct profile_values *values, struct buf *out)
{
    for (size_t i = 0; i < self->count; i++) {
        const struct profile_piece *piece = &self->pieces[i];
        buf_append(out, is_variable(piece) ? values->of[piece->variable] : piece->literal);
    }
}

void profile_template_append_encoded(const struct profile_template *self,
                                     const struct profile_values *values, struct buf *out)
{
    for (size_t i = 0; i < self->count; i++) {
        const struct profile_piece *piece = &self->pieces[i];
        if (is_variable(piece))
            percent_append(out, values->of[piece->variable]);
        else
            buf_append(out, piece->literal);
    }
}

void profile_template_print(const struct profile_template *self, struct buf *out)
{
    for (size_t i = 0; i < self->count; i++) {
        const struct profile_piece *piece = &self->pieces[i];
        if (is_variable(piece))
            buf_format(out, "{%s}", variable_names[piece->variable]);
        else
            buf_append(out, piece->literal);
    }
}

const char *profile_variable_name(enum profile_variable variable)
{
    return variable_names[variable];
}

/* --- Reading back --- */

enum {
    MATCH_TRIES_MAX = 64 * 1024, /* two variables in 256 bytes; each try looks at its value once */
};

struct match {
    const struct profile_template *template;
    profile_fits *fits;
    const void *data;
    struct profile_values trial, found;
    size_t tries_left;
    int ways;
};

/* Whether the value can be the variable's that stands at `at`, given those before it. */
static bool is_possible(const struct match *match, size_t at, struct str value)
{
    enum profile_variable variable = match->template->pieces[at].variable;
    for (size_t i = 0; i < at; i++) {
        const struct profile_piece *piece = &match->template->pieces[i];
        if (is_variable(piece) && piece->variable == variable)
            return str_is(match->trial.of[variable], value);
    }
    return match->fits(match->data, variable, value);
}

/* Whether the text can go on with the piece at `at`: asked first, as it costs less than to look at
 * the value before it. */
static bool can_follow(const struct profile_template *template, size_t at, struct str text)
{
    return at == template->count || is_variable(&template->pieces[at]) ||
           str_starts(text, template->pieces[at].literal);
}

/* How the pieces from `at` on can make up the text. Calls itself as deep as there are pieces. */
static void match_from(struct match *match, size_t at, struct str text)
{
    const struct profile_template *template = match->template;
    if (at == template->count) {
        if (text.len == 0 && match->ways++ == 0)
            match->found = match->trial;
        return;
    }
    const struct profile_piece *piece = &template->pieces[at];
    if (!is_variable(piece)) {
        if (str_starts(text, piece->literal))
            match_from(match, at + 1, str_slice(text, piece->literal.len, text.len));
        return;
    }
    size_t len = at + 1 == template->count ? text.len : 0;
    for (; len <= text.len && match->ways < 2 && match->tries_left > 0; len++) {
        struct str value = str_slice(text, 0, len), rest = str_slice(text, len, text.len);
        match->tries_left--;
        if (!can_follow(template, at + 1, rest) || !is_possible(match, at, value))
            continue;
        struct str before = match->trial.of[piece->variable];
        match->trial.of[piece->variable] = value;
        match_from(match, at + 1, rest);
        match->trial.of[piece->variable] = before;
    }
}

int profile_template_match(const struct profile_template *self, struct str text, profile_fits *fits,
                           const void *data, struct profile_values *values)
{
    struct match match = {.template = self,
                          .fits = fits,
                          .data = data,
                          .trial = *values,
                          .tries_left = MATCH_TRIES_MAX};
    match_from(&match, 0, text);
    if (match.tries_left == 0)
        return 0;
    if (match.ways > 0)
        *values = match.found;
    return match.ways;
}

static bool fits_remark(const void *data, enum profile_variable variable, struct str value)
{
    static const char tenant_bytes[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    (void)data;
    if (variable == PROFILE_VARIABLE_CALL_SERIAL)
        return str_is_digits(value);
    for (size_t i = 0; i < value.len; i++)
        if (memchr(tenant_bytes, value.ptr[i], sizeof(tenant_bytes) - 1) == NULL)
            return false;
    return value.len > 0;
}

enum status profile_template_read(const struct profile_template *self, struct str text,
                                  struct str *tenant, struct str *serial)
{
    enum { READ_MAX = 256 }; /* ITA_CDR_TEXT_MAX */
    struct profile_values values = {0};
    if (text.len > READ_MAX || profile_template_match(self, text, fits_remark, NULL, &values) != 1)
        return ERR_INVALID;
    *tenant = values.of[PROFILE_VARIABLE_TENANT];
    *serial = values.of[PROFILE_VARIABLE_CALL_SERIAL];
    return OK;
}
