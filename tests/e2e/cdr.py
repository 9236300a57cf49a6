"""The ITA's side of the CDR push, by hand: builds a record, signs it and delivers it (agent-api.md, section 9)."""
import http.client
import json
import ssl
import time

import agent_openapi
import confidential
import contract
import sdk_signature
from agent import Answer

SHANGHAI_S = 8 * 3600


def cdr_time(at):
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(at + SHANGHAI_S))


def cdr(call_id, remark, caller, called, tel_x="057100000099", cause="16", **changed):
    """What the ITA tells of a call that ended just now after 30 seconds of talk."""
    now = time.time()
    record = {
        "callID": call_id, "remark": remark, "startTime": cdr_time(now - 40), "finishTime": cdr_time(now),
        "callDuration": "30", "callerAnswerTime": cdr_time(now - 35), "calledAnswerTime": cdr_time(now - 30),
        "releaseCause": cause, "appKey": "", "telA": caller, "telX": tel_x, "telB": called, "calledDisplay": tel_x,
    }
    record.update(changed)
    return {name: value for name, value in record.items() if value is not None}


class CdrSender:
    """Pushes with one AccessKey, each time on a fresh connection from `source` (an address of the loopback net)."""

    def __init__(self, gateway, access_key, secret_key, source="127.0.0.1"):
        self.gateway, self.access_key, self.secret_key, self.source = gateway, access_key, secret_key, source

    def headers(self, at=None, content_type=contract.JSON_TYPE):
        return {"Host": self.gateway.authority, "Content-Type": content_type, "X-Sdk-Date": sdk_signature.sdk_date(at)}

    def push(self, record, at=None, signed=None, change=None, path=contract.STATUS_NOTIFY):
        """signed: names of the headers to sign (all by default); change: edits the signed headers before they go."""
        body = record if isinstance(record, bytes) else json.dumps(record).encode()
        headers = self.headers(at)
        headers["Authorization"] = sdk_signature.authorization("POST", path, headers, body, self.access_key,
                                                               self.secret_key, signed)
        confidential.keep("signature", headers["Authorization"][-64:])
        if change is not None:
            change(headers)
        return self.deliver(body, headers, path)

    def deliver(self, body, headers, path=contract.STATUS_NOTIFY):
        """Sends what was signed before, byte for byte."""
        scheme, _, authority = self.gateway.url.partition("://")
        if scheme == "https":
            trust = ssl.create_default_context(cafile=str(self.gateway.certificate))
            connection = http.client.HTTPSConnection(authority, timeout=30, context=trust,
                                                     source_address=(self.source, 0))
        else:
            connection = http.client.HTTPConnection(authority, timeout=30, source_address=(self.source, 0))
        try:
            connection.request("POST", path, body=body, headers=headers)
            response = connection.getresponse()
            answer = Answer(response, response.read())
        finally:
            connection.close()
        agent_openapi.check("POST", path, answer.status, answer.headers, answer.body)
        return answer
