#include "ita/code.h"

#include "base/mem.h"

static const struct {
    const char *code, *text;
} codes[] = {
    {"90100100", "Invalid Input Parameter"},
    {"90100200", "Auth Failed"},
    {"90100300", "Bad Request"},
    {"90100400", "Not found"},
    {"90100600", "Internal Server Error"},
    {"90102001", "Insufficient Balance"},
    {"90102002", "Request Restriction"},
    {"90104001", "Insufficient Permission"},
    {"90104003", "Request Forbidden"},
    {"90104004", "Service Unavailable"},
    {"90104008", "Service Process Failure"},
    {"90104029", "Too Many Requests"},
    {"90106001", "Binding relationship already exists"},
    {"90106002", "Binding relationship not exists"},
    {"90106003", "Insufficient Number resources"},
    {"90106004", "No corresponding number found"},
    {"90106005", "Inconsistent binding data"},
    {"90106006", "Other Error"},
    {"90106010", "Policy Forbid"},
    {"90106011", "Caller Forbid"},
    {"90106012", "Callee forbid"},
};

/* By cause. */
static const char *const q850_texts[] = {
    [0] = "n/a",
    [1] = "number not found",
    [2] = "no route to network",
    [3] = "no route to destination",
    [4] = "special message",
    [5] = "trunk prefix error",
    [6] = "channel not acceptable",
    [7] = "channel already established",
    [8] = "pre-emption",
    [9] = "pre-emption reserved",
    [16] = "normal clearing",
    [17] = "user busy",
    [18] = "no response",
    [19] = "no user answer",
    [20] = "user not reachable",
    [21] = "call rejected",
    [22] = "number changed",
    [23] = "redirected",
    [25] = "exchange routing error",
    [26] = "no user permission",
    [27] = "destination out of order",
    [28] = "invalid number format",
    [29] = "facility rejected",
    [30] = "status enquiry",
    [31] = "normal",
    [34] = "route not reachable",
    [38] = "network bad",
    [39] = "service not connected",
    [40] = "link in progress",
    [41] = "temporary failure",
    [42] = "equipment congestion",
    [43] = "information discarded",
    [44] = "channel not available",
    [46] = "call blocked",
    [47] = "no resource",
    [49] = "quality invalid",
    [50] = "facility not subscribed",
    [53] = "CUG outgoing barred",
    [55] = "CUG incoming barred",
    [57] = "no right to send",
    [58] = "sending not available",
    [62] = "class inconsistent",
    [63] = "service invalid",
    [65] = "sending not implemented",
    [66] = "channel not implemented",
    [69] = "facility invalid",
    [70] = "sending valid",
    [79] = "service not set",
    [81] = "illegal reference",
    [82] = "channel does not exist",
    [83] = "ID does not exist",
    [84] = "call ID does not exist",
    [85] = "no call waiting",
    [86] = "hidden-number call",
    [87] = "CUG no member",
    [88] = "destination conflict",
    [90] = "CUG does not exist",
    [91] = "invalid network",
    [95] = "invalid information",
    [96] = "mandatory element missing",
    [97] = "type does not exist",
    [98] = "message not implemented",
    [99] = "element does not exist",
    [100] = "invalid element",
    [101] = "call state inconsistent",
    [102] = "timer expired",
    [103] = "parameter does not exist",
    [110] = "unrecognised parameter",
    [111] = "protocol error",
    [127] = "unspecified",
};

const char *ita_code_text(struct str code)
{
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (str_is(code, str_of(codes[i].code)))
            return codes[i].text;
    return NULL;
}

const char *ita_q850_text(int64_t cause)
{
    if (cause < 0 || cause >= (int64_t)COUNT_OF(q850_texts))
        return NULL;
    return q850_texts[cause];
}
