"""A check of SQLite's write-ahead log for confirmed changes that SQLite will silently leave out.

When SQLite opens a database after a crash, it uses its log up to the first frame with a wrong checksum, and forgets the
rest without a word. After a kill that rest is at most half a transaction that no one was told of. If complete
transactions follow, the log was damaged, and changes that people were told of are lost. The format is in section 4 of
sqlite.org/fileformat2.html (read November 2026).
"""

from __future__ import annotations

import logging
import struct
import sys
import time
from array import array
from pathlib import Path
from typing import Any

log = logging.getLogger("samsvar.storage")

_HEADER, _FRAME = struct.Struct(">8I"), struct.Struct(">6I")
_MAGIC = {0x377F0682: "little", 0x377F0683: "big"}  # the byte order of the checksums


def warn_of_lost_transactions(database: dict[str, Any]) -> int:
    """Log an error if SQLite is about to leave out transactions, and return their number; 0 for other databases.

    Call it before the database is opened. A log that another process is writing is read twice.
    """
    if not database["ENGINE"].endswith("sqlite3"):
        return 0
    path = Path(f"{database['NAME']}-wal")
    lost = count_lost_transactions(path)
    if lost:
        time.sleep(0.3)
        lost = min(lost, count_lost_transactions(path))
    if lost:
        log.error(
            "the write-ahead log %s is damaged: %s confirmed transactions are lost; keep the file and look at a backup",
            path.name,
            lost,
        )
    return lost


def count_lost_transactions(path: Path) -> int:
    """Return the number of complete transactions after the first damaged frame of a log; 0 if there is no log."""
    try:
        content = path.read_bytes()
    except OSError:
        return 0
    if len(content) < _HEADER.size:
        return 0
    magic, _version, page_size, _sequence, *salts, first, second = _HEADER.unpack_from(content)
    if magic not in _MAGIC or not 512 <= page_size <= 65_536:
        return 0
    byte_order, checksum = _MAGIC[magic], (first, second)
    is_valid, lost = True, 0
    for start in range(_HEADER.size, len(content) - _FRAME.size - page_size + 1, _FRAME.size + page_size):
        _page, size_after_commit, *frame_salts, first, second = _FRAME.unpack_from(content, start)
        if is_valid:
            data = start + _FRAME.size
            checksum = _add(content[start : start + 8] + content[data : data + page_size], byte_order, checksum)
            is_valid = frame_salts == salts and checksum == (first, second)
        elif frame_salts == salts and size_after_commit:
            lost += 1
    return lost


def _add(data: bytes, byte_order: str, checksum: tuple[int, int]) -> tuple[int, int]:
    words = array("I", data)
    if byte_order != sys.byteorder:
        words.byteswap()
    first, second = checksum
    for index in range(0, len(words), 2):
        first = (first + words[index] + second) & 0xFFFFFFFF
        second = (second + words[index + 1] + first) & 0xFFFFFFFF
    return first, second
