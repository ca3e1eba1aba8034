"""gunicorn's worker with threads, in which slow clients occupy no thread.

gunicorn's own worker gives a connection to a thread at its first byte. Eight connections with half a header then stop
a site of two processes with four threads (measured with gunicorn 27.0.1, November 2026). Here the main loop collects
the header and the body of a form, and only then hands the request to a thread. A proxy that buffers does the same; this
protects a site whose proxy does not.

The worker also gives freed memory back to the system. glibc otherwise keeps it in up to eight heaps a processor: 43 of
204 MB after 5,000 requests (November 2026; benchmarks/memory.py).
"""

from __future__ import annotations

import contextlib
import ctypes
import re
import selectors
import time
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

ARRIVAL_SECONDS = 10.0  # for a header and a form together
MAX_HEADER_BYTES = 64 * 1024  # gunicorn rejects longer ones
MAX_COLLECTED_BYTES = 1024 * 1024  # of a body; an upload's remaining bytes are read by its thread
TRIM_SECONDS = 20.0  # between two returns of freed memory, each of some milliseconds
_M_ARENA_MAX = -8  # <malloc.h>
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
_CONTINUE = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)


class BufferingThreadWorker(ThreadWorker):
    """A worker with threads that collects each request in its main loop before a thread handles it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: dict[Any, tuple[bytearray, float]] = {}  # by connection: what has come, and until when it may
        self._next_trim = 0.0

    def init_process(self) -> None:
        """Limit the heaps of the threads to two, before there are threads; gunicorn calls this once."""
        with contextlib.suppress(AttributeError):  # another C library than glibc
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """Wait for the request of a new or kept-alive connection; gunicorn calls this for each request."""
        if self.cfg.is_ssl or (conn.parser is not None and conn.parser.unreader.buf.getvalue()):
            super().enqueue_req(conn)  # already read ahead, behind the previous request
            return
        conn.sock.setblocking(False)
        self._arriving[conn] = (bytearray(), time.monotonic() + ARRIVAL_SECONDS)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._collect, conn))

    def _collect(self, conn: Any, sock: Any) -> None:
        received, _ = self._arriving[conn]
        try:
            part = sock.recv(64 * 1024)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        received += part
        if part and not has_arrived(received):
            return
        self.poller.unregister(sock)
        del self._arriving[conn]
        if not received:
            self._close(conn)
            return
        conn.init()  # makes the parser, which then starts with what was collected
        conn.parser.unreader.unread(bytes(received))
        conn.data_ready = True
        super().enqueue_req(conn)

    def murder_pending(self) -> None:
        """Close connections whose request did not arrive in time; gunicorn calls this every second."""
        super().murder_pending()
        now = time.monotonic()
        if now > self._next_trim:
            self._next_trim = now + TRIM_SECONDS
            with contextlib.suppress(AttributeError):
                ctypes.CDLL(None).malloc_trim(0)
        for conn in [conn for conn, (_, deadline) in self._arriving.items() if deadline < now or not self.alive]:
            self.poller.unregister(conn.sock)
            del self._arriving[conn]
            self._close(conn)

    def _close(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()


def has_arrived(received: bytes | bytearray) -> bool:
    """Return whether a thread can handle the request without waiting for more than the rest of an upload."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return len(received) > MAX_HEADER_BYTES
    header = bytes(received[: end + 2])
    length = _LENGTH.search(header)
    if length is None or _CONTINUE.search(header):  # the client waits for an answer before it sends its body
        return True
    return len(received) - end - 4 >= min(int(length[1]), MAX_COLLECTED_BYTES)
