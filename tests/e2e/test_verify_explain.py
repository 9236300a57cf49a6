#!/usr/bin/env python3
"""ita-gateway verify --explain: the vectors of signing, each changed in every way that signers go wrong."""
import hashlib
import hmac
import json
import subprocess
import urllib.parse

from harness import BUILD, Story, clean_environment, main
from test_install import ROOT

VECTORS = [json.loads(line) for line in (ROOT / "tests/vectors/sdk-hmac-sha256.jsonl").read_text().splitlines()]


def raw(vector, line_end="\n", headers=()):
    """The request of a vector as it is on the wire."""
    url = urllib.parse.urlsplit(vector["url"])
    target = vector["url"].partition("://")[2][len(url.netloc):] or "/"
    names = {name.lower() for name in vector["headers"]}
    lines = [f"{vector['method']} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in vector["headers"].items()]
    lines += [] if "host" in names else [f"Host: {url.netloc}"]
    lines += [] if "x-sdk-date" in names else [f"X-Sdk-Date: {vector['date']}"]
    lines += [f"Authorization: {vector['expected']['authorization']}", *headers]
    return line_end.join(lines) + 2 * line_end + (vector.get("body") or "")


def usable(vector):
    """What a pasted text can hold: no Base64 body, no line ends or controls in names and values, a target from '/'."""
    text = vector["url"] + "".join(name + value for name, value in vector["headers"].items())
    return "body_b64" not in vector and text.isprintable() and "\r" not in (vector.get("body") or "") \
        and " " not in vector["url"] and "/" in vector["url"].partition("://")[2] \
        and vector["url"].partition("://")[2].partition("/")[0] == urllib.parse.urlsplit(vector["url"]).netloc \
        and "authorization" not in {name.lower() for name in vector["headers"]}


class Explain(Story):
    def explain(self, text, *words, code=1):
        done = subprocess.run([str(BUILD / "bin/ita-gateway"), "verify", "--explain", *map(str, words)],
                              input=text.encode(), capture_output=True, env=clean_environment(), timeout=60)
        self.assertEqual(done.returncode, code, done.stdout.decode() + done.stderr.decode())
        return done.stdout.decode() + done.stderr.decode()

    def found(self, vector, theirs, **more):
        return json.loads(self.explain(raw(vector) + "\n===\n" + theirs, "--json", **more))[0]

    def lines(self, vector):
        return vector["expected"]["canonical_request"].split("\n")

    def test_what_agrees_is_found_to_agree(self):
        vectors = [vector for vector in VECTORS if usable(vector)]
        vectors = vectors[:20] + vectors[20::len(vectors) // 40]  # all of them are test_sign_cli.py's
        self.assertGreater(len(vectors), 50)
        for vector in vectors:
            with self.subTest(id=vector["id"]):
                expected = vector["expected"]
                self.assertTrue(self.found(vector, expected["canonical_request"], code=0)["same"])
                self.assertTrue(self.found(vector, expected["string_to_sign"], code=0)["same"])

    def test_every_mistake_is_named_in_the_line_where_it_is(self):
        vector = {**VECTORS[0]}
        ours = self.lines(vector)
        date = next(i for i, line in enumerate(ours) if line.startswith("x-sdk-date"))
        first = 3
        mistakes = [
            (0, ours[0].lower(), "lower case"), (1, ours[1].rstrip("/"), "lacks the '/'"),
            (1, urllib.parse.unquote(ours[1]), "without percent-encoding"), (1, ours[1].replace("%", "%25"), "encoded twice"),
            (1, ours[1].replace("%C3%A9", "%c3%a9"), "lower-case digits"), (2, "", "left out"),
            (2, "&".join(reversed(ours[2].split("&"))), "not sorted"), (2, ours[2].replace("note=", "note"), "lacks its '='"),
            (first, ours[first].replace(":", ": "), "between ':' and the value"),
            (first, ours[first] + "; charset=utf-8", "charset"),
            (date, ours[date][:-2] + "9Z", "not the X-Sdk-Date"), (-2, ours[-2].upper(), "not the SignedHeaders"),
            (-2, ";".join(reversed(ours[-2].split(";"))), "not sorted"),
            (-1, hashlib.sha256(b"").hexdigest(), "an empty body"),
            (-1, hashlib.sha256((vector["body"] + "\n").encode()).hexdigest(), "one more line feed"),
            (-1, hashlib.sha256(b"other").hexdigest(), "other bytes were hashed")]
        for index, line, cause in mistakes:
            with self.subTest(cause=cause):
                theirs = list(ours)
                self.assertNotEqual(theirs[index], line)
                theirs[index] = line
                found = self.found(vector, "\n".join(theirs))
                self.assertIn(cause, found["cause"])
                self.assertEqual((found["stage"], found["line"]), ("canonical request", index % len(ours) + 1))
                self.assertEqual(found["ours"][:20].lstrip("…")[:3], ours[index][max(0, found["column"] - 25):][:3])

    def test_a_string_to_sign_is_enough_for_known_mistakes(self):
        vector = VECTORS[0]
        theirs = vector["expected"]["canonical_request"].replace(vector["expected"]["canonical_uri"],
                                                                 vector["expected"]["canonical_uri"].rstrip("/"))
        text = f"SDK-HMAC-SHA256\n{vector['date']}\n{hashlib.sha256(theirs.encode()).hexdigest()}"
        found = self.found(vector, text)
        self.assertEqual((found["stage"], found["line"], found["part"]), ("string to sign", 3, "canonical URI"))
        self.assertIn("lacks the '/'", found["cause"])

    def test_the_difference_is_marked(self):
        vector = VECTORS[0]
        theirs = vector["expected"]["canonical_request"].replace("limit=10", "limit=11")
        shown = self.explain(raw(vector, "\r\n") + "\r\n===\r\n" + theirs.replace("\n", "\r\n") + "\r\n").splitlines()
        self.assertEqual(shown[0], "✗ canonical request: differs in line 3, column 8: canonical query")
        self.assertEqual(shown[1], "  ours:   limit=10&note=&tag=a&tag=b")
        self.assertEqual(shown[2], "  theirs: limit=11&note=&tag=a&tag=b")
        self.assertEqual(shown[3].index("^"), shown[2].index("limit=11") + 7)
        self.assertTrue(shown[4].startswith("  cause:  another query was signed"))

    def test_the_signature_itself(self):
        vector = VECTORS[0]
        secret = self.folder / "secret"
        theirs = "\n===\n" + vector["expected"]["string_to_sign"]
        secret.write_text(vector["sk"] + "\n")
        self.assertIn("✓ signature", self.explain(raw(vector) + theirs, "--secret-key-file", secret, code=0))
        self.assertIn("✓ signature", self.explain(raw(vector), "--secret-key-file", secret, code=0))
        secret.write_text("another-fake-secret")
        shown = self.explain(raw(vector) + theirs, "--secret-key-file", secret)
        self.assertIn("✗ signature: another SecretKey signed it", shown)
        self.assertNotIn("another-fake-secret", shown)
        signed = hmac.new((vector["sk"] + "\n").encode(), vector["expected"]["string_to_sign"].encode(), "sha256").hexdigest()
        wrong = {**vector, "expected": {**vector["expected"], "authorization": vector["expected"]["authorization"].replace(
            vector["expected"]["signature"], signed)}}
        secret.write_text(vector["sk"])
        self.assertIn("white space at its end", self.explain(raw(wrong) + theirs, "--secret-key-file", secret))
        self.assertIn("not looked at", self.explain(raw(vector) + theirs, code=0))

    def test_what_is_confidential_is_not_shown(self):
        vector = VECTORS[0]
        theirs = vector["expected"]["canonical_request"].replace("fake-app-key-0001", "fake-app-key-0002")
        shown = self.explain(raw(vector) + "\n===\n" + theirs)
        self.assertIn("x-app-key:(not shown)", shown)
        for secret in ("fake-app-key-000", vector["sk"], vector["expected"]["signature"]):
            self.assertNotIn(secret, shown)

    def test_from_files(self):
        vector = VECTORS[0]
        (self.folder / "request").write_text(raw(vector))
        (self.folder / "theirs").write_text(vector["expected"]["canonical_request"] + "\n")
        self.assertIn("✓ canonical request", self.explain("", "--request", self.folder / "request", "--theirs",
                                                           self.folder / "theirs", code=0))
        self.assertIn("No such file", self.explain("", "--request", self.folder / "none"))

    def test_what_is_no_request_is_refused_with_its_line(self):
        for text, why in (("", "line 1: must be METHOD"), ("GET x HTTP/1.1\n\n", "line 1: must be METHOD"),
                          ("GET /a b HTTP/1.1\n\n", "line 1: the target holds a space"),
                          ("GET / HTTP/1.1\nHost: a\nb\n\n", "line 3: must be a header"),
                          ("GET / HTTP/1.1\nHost: a\n\n", "nothing to compare with"),
                          ("GET / HTTP/1.1\nHost: a\nHost: b\n\n\n===\nx", "stands twice"),
                          ("get / HTTP/1.1\nHost: a\n\n\n===\nx", "method: must be upper-case")):
            with self.subTest(text=text):
                shown = self.explain(text)
                self.assertIn(why, shown)
                self.assertEqual(len(shown.splitlines()), 1, shown)

    def test_options_that_need_explain(self):
        done = subprocess.run([str(BUILD / "bin/ita-gateway"), "verify", "--json"], input="", text=True, capture_output=True)
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1))


if __name__ == "__main__":
    main()
