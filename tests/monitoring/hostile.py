"""A reader that does what hostile files make a reader do; the first word of the file says what."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from samsvar.monitoring import pipeline
from samsvar.monitoring import sandbox as guarded

real_reader = pipeline.read_report


class UnexpectedValue:
    """A value of a class that a reading never contains."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, ("true",))


def recurse(depth: int) -> int:
    return recurse(depth + 1)


def read_report(content: bytes, **about: Any) -> Any:
    match content.split(b" ")[0].decode("ascii", "replace"):
        case "sleep":
            time.sleep(600)
        case "work":
            while True:
                pass
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "abort":
            os.abort()
        case "leave":
            os._exit(3)
        case "swell":
            return [bytes(1 << 24) for _ in range(10_000)]
        case "fail":
            raise ZeroDivisionError
        case "nest":
            return recurse(0)
        case "print":
            print("on standard output")
            sys.stdout.flush()
            os.write(1, b"and below it")
        case "stranger":
            return UnexpectedValue()
        case "write":
            Path("/tmp", f"samsvar-hostile-{os.getpid()}").write_text("x" * 100)
    return real_reader(content, **about)


pipeline.read_report = read_report
serve = guarded.serve
