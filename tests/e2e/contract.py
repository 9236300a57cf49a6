"""What the contract fixes, as the tests read it: paths, codes and their texts (agent-api.md, ita-api.md)."""

TOKEN = "/apigovernance/api/oauth/tokenByAkSk"
CREATE_CALL_V1 = "/apiaccess/CC-Management/v1/mobileAgent/createCall"
CREATE_CALL_V3 = "/apiaccess/CC-Management/v3/mobileAgent/createCall"
QUERY_STATE = "/apiaccess/CC-Management/v1/mobileAgent/queryCallState"
QUERY_HISTORY = "/apiaccess/CC-Management/v1/mobileAgent/queryCallDetailRecord"
RECORDING_ADDRESS = "/apiaccess/CC-Management/v1/mobileAgent/getRecordingAddress"
RELEASE_CALL = "/apiaccess/CC-Management/v1/mobileAgent/releaseCall"
STATUS_NOTIFY = "/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify"
PLACE_CALL = "/v1/ngin/axmn"

JSON_TYPE = "application/json; charset=UTF-8"

# agent-api.md, section 5: passed on with exactly these texts.
ITA_CODES = {
    "90100100": "Invalid Input Parameter",
    "90100200": "Auth Failed",
    "90100300": "Bad Request",
    "90100400": "Not found",
    "90100600": "Internal Server Error",
    "90102001": "Insufficient Balance",
    "90102002": "Request Restriction",
    "90104001": "Insufficient Permission",
    "90104003": "Request Forbidden",
    "90104004": "Service Unavailable",
    "90104008": "Service Process Failure",
    "90104029": "Too Many Requests",
    "90106001": "Binding relationship already exists",
    "90106002": "Binding relationship not exists",
    "90106003": "Insufficient Number resources",
    "90106004": "No corresponding number found",
    "90106005": "Inconsistent binding data",
    "90106006": "Other Error",
    "90106010": "Policy Forbid",
    "90106011": "Caller Forbid",
    "90106012": "Callee forbid",
}
UNAVAILABLE = "90104004"      # surely not placed
PROCESS_FAILURE = "90104008"  # outcome unknown
NUMBERS_EXHAUSTED = "90106003"

# agent-api.md, section 7
WAITING, CALLING, TALKING, ENDED = "0", "1", "2", "3"

# Magic endings of the customer's number, as mock-ita documents them. Each completes a prefix of 7 digits.
MAGIC_BUSY, MAGIC_NO_ANSWER, MAGIC_REJECTED, MAGIC_AGENT_SILENT = "00017", "00019", "00021", "00018"
MAGIC_NO_CDR, MAGIC_CDR_TWICE, MAGIC_CDR_FIRST = "80001", "80002", "80003"
MAGIC_NO_RESPONSE, MAGIC_ERROR_AFTER, MAGIC_CLOSED_AFTER = "80004", "80005", "80006"


def magic_refusal(code):
    """The ending with which mock-ita refuses a call with that code."""
    return "9" + code[-4:]
