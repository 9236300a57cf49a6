"""A reader of server-sent events of the admin API (text/event-stream, WHATWG HTML 9.2), as a browser's EventSource is one."""
import contextlib
import http.client
import json
import queue
import socket
import ssl
import threading

import jsonschema

import admin_openapi
from administrator import SESSION_COOKIE

WAIT_S = 30


class Event:
    def __init__(self, name, data):
        self.name, self.data = name, json.loads(data)
        schema = admin_openapi.operations["GET", "/admin/v1/tenants/{tenant}/events"]["x-events"].get(name)
        if schema is not None:
            jsonschema.Draft202012Validator(schema, resolver=admin_openapi.resolver).validate(self.data)

    def __repr__(self):
        return f"<{self.name} {self.data}>"


class EventStream:
    """Opens the stream and reads it in a thread of its own. What an administrator shows, he shows here as well."""

    def __init__(self, client, tenant, is_slow=False, **headers):
        self.headers_sent = {"Accept": "text/event-stream", **{n.replace("_", "-"): v for n, v in headers.items()}}
        if hasattr(client, "key"):
            self.headers_sent["Authorization"] = f"Bearer {client.key}"
        else:
            self.headers_sent["Cookie"] = f"{SESSION_COOKIE}={client.cookies.get(SESSION_COOKIE, '')}"
        self.path = f"/admin/v1/tenants/{tenant}/events"
        self.events, self.comments, self.has_ended = queue.Queue(), 0, threading.Event()
        scheme, _, authority = client.gateway.admin_url.partition("://")
        if scheme == "https":
            trust = ssl.create_default_context(cafile=str(client.gateway.certificate))
            self._connection = http.client.HTTPSConnection(authority, timeout=60, context=trust)
        else:
            self._connection = http.client.HTTPConnection(authority, timeout=60)
        self._connection.request("GET", self.path, headers=self.headers_sent)
        self.response = self._connection.getresponse()
        self.status = self.response.status
        admin_openapi.check("GET", self.path, self.status, self.response.headers,
                            b"" if self.status == 200 else self.response.read())
        self._thread = threading.Thread(target=self._read, daemon=True)
        if self.status == 200 and not is_slow:
            self._thread.start()

    def read_on(self):
        """For one that was opened as slow."""
        self._thread.start()

    def _read(self):
        name, data = None, []
        try:
            while line := self.response.readline():
                field, _, value = line.decode("utf-8").rstrip("\n").partition(":")
                if field == "" and value:
                    self.comments += 1
                elif field == "event":
                    name = value.strip()
                elif field == "data":
                    data.append(value.strip())
                elif field == "" and name is not None:
                    self.events.put(Event(name, "\n".join(data)))
                    name, data = None, []
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass  # closed here, or cut off between two chunks, over which http.client stumbles
        self.has_ended.set()

    def next(self, name=None, fits=lambda data: True, seconds=WAIT_S):
        """The next event, or the next of that name that fits."""
        while True:
            event = self.events.get(timeout=seconds)
            if name is None or (event.name == name and fits(event.data)):
                return event

    def await_call(self, serial, **members):
        """The next event of that call in which these members are so."""
        return self.next("call", lambda data: data["callSerialNo"] == str(serial)
                         and all(data[name] == value for name, value in members.items())).data

    def waiting(self):
        """All that have come by now."""
        found = []
        while not self.events.empty():
            found.append(self.events.get())
        return found

    def close(self):
        if self._connection.sock is not None:
            with contextlib.suppress(OSError):  # the other side was first
                self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._connection.close()
