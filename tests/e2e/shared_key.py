"""The Shared Key signature of callbacks (agent-api.md, section 10), by the tests' own reading of the contract."""
import base64
import hashlib
import hmac
import secrets
import time

MEMBERS = ("timestamp", "nonce", "signature")


def sign(body, key, timestamp=None, nonce=None):
    """The body with its signature."""
    timestamp, nonce = timestamp or str(int(time.time() * 1000)), nonce or secrets.token_hex(16)
    text = ",".join(f"{name}={'null' if value is None else value}".replace(" ", "") for name, value in sorted(body.items()))
    to_sign = f"{key}_{timestamp}_{nonce}_{text}"
    mac = hmac.new(key.encode(), to_sign.encode(), hashlib.sha256).digest()
    return {**body, "timestamp": timestamp, "nonce": nonce, "signature": base64.b64encode(mac).decode()}


def is_signed(body, key):
    unsigned = {name: value for name, value in body.items() if name not in MEMBERS}
    return "signature" in body and sign(unsigned, key, body["timestamp"], body["nonce"]) == body
