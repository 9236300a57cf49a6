/* A callback URL and a trustlist entry. What is taken is taken again, and is the same, when it is
 * written in its one form; what is refused is refused with a rule. No host holds what another
 * reader could end it at. */

#include <stdlib.h>

#include "gateway/model/callback_trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool is_true)
{
    if (!is_true)
        abort();
}

static void check_host(const struct callback_host *host)
{
    const char *also = host->is_address ? ".:" : ".-";
    size_t len = strlen(host->name);
    expect(len > 0 && host->name[len - 1] != '.');
    for (size_t i = 0; i < len; i++) {
        char c = host->name[i];
        expect((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr(also, c) != NULL);
    }
}

static void check_url(struct str text)
{
    struct callback_url url, again;
    const struct rule *broken = NULL;
    char storage[2][2 * CALLBACK_URL_MAX];
    struct buf first, second;
    if (callback_url_read(text, &url, &broken) != OK) {
        expect(broken != NULL && broken->en != NULL && broken->zh != NULL);
        return;
    }
    check_host(&url.host);
    expect(url.host.port != 0);
    buf_init_fixed(&first, storage[0], sizeof(storage[0]));
    buf_init_fixed(&second, storage[1], sizeof(storage[1]));
    callback_url_append(&url, &first);
    expect(!buf_is_over(&first));
    if (first.len > CALLBACK_URL_MAX)
        return;
    expect(callback_url_read(buf_str(&first), &again, &broken) == OK && !again.has_fragment);
    callback_url_append(&again, &second);
    expect(str_is(buf_str(&first), buf_str(&second)));
    expect(strcmp(url.host.name, again.host.name) == 0 && url.host.port == again.host.port);
}

static void check_entry(struct str text)
{
    struct callback_trust_entry entry, again;
    struct callback_trust trust = {0};
    struct callback_url url;
    const struct rule *broken = NULL;
    char storage[CALLBACK_TRUST_TEXT_SIZE + 16];
    struct buf buf;
    if (callback_trust_entry_read(text, &entry, &broken) != OK) {
        expect(broken != NULL && broken->en != NULL && broken->zh != NULL);
        return;
    }
    expect(callback_trust_entry_read(str_of(entry.text), &again, &broken) == OK);
    expect(entry.kind == again.kind && strcmp(entry.text, again.text) == 0);
    bool is_wildcard = entry.kind == CALLBACK_TRUST_WILDCARD;
    callback_trust_add(&trust, &entry);
    buf_init_fixed(&buf, storage, sizeof(storage));
    buf_format(&buf, "https://%s%s/", is_wildcard ? "a" : "", entry.text + (is_wildcard ? 1 : 0));
    if (callback_url_read(buf_str(&buf), &url, &broken) == OK)
        expect(callback_trust_match(&trust, &url) == &trust.entries[0]);
    else
        expect(is_wildcard); /* a name that got too long */
    callback_trust_finish(&trust);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_from(data, size);
    check_url(text);
    check_entry(text);
    return 0;
}
