"""Those who administer: a person's browser, which keeps cookies, and a program with an API key."""
import http.client
import json
import ssl
from http.cookies import SimpleCookie

import admin_openapi
import confidential

SESSION, PASSWORD = "/admin/v1/session", "/admin/v1/session/password"
SESSION_COOKIE, DEVICE_COOKIE = "__Host-ita_session", "__Host-ita_device"
GOOD_PASSWORD = confidential.keep("password", "correct horse battery staple")


class Answer:
    def __init__(self, response, body):
        self.status, self.headers, self.body = response.status, response.headers, body

    @property
    def json(self):
        return json.loads(self.body.decode("utf-8"))

    @property
    def fields(self):
        """The rules that were broken, by field."""
        return {error["pointer"]: error["rule"] for error in self.json.get("errors", [])}

    def check(self, method, path):
        """Against openapi.json."""
        admin_openapi.check(method, path, self.status, self.headers, self.body)

    def __repr__(self):
        return f"<HTTP {self.status} {self.body[:400]!r}>"


class Client:
    """One connection, one request at a time."""

    def __init__(self, gateway):
        self.gateway = gateway
        self._connection = None

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def connection(self):
        if self._connection is None:
            scheme, _, authority = self.gateway.admin_url.partition("://")
            if scheme == "https":
                trust = ssl.create_default_context(cafile=str(self.gateway.certificate))
                self._connection = http.client.HTTPSConnection(authority, timeout=60, context=trust)
            else:
                self._connection = http.client.HTTPConnection(authority, timeout=60)
        return self._connection

    def send(self, method, path, body=None, headers=None):
        """body: bytes as they are, or anything that becomes JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        try:
            connection = self.connection()
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            # A stream does not end: what it says is left to those who follow it.
            is_stream = response.headers.get_content_type() == "text/event-stream"
            answer = Answer(response, b"" if is_stream else response.read())
        except BaseException:
            self.close()
            raise
        if is_stream or answer.headers.get("Connection") == "close":
            self.close()
        return answer


class Browser(Client):
    def __init__(self, gateway):
        super().__init__(gateway)
        self.cookies, self.csrf_token = {}, None

    def ask(self, method, path, body=None, **headers):
        """With its cookies and CSRF token. A header given as None is left out; `_` stands for `-`."""
        given = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()) or None,
                 "X-CSRF-Token": self.csrf_token if method not in ("GET", "HEAD") else None}
        given.update({name.replace("_", "-"): value for name, value in headers.items()})
        answer = self.send(method, path, body, {name: value for name, value in given.items() if value is not None})
        answer.check(method, path)
        self._keep_cookies(answer)
        return answer

    def _keep_cookies(self, answer):
        for header in answer.headers.get_all("Set-Cookie") or []:
            for name, cookie in SimpleCookie(header).items():
                if cookie.value:
                    self.cookies[name] = confidential.keep(name, cookie.value)
                else:
                    self.cookies.pop(name, None)

    def _keep_session(self, answer):
        if answer.status == 200:
            self.csrf_token = confidential.keep("CSRF token", answer.json["csrfToken"])
        return answer

    def try_sign_in(self, user, password, **headers):
        return self._keep_session(self.ask("POST", SESSION, {"user": user, "password": password}, **headers))

    def try_change_password(self, old, new):
        return self._keep_session(self.ask("PUT", PASSWORD, {"oldPassword": old, "newPassword": new}))

    def sign_in(self, user, password=GOOD_PASSWORD):
        answer = self.try_sign_in(user, password)
        if answer.status != 200:
            raise AssertionError(f"{user} can't sign in: {answer}")
        return self

    def settle_in(self, user, one_time_password):
        """The first sign-in, and a password of his own: GOOD_PASSWORD."""
        self.sign_in(user, one_time_password)
        answer = self.try_change_password(one_time_password, GOOD_PASSWORD)
        if answer.status != 200:
            raise AssertionError(f"{user} can't change the password: {answer}")
        return self

    @property
    def session(self):
        return self.ask("GET", SESSION)


class Automaton(Client):
    def __init__(self, gateway, key):
        super().__init__(gateway)
        self.key = key

    def ask(self, method, path, body=None, **headers):
        given = {"Authorization": f"Bearer {self.key}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        answer = self.send(method, path, body, given)
        answer.check(method, path)
        return answer
