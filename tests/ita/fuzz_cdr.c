/* CDRs: any bytes; what is accepted keeps the promises of ita/cdr.h. */

#include <stdlib.h>

#include "ita/cdr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { SHANGHAI_S = 8 * 3600 };
    struct ita_cdr cdr;
    struct fault fault;
    if (ita_cdr_decode(str_from(data, size), SHANGHAI_S, &cdr, &fault) != OK)
        return 0;
    const struct str texts[] = {
        cdr.call_id, cdr.remark,         cdr.tel_a,   cdr.tel_b,
        cdr.tel_x,   cdr.called_display, cdr.app_key, cdr.release_cause_text};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i].len > ITA_CDR_TEXT_MAX || !str_is_utf8(texts[i]))
            abort();
    if (cdr.call_id.len == 0 || cdr.remark.len == 0 || cdr.duration_s < -1 ||
        cdr.release_cause < -1)
        abort();
    ita_cdr_finish(&cdr);
    return 0;
}
