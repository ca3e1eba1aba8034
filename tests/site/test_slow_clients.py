"""Slow clients do not stop the site, also where no proxy buffers their requests."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing

import pytest

from samsvar.site.demo.management.commands.demo import server_command
from samsvar.site.shell import web_worker
from samsvar.site.shell.web_worker import MAX_COLLECTED_BYTES, MAX_HEADER_BYTES, has_arrived

APPLICATION = """
def application(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body) + 2))])
    return [b"ok" + body]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Run the server with the command of the demonstration, but with an application that needs no database."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "echo_application.py").write_text(APPLICATION, encoding="ascii")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = server_command("127.0.0.1", port, 2)
    command[command.index("samsvar.site.wsgi:application")] = "echo_application:application"
    paths = [str(folder), *sys.path]
    process = subprocess.Popen(command, env={"PYTHONPATH": ":".join(paths), "PATH": "/usr/bin:/bin"})
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            ask(port)
            break
        except OSError:
            time.sleep(0.05)
    yield port
    process.terminate()
    process.wait(timeout=15)


def ask(port: int, body: bytes = b"") -> bytes:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("POST" if body else "GET", "/", body=body or None)
        return connection.getresponse().read()


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf a form",
        b"G",
        b"",
    ],
    ids=["half a header", "half a form", "one byte", "nothing"],
)
def test_forty_slow_clients_leave_the_site_to_others(server, beginning):
    with ExitStack() as stack:
        for _ in range(40):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", server), timeout=5))
            slow.sendall(beginning)
        start = time.monotonic()
        assert [ask(server), ask(server, b"a form")] == [b"ok", b"oka form"]
        assert time.monotonic() - start < 4


def test_a_request_that_comes_in_small_pieces_is_answered(server):
    with socket.create_connection(("127.0.0.1", server), timeout=5) as slow:
        for piece in (b"POST / HT", b"TP/1.1\r\nHost: x\r\nConte", b"nt-Length: 6\r\n\r", b"\na f", b"orm"):
            slow.sendall(piece)
            time.sleep(0.02)
        receive_until(slow, b"\r\n\r\noka form")


def test_kept_alive_and_pipelined_requests_and_large_bodies_are_answered(server):
    with closing(http.client.HTTPConnection("127.0.0.1", server, timeout=5)) as connection:
        for size in (0, 10, 3 * MAX_COLLECTED_BYTES, 1):
            connection.request("POST", "/", body=b"x" * size)
            assert len(connection.getresponse().read()) == size + 2
    with socket.create_connection(("127.0.0.1", server), timeout=5) as both:
        both.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
        received = b""
        while received.count(b"\r\n\r\nok") < 2:
            received += both.recv(4096)


def receive_until(client: socket.socket, end: bytes) -> None:
    """Receive an answer up to its end; the header and the body may come one after the other."""
    answer = b""
    while not answer.endswith(end):
        part = client.recv(4096)
        assert part, answer
        answer += part


def test_a_client_that_waits_for_permission_to_send_gets_it(server):
    with socket.create_connection(("127.0.0.1", server), timeout=5) as polite:
        polite.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert polite.recv(4096).startswith(b"HTTP/1.1 100")
        polite.sendall(b"ab")
        receive_until(polite, b"okab")


@pytest.mark.parametrize(
    ("received", "arrived"),
    [
        (b"", False),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", True),
        (b"x" * (MAX_HEADER_BYTES + 1), True),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", False),
        (b"POST / HTTP/1.1\r\nCONTENT-LENGTH:3\r\n\r\nabc", True),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n" + b"x" * MAX_COLLECTED_BYTES, True),
    ],
)
def test_a_request_has_arrived_with_its_header_and_the_body_of_a_form(received, arrived):
    assert has_arrived(received) is arrived


def test_a_request_that_does_not_arrive_is_closed(monkeypatch):
    class Socket:
        closed = False

        def setblocking(self, _): ...
        def close(self):
            self.closed = True

    class Registry(dict):
        register, unregister = (lambda self, sock, *_: self.update({sock: 1})), dict.pop

    worker = object.__new__(web_worker.BufferingThreadWorker)
    connection = type("Connection", (), {"sock": Socket(), "parser": None, "close": lambda self: self.sock.close()})()
    worker._arriving, worker.poller, worker.nr_conns, worker.alive = {}, Registry(), 1, True
    worker._next_trim = 0.0
    worker.cfg, worker.pending_conns = type("Config", (), {"is_ssl": False}), []
    worker.enqueue_req(connection)
    worker.murder_pending()
    assert (len(worker._arriving), connection.sock.closed) == (1, False)
    later = time.monotonic() + web_worker.ARRIVAL_SECONDS + 1
    monkeypatch.setattr(web_worker.time, "monotonic", lambda: later)
    worker.murder_pending()
    assert (len(worker._arriving), len(worker.poller), worker.nr_conns, connection.sock.closed) == (0, 0, 0, True)
