"""What idle TLS connections cost the gateway in memory."""
import multiprocessing
import os
import resource
import socket
import ssl

import machine
from servers import Certificate, Gateway

SPARE_FILES = 500
PER_PROCESS_MAX = 10_000  # connections that one client process holds: its ports and files are limited


def connect(port, address, pem, count, opened, leave):
    """Holds so many connections from an address of the loopback net, each with its handshake done. Only the sockets are
    kept: what a client needs of memory is not measured."""
    context = ssl.create_default_context(cafile=pem)
    held = []
    for _ in range(count):
        sock = socket.create_connection(("127.0.0.1", port), source_address=(address, 0), timeout=60)
        secured = context.wrap_socket(sock, server_hostname="localhost")
        secured.settimeout(0.01)
        held.append(secured.detach())
        with opened.get_lock():
            opened.value += 1
    leave.wait()


def measure(build, folder, wanted):
    """As many as may be opened here. What was extrapolated is named so."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    count = min(wanted, hard - SPARE_FILES)
    folder.mkdir(parents=True)
    certificate = Certificate(folder)
    gateway = Gateway(build, folder, certificate, None, connections_max=wanted + SPARE_FILES, idle_timeout="1h").start()
    before, private = machine.rss_mib(gateway.pid), machine.private_mib(gateway.pid)
    opened, leave = multiprocessing.Value("i", 0), multiprocessing.Event()
    clients = []
    for number, first in enumerate(range(0, count, PER_PROCESS_MAX)):
        clients.append(multiprocessing.Process(target=connect, daemon=True, args=(
            gateway.port, f"127.0.0.{number + 2}", certificate.pem, min(PER_PROCESS_MAX, count - first), opened, leave)))
        clients[-1].start()
    machine.wait_for(lambda: opened.value == count or not all(client.is_alive() for client in clients), "connections", 600)
    after, served = machine.rss_mib(gateway.pid), connections_of(gateway.pid)
    leave.set()
    for client in clients:
        client.join()
    gateway.stop()
    if served < count:
        machine.fail(f"the gateway held {served} connections, not {count}")
    per_connection = (after - before) * 1024 / count
    found = {"idle_rss_mib": before, "idle_private_mib": private, "tls_connections": count, "rss_mib": after, "kib_per_connection": per_connection}
    if count < wanted:
        found[f"extrapolated_rss_mib_of_{wanted}"] = before + per_connection * wanted / 1024
    return found


def connections_of(pid):
    return sum(os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:") for name in os.listdir(f"/proc/{pid}/fd"))
