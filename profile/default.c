#include "profile/profile.h"

#include <assert.h>

/* ita-api.md, "the wire profile"; the codes of the API Gateway before the ITA from signing.md,
 * section 8. Its .0201 and .0705 are left out on purpose: with 502 and 504 they leave open whether
 * the ITA has acted. */
static const char default_text[] =
    "{\n"
    "  \"place\": {\n"
    "    \"method\": \"POST\",\n"
    "    \"path\": \"/v1/ngin/axmn\",\n"
    "    \"request\": {\n"
    "      \"appKey\": \"{appKey}\",\n"
    "      \"requestId\": \"{requestId}\",\n"
    "      \"telA\": \"{telA}\",\n"
    "      \"telB\": \"{telB}\",\n"
    "      \"telXMode\": \"{telXMode}\",\n"
    "      \"telX\": \"{telX}\",\n"
    "      \"areaCode\": \"{areaCode}\",\n"
    "      \"remark\": \"{remark}\",\n"
    "      \"subTime\": \"{subTime}\",\n"
    "      \"expiration\": \"{expiration}\",\n"
    "      \"extra\": {\n"
    "        \"callRecording\": \"{callRecording}\"\n"
    "      }\n"
    "    }\n"
    "  },\n"
    "  \"release\": {\n"
    "    \"method\": \"DELETE\",\n"
    "    \"path\": \"/v1/ngin/axmn/{callID}\",\n"
    "    \"request\": null\n"
    "  },\n"
    "  \"recording\": {\n"
    "    \"method\": \"GET\",\n"
    "    \"path\": \"/v1/ngin/axmn/record/{callID}\",\n"
    "    \"request\": null\n"
    "  },\n"
    "  \"query\": {\n"
    "    \"method\": \"GET\",\n"
    "    \"path\": null,\n"
    "    \"request\": null\n"
    "  },\n"
    "  \"values\": {\n"
    "    \"automatic\": \"0\",\n"
    "    \"specified\": \"1\",\n"
    "    \"recorded\": \"1\",\n"
    "    \"notRecorded\": \"0\"\n"
    "  },\n"
    "  \"remark\": \"{tenant}:{callSerialNo}\",\n"
    "  \"time\": {\n"
    "    \"format\": \"YYYYMMDDTHHMMSSZ\",\n"
    "    \"zone\": \"UTC\"\n"
    "  },\n"
    "  \"headers\": {\n"
    "    \"appKey\": \"AppKey\",\n"
    "    \"contentType\": \"application/json;charset=utf-8\",\n"
    "    \"signed\": [\"appkey\",\"content-type\",\"host\",\"x-sdk-date\"]\n"
    "  },\n"
    "  \"bodyHash\": \"real\",\n"
    "  \"answer\": {\n"
    "    \"code\": [\"/code\",\"/error_code\"],\n"
    "    \"message\": [\"/message\",\"/error_msg\"],\n"
    "    \"callID\": \"/data/callID\",\n"
    "    \"telX\": \"/data/telX\",\n"
    "    \"url\": \"/data/url\",\n"
    "    \"success\": [\"0\"]\n"
    "  },\n"
    "  \"codes\": {\n"
    "    \"APIGW.0101\": \"90100400\",\n"
    "    \"APIGW.0301\": \"90100200\",\n"
    "    \"APIGW.0302\": \"90104001\",\n"
    "    \"APIGW.0303\": \"90100200\",\n"
    "    \"APIGW.0304\": \"90104001\",\n"
    "    \"APIGW.0307\": \"90100200\",\n"
    "    \"APIGW.0308\": \"90104029\",\n"
    "    \"APIG.0101\": \"90100400\",\n"
    "    \"APIG.0301\": \"90100200\",\n"
    "    \"APIG.0302\": \"90104001\",\n"
    "    \"APIG.0303\": \"90100200\",\n"
    "    \"APIG.0304\": \"90104001\",\n"
    "    \"APIG.0307\": \"90100200\",\n"
    "    \"APIG.0308\": \"90104029\",\n"
    "    \"APIC.0101\": \"90100400\",\n"
    "    \"APIC.0301\": \"90100200\",\n"
    "    \"APIC.0302\": \"90104001\",\n"
    "    \"APIC.0303\": \"90100200\",\n"
    "    \"APIC.0304\": \"90104001\",\n"
    "    \"APIC.0307\": \"90100200\",\n"
    "    \"APIC.0308\": \"90104029\"\n"
    "  }\n"
    "}\n";

struct str profile_default_text(void)
{
    return (struct str){default_text, sizeof(default_text) - 1};
}

struct profile *profile_default(void)
{
    struct profile *profile = NULL;
    enum status status = profile_parse(STR("{}"), &profile, NULL);
    assert(status == OK);
    (void)status;
    return profile;
}
