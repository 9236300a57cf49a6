"""Node packages from a lock file under tests/, installed once into build/. Where Node or npm is missing, or npm can't
reach its registry, whoever asks is skipped."""
import fcntl
import hashlib
import re
import shutil
import subprocess
import unittest

from harness import BUILD, ROOT

INSTALL_TIMEOUT_S = 180
# What the lock file itself gets wrong; anything else that stops npm is the network, a proxy or the registry.
OUR_MISTAKES = {"EINTEGRITY", "EUSAGE", "EJSONPARSE", "ETARGET"}


def _fingerprint(source):
    return hashlib.sha256(b"".join((source / name).read_bytes() for name in ("package.json", "package-lock.json"))).hexdigest()


def _npm_ci(source, folder):
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(source / name, folder / name)
    try:
        done = subprocess.run(["npm", "ci", "--prefer-offline", "--fetch-retries=1"], cwd=folder, text=True,
                              capture_output=True, timeout=INSTALL_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise unittest.SkipTest(f"npm did not install tests/{source.name} within {INSTALL_TIMEOUT_S} s") from None
    if done.returncode == 0:
        return
    found = re.search(r"npm (?:error|ERR!) code (\w+)", done.stderr)
    code = found.group(1) if found else "unknown"
    if code in OUR_MISTAKES:
        raise AssertionError(f"tests/{source.name}/package-lock.json: {done.stderr}")
    raise unittest.SkipTest(f"npm can't fetch what tests/{source.name} needs here: {code}")


def install(name):
    """What tests/NAME/package-lock.json lists; returns the folder. Once for each lock file, whoever comes first: several
    test runs may share build/."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise unittest.SkipTest(f"tests/{name} needs {program}, which is not installed")
    source, folder = ROOT / "tests" / name, BUILD.parent / name
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = folder / "installed"
        if not stamp.exists() or stamp.read_text() != _fingerprint(source):
            stamp.unlink(missing_ok=True)
            _npm_ci(source, folder)
            stamp.write_text(_fingerprint(source))
    return folder
