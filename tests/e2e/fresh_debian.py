"""A Debian 12 in a folder, as it comes from its installer, and on it what systemd does for our unit as far as that can be
done without systemd as process 1: its own user, its groups and capabilities, its state folder, its credentials, readiness.
Not done are the restrictions of what the kernel shows and lets call (ProtectSystem, SystemCallFilter, ...)."""
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading

from documents import Shell
from harness import wait_until

SUITE, MIRROR = "bookworm", "http://deb.debian.org/debian"
DYNAMIC_UID = 64321  # systemd takes one of 61184 to 65519
# What Debian's scripts and a reader call; it hands its words over and ends as it is told to.
SYSTEMCTL = """#!/bin/sh
exec 9>/run/stand-in/lock
flock 9
echo "$*" > /run/stand-in/ask
read -r code text < /run/stand-in/answer
[ -z "$text" ] || echo "$text"
exit "$code"
"""
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8",
               "DEBIAN_FRONTEND": "noninteractive"}


# Holds a network with nothing but a loopback interface, so that ports and names are as in the documents, and mounts that
# nobody else sees and that go with it.
HOLD = """
import fcntl, signal, socket, struct, subprocess, sys
subprocess.run(["mount", "-t", "proc", "proc", sys.argv[1]], check=True)
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP))
print("up", flush=True)
signal.pause()
"""
HOSTS = "127.0.0.1 localhost gateway.example.com ita.example.com\n"


class Unavailable(Exception):
    """There can be none here, and why."""


def proxies():
    return {name: value for name, value in os.environ.items() if name.lower() in ("http_proxy", "https_proxy", "no_proxy")}


class FreshDebian:
    def __init__(self, folder):
        self.root = folder / "debian"
        for missing in ("debootstrap", "unshare", "nsenter", "chroot"):
            if shutil.which(missing) is None:
                raise Unavailable(f"{missing} is not installed")
        if os.geteuid() != 0:
            raise Unavailable("only root may make a Debian in a folder")
        # Its mounts go with it, whatever stops it.
        made = subprocess.run(["unshare", "--mount", "debootstrap", "--variant=minbase", SUITE, self.root, MIRROR], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **proxies()})
        if made.returncode != 0:
            raise Unavailable(f"debootstrap: {made.stdout.strip().splitlines()[-1]}")
        self.path("/etc/hosts").write_text(HOSTS)
        self._hold()
        self._systemd = SystemdStandIn(self)

    def _hold(self):
        self._holder = subprocess.Popen(["unshare", "--net", "--mount", sys.executable, "-c", HOLD, self.path("/proc")],
                                        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = self._holder.stdout.readline().strip()
        if said != "up":
            raise Unavailable(f"no network and mounts of its own: {said}")

    def inside(self, *words):
        """The command, on the network of this Debian and in its folder."""
        return ["nsenter", f"--target={self._holder.pid}", "--net", "--mount", "chroot", str(self.root), *words]

    def path(self, inside):
        return self.root / inside.lstrip("/")

    def shell(self):
        return Shell(self.inside("/bin/bash"), env={**ENVIRONMENT, **proxies()}, cwd="/")

    def run(self, *words):
        """A command that may use the network of the machine, as apt-get."""
        done = subprocess.run(["chroot", str(self.root), *map(str, words)], text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**ENVIRONMENT, **proxies()}, cwd="/")
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}")
        return done.stdout

    @property
    def main_process(self):
        return self._systemd.process

    def log(self):
        return self._systemd.log_path.read_text()

    def remove(self):
        self._systemd.close()
        self._holder.terminate()
        self._holder.wait()
        self._holder.stdout.close()
        shutil.rmtree(self.root)


class SystemdStandIn:
    """Answers `systemctl` inside."""

    def __init__(self, debian):
        self._debian, self.process, self._is_over = debian, None, False
        stand_in = debian.path("/run/stand-in")
        debian.path("/run/systemd/system").mkdir(parents=True)  # by which Debian's scripts know a running systemd
        stand_in.mkdir()
        for name in ("ask", "answer"):
            os.mkfifo(stand_in / name)
        systemctl = debian.path("/usr/bin/systemctl")
        systemctl.write_text(SYSTEMCTL)
        systemctl.chmod(0o755)
        self.log_path = debian.path("/run/stand-in/journal")
        self._ask, self._answer = stand_in / "ask", stand_in / "answer"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self._is_over = True
        with open(self._ask, "w") as ask:  # so that the thread looks
            ask.write("daemon-reload\n")
        with open(self._answer) as answer:
            answer.read()
        self._thread.join()
        self._stop()

    def _serve(self):
        while not self._is_over:
            with open(self._ask) as ask:
                words = ask.read().split()
            try:
                code, text = self._do([word for word in words if not word.startswith("-")])
            except Exception as failed:
                code, text = 1, " ".join(str(failed).split())
            with open(self._answer, "w") as answer:
                answer.write(f"{code} {text}\n")

    def _do(self, words):
        """(exit code, what is printed) of `systemctl WORDS`."""
        if words[:1] == ["daemon-reload"]:
            return 0, ""
        verb, unit = words
        unit = unit.removesuffix(".service")
        is_running = self.process is not None and self.process.poll() is None
        if verb == "is-enabled":
            return 0, "enabled"
        if verb == "is-active":
            return (0, "active") if is_running else (3, "inactive")
        if verb in ("stop", "restart"):
            self._stop()
        if verb == "restart" or (verb in ("start", "enable") and not is_running):
            self._start(Unit(self._debian, unit))
        if verb == "reload":
            self.process.send_signal(signal.SIGHUP)
        return 0, ""

    def _stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            if self.process.wait(30) != 0:
                raise AssertionError(f"it ended with {self.process.returncode}")

    def _start(self, unit):
        unit.make_folders()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, open(self.log_path, "ab") as log:
            path = self._debian.path("/run/stand-in/notify")
            path.unlink(missing_ok=True)
            notify.bind(str(path))
            path.chmod(0o666)
            notify.setblocking(False)
            self.process = subprocess.Popen(unit.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                            env=unit.environment(), umask=int(unit.get("UMask"), 8))
            self._await_readiness(notify)

    def _await_readiness(self, notify):
        def is_ready():
            if self.process.poll() is not None:
                raise AssertionError(f"it ended with {self.process.returncode}")
            try:
                return b"READY=1" in notify.recv(4096).split(b"\n")
            except BlockingIOError:
                return False
        wait_until(is_ready, "the unit says that it is ready")


class Unit:
    """A unit file, as it was installed, and what it asks for."""

    def __init__(self, debian, name):
        self._debian, self._name = debian, name
        text = debian.path(f"/lib/systemd/system/{name}.service").read_text()
        self._lines = re.findall(r"^(\w+)=(.*)$", text, re.M)
        if (self.get("Type"), self.get("DynamicUser")) != ("notify", "yes"):
            raise AssertionError("the stand-in knows no other unit")

    def get(self, name):
        return next(value for known, value in self._lines if known == name)

    @property
    def credentials(self):
        return f"/run/credentials/{self._name}.service"

    def make_folders(self):
        """The state folder and the credentials belong to the unit's user. As with systemd, what is in the folder is given
        to that user only when the folder was another's."""
        name = self.get("StateDirectory")
        state = self._debian.path(f"/var/lib/private/{name}")
        state.mkdir(parents=True, exist_ok=True)
        state.parent.chmod(0o711)  # 0700 there, and a mount that leads the unit past it
        state.chmod(int(self.get("StateDirectoryMode"), 8))
        if state.stat().st_uid != DYNAMIC_UID:
            for path in (state, *state.rglob("*")):
                os.chown(path, DYNAMIC_UID, DYNAMIC_UID)
        link = self._debian.path(f"/var/lib/{name}")
        if not link.is_symlink():
            link.symlink_to(f"private/{name}")
        self._copy_credential(*self.get("LoadCredential").split(":"))

    def _copy_credential(self, name, path):
        folder = self._debian.path(self.credentials)
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, DYNAMIC_UID, DYNAMIC_UID)
        folder.chmod(0o500)
        copy = folder / name
        copy.unlink(missing_ok=True)
        copy.write_bytes(self._debian.path(path).read_bytes())
        os.chown(copy, DYNAMIC_UID, DYNAMIC_UID)
        copy.chmod(0o400)

    def command(self):
        group = next(line.split(":")[2] for line in self._debian.path("/etc/group").read_text().splitlines()
                     if line.startswith(self.get("SupplementaryGroups") + ":"))
        capability = "-all,+" + self.get("AmbientCapabilities").lower().removeprefix("cap_")
        files_max = min(int(self.get("LimitNOFILE")), resource.getrlimit(resource.RLIMIT_NOFILE)[1])  # not all may raise it
        return self._debian.inside(
            "/usr/bin/prlimit", f"--nofile={files_max}",
            "/usr/bin/setpriv", f"--reuid={DYNAMIC_UID}", f"--regid={DYNAMIC_UID}", f"--groups={group}",
            f"--inh-caps={capability}", f"--ambient-caps={capability}", f"--bounding-set={capability}", "--no-new-privs",
            "--", *self.get("ExecStart").replace("%d", self.credentials).split())

    def environment(self):
        return {"PATH": ENVIRONMENT["PATH"], "LANG": "C.UTF-8", "NOTIFY_SOCKET": "/run/stand-in/notify",
                "STATE_DIRECTORY": f"/var/lib/{self.get('StateDirectory')}", "CREDENTIALS_DIRECTORY": self.credentials}
