#!/usr/bin/env python3
"""mock-ita held to code that nobody here wrote: the vendor's JavaScript SDK signs what the mock must take, and says
what the mock's own signatures must be. Skipped where npm can't be reached."""
import http.client
import json
import time
from hashlib import sha256
from urllib.parse import parse_qsl

import confidential
import contract
import sdk_signature
from harness import Mock, Story, main
from push_receiver import PushReceiver
from vendor_sdk import VendorSdk

JSON_TYPE = "application/json"


class VendorStory(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sdk = VendorSdk(Mock.access_key, Mock.secret_key)
        cls.addClassCleanup(cls.sdk.close)

    @classmethod
    def runs_plain_mock(cls, *words, speed=100):
        cls.mock = cls.runs_mock(None, tls=False, speed=speed, words=["--no-lock", *words])
        cls.origin = f"http://{cls.mock.authority}"

    @staticmethod
    def order(**changed):
        return Mock.order(telA=confidential.agent_number(), telB=confidential.customer_number(), **changed)


class SdkClient(VendorStory):
    """The SDK's whole client: signer, HTTP and all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs_plain_mock("--unknown-members", "note", speed=1)  # parameters that no profile has

    def send(self, method, path, data=None, query=None, **keys):
        return self.sdk.send(method, self.origin, path, {"AppKey": Mock.app_key}, data, query, **keys)

    def place(self):
        status, body = self.send("POST", contract.PLACE_CALL, self.order())
        self.assertEqual((status, body.get("code")), (200, "0"), body)
        return body["data"]["callID"]

    def test_it_places_a_call(self):
        self.assertIn(self.place(), [call["callID"] for call in self.mock.calls()])

    def test_it_queries_a_call(self):
        call_id = self.place()
        status, body = self.send("GET", f"{contract.PLACE_CALL}/{call_id}")
        self.assertEqual((status, body.get("code")), (200, "0"), body)
        self.assertEqual(body["data"]["callID"], call_id)

    def test_it_queries_with_parameters(self):
        query = {"b": "2", "a": "1 2/3", "empty": "", "name": "caf\u00e9"}
        status, body = self.send("GET", f"{contract.PLACE_CALL}/{self.place()}", query=query)
        self.assertEqual((status, body.get("code")), (200, "0"), body)

    def test_it_releases_a_call(self):
        call_id = self.place()
        status, body = self.send("DELETE", f"{contract.PLACE_CALL}/{call_id}")
        self.assertEqual((status, body.get("code")), (200, "0"), body)
        self.assertEqual([call["state"] for call in self.mock.calls() if call["callID"] == call_id], ["ended"])

    def test_with_another_secret_it_is_refused(self):
        status, body = self.send("POST", contract.PLACE_CALL, self.order(), sk="another-fake-secret-key")
        self.assertEqual((status, body.get("error_code")), (401, "APIGW.0301"), body)
        self.assertIn("verify aksk signature fail", body["error_msg"])


class OneThingChanged(VendorStory):
    """Signed by the SDK's signer, then one thing is changed on the way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs_plain_mock("--unknown-members", "note")

    def setUp(self):
        self.method, self.target, self.data = "POST", contract.PLACE_CALL, self.order()

    def signed(self, date=None, app_key=Mock.app_key, **keys):
        """The request as (headers, body) that the SDK has signed."""
        path, _, query = self.target.partition("?")
        headers = {"AppKey": app_key, "content-type": JSON_TYPE}
        if date is not None:
            headers["X-Sdk-Date"] = date
        headers = self.sdk.sign(self.method, self.origin + path, headers, self.data, dict(parse_qsl(query)), **keys)
        confidential.keep("signature", headers["Authorization"][-64:])
        return headers, json.dumps(self.data, separators=(",", ":")).encode() if self.data else b""

    def deliver(self, headers, body):
        connection = http.client.HTTPConnection(self.mock.authority, timeout=30)
        try:
            connection.request(self.method, self.target, body, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def assert_accepted(self, headers, body):
        status, answer = self.deliver(headers, body)
        self.assertEqual((status, answer.get("code")), (200, "0"), answer)

    def assert_refused(self, check, headers, body):
        """Refused because that check failed; returns the request that the mock would have signed."""
        before = len(self.mock.calls())
        status, answer = self.deliver(headers, body)
        self.assertEqual((status, answer.get("error_code")), (401, "APIGW.0301"), answer)
        self.assertEqual(answer["mock"]["check"], check, answer)
        self.assertEqual(len(self.mock.calls()), before, "no call is placed")
        return answer["mock"]["canonicalRequest"].split("\n")

    def query_of_a_call(self):
        self.data = self.order()
        call_id = self.deliver(*self.signed())[1]["data"]["callID"]
        self.method, self.target, self.data = "GET", f"{contract.PLACE_CALL}/{call_id}?a=1&b=2", None

    def test_unchanged_it_is_accepted(self):
        self.assert_accepted(*self.signed())
        self.query_of_a_call()
        self.assert_accepted(*self.signed())

    def test_a_header_that_is_not_signed_may_change(self):
        headers, body = self.signed()
        self.assert_accepted({**headers, "Accept": "text/html"}, body)

    def test_a_byte_of_the_body(self):
        headers, body = self.signed()
        changed = body.replace(b'"telXMode":"0"', b'"telXMode":"1"')
        self.assertNotEqual(changed, body)
        canonical = self.assert_refused("signature_wrong", headers, changed)
        self.assertEqual(canonical[-1], sha256(changed).hexdigest())

    def test_a_byte_of_the_path(self):
        self.query_of_a_call()
        headers, body = self.signed()
        self.target = self.target.replace("/mock-", "/m0ck-")
        canonical = self.assert_refused("signature_wrong", headers, body)
        self.assertEqual(canonical[1], self.target.partition("?")[0] + "/")

    def test_a_byte_of_the_query(self):
        self.query_of_a_call()
        headers, body = self.signed()
        self.target = self.target.replace("b=2", "b=3")
        self.assertEqual(self.assert_refused("signature_wrong", headers, body)[2], "a=1&b=3")

    def test_the_method(self):
        self.query_of_a_call()
        headers, body = self.signed()
        self.method = "DELETE"
        self.assertEqual(self.assert_refused("signature_wrong", headers, body)[0], "DELETE")

    def test_a_signed_header(self):
        headers, body = self.signed()
        changed = {**headers, "content-type": JSON_TYPE + ";charset=utf-8"}
        self.assertIn(f"content-type:{JSON_TYPE};charset=utf-8", self.assert_refused("signature_wrong", changed, body))

    def test_a_signed_header_that_is_missing(self):
        headers, body = self.signed()
        del headers["AppKey"]
        self.assert_refused("signed_header_missing", headers, body)

    def test_the_host(self):
        headers, body = self.signed()
        changed = {**headers, "host": "ita.example.test"}
        self.assertIn("host:ita.example.test", self.assert_refused("signature_wrong", changed, body))

    def test_a_date_within_the_window(self):
        signed_at = time.time() - 60
        headers, body = self.signed(sdk_signature.sdk_date(signed_at))
        another = sdk_signature.sdk_date(signed_at - 1)
        changed = {**headers, "X-Sdk-Date": another}
        self.assertIn(f"x-sdk-date:{another}", self.assert_refused("signature_wrong", changed, body))
        self.assert_accepted(headers, body)

    def test_a_date_before_the_window(self):
        self.assert_refused("date_too_old", *self.signed(sdk_signature.sdk_date(time.time() - 16 * 60)))

    def test_a_date_after_the_window(self):
        self.assert_refused("date_too_new", *self.signed(sdk_signature.sdk_date(time.time() + 16 * 60)))

    def test_an_access_key_that_nobody_has(self):
        self.assert_refused("key_unknown", *self.signed(ak="ANOTHERFAKEKEY01"))

    def test_another_secret(self):
        self.assert_refused("signature_wrong", *self.signed(sk="another-fake-secret-key"))

    def test_another_app_key(self):
        headers, body = self.signed()
        self.assert_refused("app_key_wrong", {**headers, "AppKey": "another-fake-app-key"}, body)

    def test_another_app_key_well_signed(self):
        self.assert_refused("app_key_wrong", *self.signed(app_key="another-fake-app-key"))

    def test_a_digit_of_the_signature(self):
        headers, body = self.signed()
        last = headers["Authorization"][-1]
        headers["Authorization"] = headers["Authorization"][:-1] + ("0" if last != "0" else "1")
        self.assert_refused("signature_wrong", headers, body)

    def test_the_same_again(self):
        headers, body = self.signed()
        self.assert_accepted(headers, body)
        self.assert_refused("replayed", headers, body)


class PushesOfTheMock(VendorStory):
    """A CDR that the mock pushes carries the signature that the SDK would have made."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receiver = PushReceiver("/notify/%E8%AF%9D%E5%8D%95/cdr?b=2&a=1%202&empty=")
        cls.addClassCleanup(cls.receiver.stop)
        cls.runs_plain_mock("--push-url", cls.receiver.url)
        status, answer = cls.sdk.send("POST", cls.origin, contract.PLACE_CALL, {"AppKey": Mock.app_key},
                                      cls.order(remark="fake remark \u8bdd\u5355 \"quoted\" \\ / \u0001"))
        assert status == 200, answer

    def as_signed_by_the_sdk(self, body):
        target, sent, _ = self.receiver.first()
        self.assertEqual(target, self.receiver.url[len(self.receiver.origin):])
        signed = {"X-Sdk-Date": sent["X-Sdk-Date"], "AppKey": sent["AppKey"], "content-type": sent["Content-Type"]}
        # The SDK encodes the path itself and so wants it decoded.
        return sent["Authorization"], self.sdk.sign("POST", self.receiver.origin + "/notify/\u8bdd\u5355/cdr", signed,
                                                    body, {"b": "2", "a": "1 2", "empty": ""})["Authorization"]

    def test_the_signature_is_the_sdks(self):
        body = self.receiver.first()[2]
        data = json.loads(body)
        # The SDK signs JSON.stringify(data): only then is it the same text.
        self.assertEqual(json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode(), body)
        sent, expected = self.as_signed_by_the_sdk(data)
        self.assertEqual(sent, expected)

    def test_for_another_body_it_would_be_another(self):
        data = json.loads(self.receiver.first()[2])
        data["releaseCause"] = "17"
        sent, expected = self.as_signed_by_the_sdk(data)
        self.assertNotEqual(sent, expected)


if __name__ == "__main__":
    main()
