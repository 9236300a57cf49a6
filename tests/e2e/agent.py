"""An agent's system: signs in, places calls and asks about them, over one kept-alive connection."""
import http.client
import json
import ssl
import time

import agent_openapi
import confidential
import contract


class Answer:
    def __init__(self, response, body):
        self.status, self.headers, self.body = response.status, response.headers, body

    @property
    def json(self):
        return json.loads(self.body.decode("utf-8"))

    @property
    def code(self):
        return self.json["retCode"]

    @property
    def message(self):
        return self.json["retMsg"]

    @property
    def result(self):
        return self.json["result"]

    @property
    def serial(self):
        return self.result["callSerialNo"]

    def __repr__(self):
        return f"<HTTP {self.status} {self.body[:400]!r}>"


class Agent:
    """Not for several threads: one connection, one request at a time."""
    check = staticmethod(agent_openapi.check)  # of every answer

    def __init__(self, url, certificate=None, app_key=None, app_secret=None, timeout=60):
        self.url, self.app_key, self.app_secret, self.timeout = url, app_key, app_secret, timeout
        self.certificate = certificate
        self.token = None
        self._connection = None

    # --- HTTP ---

    def connection(self):
        if self._connection is None:
            scheme, _, authority = self.url.partition("://")
            if scheme == "https":
                trust = ssl.create_default_context(cafile=str(self.certificate))
                self._connection = http.client.HTTPSConnection(authority, timeout=self.timeout, context=trust)
            else:
                self._connection = http.client.HTTPConnection(authority, timeout=self.timeout)
        return self._connection

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def send(self, method, path, body=b"", headers=None):
        """One request as it is; a connection that failed is not used again and nothing is sent twice."""
        connection = self.connection()
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            answer = Answer(response, response.read())
        except BaseException:
            self.close()
            raise
        self.check(method, path, answer.status, answer.headers, answer.body)
        return answer

    def post(self, path, body, **headers):
        """A POST as AICC's clients make it. A header given as None is left out; `_` in its name stands for `-`."""
        given = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}" if self.token else None}
        given.update({name.replace("_", "-"): value for name, value in headers.items()})
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send("POST", path, data, {name: value for name, value in given.items() if value is not None})

    # --- Signing in ---

    def ask_token(self, app_key=None, app_secret=None, **headers):
        body = {"app_key": app_key or self.app_key, "app_secret": app_secret or self.app_secret}
        headers.setdefault("Authorization", None)
        return self.post(contract.TOKEN, body, **headers)

    def sign_in(self):
        answer = self.ask_token(X_Token_Expire="3600")
        if answer.status != 200:
            raise AssertionError(f"no token: {answer}")
        self.token = confidential.keep("token", answer.json["AccessToken"])
        return self

    # --- Calls ---

    def create_call(self, caller, called, **members):
        self._keep_numbers(caller, called)
        return self.post(contract.CREATE_CALL_V1, {"caller": caller, "called": called, **members})

    def create_call_v3(self, soft_phone, called, **members):
        self._keep_numbers(soft_phone, called)
        return self.post(contract.CREATE_CALL_V3, {"softPhone": soft_phone, "called": called, **members})

    @staticmethod
    def _keep_numbers(*numbers):
        for number in numbers:
            if isinstance(number, str) and number.lstrip("+").isdigit() and len(number) >= 11:
                confidential.keep_number(number)

    def query_state(self, serial):
        return self.post(contract.QUERY_STATE, {"callSerialNo": str(serial)})

    def state(self, serial):
        answer = self.query_state(serial)
        if answer.code != "0":
            raise AssertionError(f"queryCallState: {answer}")
        return answer.result

    def ask_recording(self, serial):
        return self.post(contract.RECORDING_ADDRESS, {"callSerialNo": str(serial)})

    def recording_url(self, serial):
        """The address is a permission: no log may hold it."""
        answer = self.ask_recording(serial)
        if answer.code != 0:
            raise AssertionError(f"getRecordingAddress: {answer}")
        confidential.keep("recording address", answer.result["url"].rpartition("/")[2])
        return answer.result["url"]

    def release(self, serial):
        return self.post(contract.RELEASE_CALL, {"callSerialNo": str(serial)})

    def query_history(self, **members):
        now_ms = int(time.time() * 1000)
        hour_ms = 3_600_000
        asked = {"startTime": str(now_ms - hour_ms), "endTime": str(now_ms + hour_ms), **members}
        return self.post(contract.QUERY_HISTORY, {name: value for name, value in asked.items() if value is not None})

    def history(self, **members):
        answer = self.query_history(**members)
        if answer.code == "1":
            return []
        if answer.code != "0":
            raise AssertionError(f"queryCallDetailRecord: {answer}")
        return answer.result["callInfo"]

    def record_of(self, serial):
        return next(call for call in self.history() if call["callSerialNo"] == str(serial))
