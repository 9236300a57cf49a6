"""What no log may ever hold: secrets, tokens, signatures and whole phone numbers. Whoever in the tests makes or receives
one keeps it here; whoever stops a program asks here whether its log gave one away."""
import itertools
import re

_texts = {}
_numbers = set()
_fresh = itertools.count(10000)


def keep(kind, text):
    if text:
        _texts[text] = kind
    return text


def keep_number(number):
    _numbers.add(number.lstrip("+"))
    return number


def leaks_in(log):
    """The kinds (never the texts) of what the log gives away."""
    kinds = {kind for text, kind in _texts.items() if text in log}
    digit_runs = set(re.findall(r"\d{7,}", log))
    if digit_runs & _numbers:
        kinds.add("phone number")
    return sorted(kinds)


def agent_number():
    """A mobile number nobody has; no two are equal in one run."""
    return keep_number("1380" + f"{next(_fresh):07d}")


def customer_number(ending=None):
    """A fixed number nobody has; with an ending, one that mock-ita takes as magic."""
    serial = next(_fresh)
    if ending is not None:
        return keep_number("05" + f"{serial:05d}"[-5:] + ending)
    while _is_magic(f"{serial:09d}"):
        serial = next(_fresh)
    return keep_number("057" + f"{serial:09d}")


def _is_magic(digits):
    return digits[-5] in "89" or digits[-4:] in ("0017", "0018", "0019", "0021")
