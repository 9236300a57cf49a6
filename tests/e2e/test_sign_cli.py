#!/usr/bin/env python3
"""ita-gateway sign and verify, against the vectors and against a signer written here from signing.md alone."""
import base64
import hashlib
import hmac
import json
import os
import random
import subprocess
import time
import unittest
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = str(Path(os.environ["BUILD"]) / "bin" / "ita-gateway")
AGREED = ROOT / "tests/vectors/sdk-hmac-sha256.jsonl"
DISPUTED = ROOT / "tests/vectors/sdk-hmac-sha256-refuse-or-avoid.jsonl"
DATE = "20300102T030405Z"


def run(*words, lines=()):
    """Feeds lines (objects, or bytes as they are); gives the exit code and the answers."""
    text = b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
    done = subprocess.run([PROGRAM, *words], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def vectors(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def stages(answer):
    """What a vector calls the parts of an answer of `sign`."""
    lines = answer["canonical_request"].split("\n")
    return {
        "canonical_uri": lines[1],
        "canonical_query": lines[2],
        "signed_headers": answer["signed_headers"],
        "payload_hash": lines[-1],
        "canonical_request": answer["canonical_request"],
        "string_to_sign": answer["string_to_sign"],
        "signature": answer["authorization"].rsplit("=", 1)[1],
        "authorization": answer["authorization"],
    }


def encode(part):
    return quote(part, safe="-_.~")


def sign(request):
    """signing.md, sections 2 to 6, in Python."""
    _, _, rest = request["url"].partition("://")
    cut = min((rest.find(c) for c in "/?" if c in rest), default=len(rest))
    path, _, query = rest[cut:].partition("?")
    uri = "/".join(encode(segment) for segment in unquote_to_bytes(path or "/").split(b"/"))
    uri += "" if uri.endswith("/") else "/"
    pairs = []
    for piece in filter(None, query.split("&")):
        name, _, value = piece.partition("=")
        pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
    canonical_query = "&".join(f"{encode(name)}={encode(value)}" for name, value in sorted(pairs))
    headers = {"host": rest[:cut], "x-sdk-date": request["date"]}
    headers.update((name.lower(), value.strip(" \t")) for name, value in request["headers"].items())
    body = base64.b64decode(request["body_b64"]) if "body_b64" in request else request.get("body", "").encode()
    names = sorted(headers)
    canonical = "\n".join([request["method"], uri, canonical_query, *(f"{name}:{headers[name]}" for name in names), "",
                           ";".join(names), headers.get("x-sdk-content-sha256", hashlib.sha256(body).hexdigest())])
    text = "\n".join(["SDK-HMAC-SHA256", request["date"], hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(request["sk"].encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"SDK-HMAC-SHA256 Access={request['ak']}, SignedHeaders={';'.join(names)}, Signature={signature}"


def request(**changes):
    """A signed request; changes come after the signature."""
    line = {"id": 1, "method": "POST", "url": "https://gateway.example.test/status/notify?id=12&tag=a",
            "headers": {"AppKey": "fake-app-key", "Content-Type": "application/json"}, "body": '{"callID":"fake-1"}',
            "ak": "FAKEAKEXAMPLE0001", "sk": "fake-secret-key-for-tests-only-0001", "date": DATE, "now": DATE}
    line["authorization"] = sign(line)
    line.update(changes)
    return line


def random_request(chance, number):
    letters = "abcXYZ019-_.~"
    wide = letters + "*+!@:,;= äß中文😀\"'<>[]{}|^`$&"
    word = lambda alphabet: "".join(chance.choice(alphabet) for _ in range(chance.randint(1, 8)))
    segments = [quote("s" + word(wide), safe=chance.choice(["", "!*:,;=@$&'"])) for _ in range(chance.randint(0, 4))]
    pairs = [f"{quote('n' + word(wide), safe='')}={quote(word(wide + '/?%#'), safe='')}"
             for _ in range(chance.randint(0, 5))]
    line = {"id": number, "method": chance.choice(["GET", "POST", "PUT", "DELETE"]),
            "url": "https://gateway.example.test/" + "/".join(segments) + ("?" + "&".join(pairs) if pairs else ""),
            "headers": {f"X-{number}-{i}": chance.choice(["", " v ", "a  b", "ä"]) for i in range(chance.randint(0, 4))},
            "body_b64": base64.b64encode(chance.randbytes(chance.randint(0, 100))).decode(),
            "ak": "FAKEAKEXAMPLE0001", "sk": "fake-secret-" + word(wide), "date": DATE, "now": DATE}
    line["authorization"] = sign(line)
    return line


class Sign(unittest.TestCase):
    def check_vectors(self, path, count):
        lines = vectors(path)
        code, answers = run("sign", lines=lines)
        self.assertEqual((code, len(lines), len(answers)), (0, count, count))
        for vector, answer in zip(lines, answers):
            self.assertEqual(answer["id"], vector["id"])
            found = stages(answer)
            for stage, expected in vector["expected"].items():
                self.assertEqual(found[stage], expected, f"{vector['id']}: {stage}")
            self.assertEqual(sign(vector), vector["expected"]["authorization"])

    def test_signs_every_vector_stage_by_stage(self):
        self.check_vectors(AGREED, 290)

    def test_signs_disputed_vectors_to_the_letter(self):
        self.check_vectors(DISPUTED, 55)

    def test_strict_signs_as_the_vector_or_says_why_not(self):
        for path in AGREED, DISPUTED:
            lines = vectors(path)
            _, answers = run("sign", "--strict", lines=lines)
            self.assertEqual(len(answers), len(lines))
            for vector, answer in zip(lines, answers):
                if "error" in answer:
                    self.assertRegex(answer["error"], "^(path|query): ")
                else:
                    self.assertEqual(answer["authorization"], vector["expected"]["authorization"])
            self.assertLess(sum("error" in answer for answer in answers), len(lines) / 2 + 5)

    def test_signs_random_requests_as_python_does(self):
        chance = random.Random(20300102)
        lines = [random_request(chance, number) for number in range(500)]
        code, answers = run("sign", lines=lines)
        self.assertEqual(code, 0)
        for line, answer in zip(lines, answers):
            self.assertEqual(answer["authorization"], line["authorization"], line)

    def test_an_absent_date_means_now(self):
        line = request()
        del line["date"]
        before = time.time()
        code, (answer,) = run("sign", lines=[line])
        self.assertEqual(code, 0)
        date = answer["string_to_sign"].split("\n")[1]
        seconds = time.mktime(time.strptime(date, "%Y%m%dT%H%M%SZ")) - time.timezone
        self.assertTrue(int(before) <= seconds <= time.time())

    def test_a_bad_line_is_answered_and_the_run_goes_on(self):
        good = request()
        bad = [b"{", b"[]", b"\xff", b'{"id":"b","id":"c"}', {"id": "x"}, request(body_b64="e30="),
               request(url="ftp://a/"), request(url="https://user@a/"), request(url="https:///a"), request(method="post"),
               request(headers={"a": 1}), request(headers={"A": "1", "a": "2"}), request(headers={"a": "1\nhost:b"}),
               request(date="20300230T000000Z"), request(sk=""), request(ak="a,b"), request(url="https://a/%zz")]
        code, answers = run("sign", lines=[line for one in bad for line in (one, b"", good)])
        self.assertEqual((code, len(answers)), (1, 2 * len(bad)))
        for index in range(len(bad)):
            self.assertEqual(answers[2 * index]["line"], 3 * index + 1)
            self.assertNotIn("authorization", answers[2 * index])
            self.assertTrue(answers[2 * index]["error"])
            self.assertEqual(answers[2 * index + 1]["authorization"], good["authorization"])
        self.assertEqual(answers[8]["id"], "x")

    def test_a_line_without_end_is_bounded(self):
        code, answers = run("sign", lines=[b'{"id":"' + b"a" * (18 * 1024 * 1024), request()])
        self.assertEqual(code, 1)
        self.assertEqual((answers[0]["line"], answers[0]["id"]), (1, None))
        self.assertIn("authorization", answers[1])

    def test_usage(self):
        for command in "sign", "verify":
            help_run = subprocess.run([PROGRAM, command, "--help"], stdout=subprocess.PIPE, timeout=60)
            self.assertEqual(help_run.returncode, 0)
            self.assertIn(b"Exit status", help_run.stdout)
            self.assertEqual(run(command, "--no-such-option"), (2, []))
            self.assertEqual(run(command, "operand"), (2, []))
            self.assertEqual(run(command), (0, []))


class Verify(unittest.TestCase):
    def verify(self, line, *words):
        code, (answer,) = run("verify", *words, lines=[line])
        self.assertEqual(answer["id"], line["id"])
        self.assertEqual(code, 0 if answer["result"] == "ok" else 1)
        return answer.get("check", answer["result"])

    def test_accepts_every_vector_but_what_the_rules_refuse(self):
        refused = {"mixed-002": "request", "body-unsigned-payload-001": "unsigned-payload",
                   "body-unsigned-payload-002": "unsigned-payload",
                   "body-unsigned-payload-empty-001": "unsigned-payload",
                   "body-hash-header-lowername-001": "unsigned-payload"}
        lines = [dict(vector, now=vector["date"], authorization=vector["expected"]["authorization"])
                 for vector in vectors(AGREED)]
        code, answers = run("verify", lines=lines)
        self.assertEqual((code, len(answers)), (1, 290))
        for answer in answers:
            self.assertEqual(answer.get("check"), refused.get(answer["id"]), answer)
        code, answers = run("verify", "--literal-targets", "--unsigned-payload", lines=lines)
        self.assertEqual((code, {answer["result"] for answer in answers}), (0, {"ok"}))

    def test_accepts_what_python_signs(self):
        chance = random.Random(20300103)
        lines = [random_request(chance, number) for number in range(300)]
        lines = [line for line in lines if "//" not in line["url"][8:] and not line["url"].endswith("/")]
        code, answers = run("verify", lines=lines)
        for line, answer in zip(lines, answers):
            self.assertEqual(answer["result"], "ok", (line, answer))
        self.assertEqual((code, len(answers)), (0, len(lines)))

    def test_refuses_one_changed_byte_with_the_right_check(self):
        good = request()
        self.assertEqual(self.verify(good), "ok")
        authorization = good["authorization"]
        digit = "1" if authorization[-1] == "0" else "0"
        headers = dict(good["headers"])
        for check, changes in [
            ("signature", {"body": '{"callID":"fake-2"}'}),
            ("signature", {"url": good["url"].replace("notify", "notifx")}),
            ("signature", {"url": good["url"].replace("id=12", "id=13")}),
            ("signature", {"url": good["url"].replace("gateway", "gatewaz")}),
            ("signature", {"method": "PUT"}),
            ("signature", {"headers": dict(headers, AppKey="fake-app-kez")}),
            ("signature", {"date": "20300102T030406Z"}),
            ("signature", {"sk": "fake-secret-key-for-tests-only-0002"}),
            ("signature", {"authorization": authorization[:-1] + digit}),
            ("authorization", {"authorization": authorization[:-1]}),
            ("authorization", {"authorization": authorization.replace("SHA256 ", "SHA257 ")}),
            ("unknown-key", {"authorization": authorization.replace("0001,", "0002,")}),
            ("signed-headers", {"authorization": authorization.replace("appkey;", "zppkey;")}),
            ("required-header", {"authorization": authorization.replace(";host;", ";hosu;")}),
            ("absent-header", {"headers": {"AppKey": "fake-app-key"}}),
            ("request", {"url": good["url"].replace("/status/", "/%2e%2e/")}),
            ("date", {"date": "20300102T030465Z"}),
            ("expired", {"now": "20300102T031906Z"}),
            ("expired", {"now": "20300102T024904Z"}),
        ]:
            self.assertEqual(self.verify(dict(good, **changes)), check, changes)
        for now in "20300102T031905Z", "20300102T024905Z":
            self.assertEqual(self.verify(dict(good, now=now)), "ok")

    def test_shows_what_it_computed(self):
        _, (answer,) = run("verify", lines=[request(body="{}")])
        _, (signed,) = run("sign", lines=[request(body="{}")])
        for stage in "canonical_request", "string_to_sign":
            self.assertEqual(answer[stage], signed[stage])

    def test_the_clock_is_used_without_now(self):
        line = request()
        del line["now"]
        self.assertEqual(self.verify(line), "expired")

    def test_options_add_rules(self):
        line = request()
        self.assertEqual(self.verify(line, "--host", "other.example.test"), "host")
        self.assertEqual(self.verify(line, "--host", "gateway.example.test"), "ok")
        line["headers"]["X-Late"] = "v"
        self.assertEqual(self.verify(line), "ok")
        self.assertEqual(self.verify(line, "--require", "appkey", "--require", "x-late"), "required-header")

    def test_a_missing_authorization_is_told(self):
        line = request()
        del line["authorization"]
        self.assertEqual(self.verify(line), "authorization")


if __name__ == "__main__":
    unittest.main()
