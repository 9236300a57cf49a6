"""The vendor's official JavaScript SDK core, driven through a pipe."""
import json
import shutil
import subprocess

import npm
from harness import ROOT


class VendorSdk:
    """The SDK with one customer's keys."""

    def __init__(self, access_key, secret_key):
        folder = npm.install("vendor_sdk")
        shutil.copy(ROOT / "tests/vendor_sdk/vendor.js", folder / "vendor.js")
        self.access_key, self.secret_key = access_key, secret_key
        self._node = subprocess.Popen(["node", "vendor.js"], cwd=folder, text=True, stdin=subprocess.PIPE,
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
