"""The vendor's official JavaScript SDK core, installed from the lock file in tests/vendor_sdk into build/ and driven
through a pipe. Where Node or npm is missing, or npm can't reach its registry, whoever asks is skipped."""
import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import unittest

from harness import BUILD, ROOT

SOURCE = ROOT / "tests/vendor_sdk"
FOLDER = BUILD.parent / "vendor_sdk"
INSTALL_TIMEOUT_S = 180
# What the lock file itself gets wrong; anything else that stops npm is the network, a proxy or the registry.
OUR_MISTAKES = {"EINTEGRITY", "EUSAGE", "EJSONPARSE", "ETARGET"}


def _fingerprint():
    return hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in ("package.json", "package-lock.json"))).hexdigest()


def _npm_ci():
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(SOURCE / name, FOLDER / name)
    try:
        done = subprocess.run(["npm", "ci", "--prefer-offline", "--fetch-retries=1"], cwd=FOLDER, text=True,
                              capture_output=True, timeout=INSTALL_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise unittest.SkipTest(f"npm did not install the vendor's SDK within {INSTALL_TIMEOUT_S} s") from None
    if done.returncode == 0:
        return
    found = re.search(r"npm (?:error|ERR!) code (\w+)", done.stderr)
    code = found.group(1) if found else "unknown"
    if code in OUR_MISTAKES:
        raise AssertionError(f"tests/vendor_sdk/package-lock.json: {done.stderr}")
    raise unittest.SkipTest(f"npm can't fetch the vendor's SDK here: {code}")


def install():
    """Once for each lock file, whoever comes first: several test runs may share build/."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise unittest.SkipTest(f"the vendor's SDK needs {program}, which is not installed")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = FOLDER / "installed"
        if not stamp.exists() or stamp.read_text() != _fingerprint():
            stamp.unlink(missing_ok=True)
            _npm_ci()
            stamp.write_text(_fingerprint())
        shutil.copy(SOURCE / "vendor.js", FOLDER / "vendor.js")


class VendorSdk:
    """The SDK with one customer's keys."""

    def __init__(self, access_key, secret_key):
        install()
        self.access_key, self.secret_key = access_key, secret_key
        self._node = subprocess.Popen(["node", "vendor.js"], cwd=FOLDER, text=True, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE)

    def _ask(self, **order):
        order = {name: value for name, value in order.items() if value is not None}
        self._node.stdin.write(json.dumps({"ak": self.access_key, "sk": self.secret_key, **order}) + "\n")
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        if not line:
            raise AssertionError(f"the SDK's process ended: {order}")
        return json.loads(line)

    def sign(self, method, url, headers, data=None, query=None, **keys):
        """The headers that the SDK's signer would send. `keys`: other ones, as ak, sk."""
        return self._ask(do="sign", method=method, url=url, headers=headers, data=data, query=query, **keys)["headers"]

    def send(self, method, endpoint, path, headers, data=None, query=None, **keys):
        """Signed and sent by the SDK's client: (status, body)."""
        answer = self._ask(do="send", method=method, endpoint=endpoint, path=path, headers=headers, data=data,
                           query=query, **keys)
        return answer["status"], answer["body"]

    def close(self):
        self._node.stdin.close()
        self._node.wait(10)
        self._node.stdout.close()
