"""Writes docs/reference/processing.md from the registry: what the site holds of people, what for, for whom, how long.

`python tools/processing.py` writes it, `python tools/processing.py check` says whether it is old. The periods are those
that come with Samsvar; what a site has set instead stands on its own page.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/processing.md"

HEAD = """\
# Record of processing

Made by `tools/processing.py` from the `personal.py` of each app; do not edit it here. A table or a column that nobody
has decided on fails `tests/site/test_personal.py`. Who is responsible is set by `SAMSVAR_CONTROLLER`, where to ask by
`SAMSVAR_PRIVACY_CONTACT`; the site shows this page with both at `/en/privacy/processing/`, and in plain words at
`/en/privacy/`. Nothing is passed on to other countries; letters travel through the mail service of the site's operator.
How all this is protected: [security](../explanation/security.md); why it is so: [privacy](../explanation/privacy.md).
"""
BY_ITSELF = """\
## What goes by itself

The worker (`samsvar-site work`) removes it each night; `samsvar-site retention` shows what would go. Another period is
set by its key, in days: `SAMSVAR_RETENTION=letters=14,questions=90`. Lines of the trail say themselves how long they
stay, and the database lets nobody remove one before.
"""
FILE = """\
## The file `my-data.json`

`format` is `{format}`; its number is raised when a key changes its meaning, and new keys may come at any time.
`made_at` is a moment (ISO 8601, UTC); `controller` and `contact` say who is responsible. `data` holds a list of rows
under each of the keys above; `explained` says under the same keys what it is, what it is for, on which ground, who else
sees it, how long it is kept, what erasure does, and which columns are withheld and why.
"""


def set_up() -> None:
    """Django with the settings of tests, and nothing of this machine's own."""
    os.environ.pop("SAMSVAR_RETENTION", None)
    os.environ.setdefault("SAMSVAR_DATA", f"{tempfile.gettempdir()}/samsvar-processing-{os.getpid()}")
    os.environ["DJANGO_SETTINGS_MODULE"] = "samsvar.site.settings.testing"
    import django

    django.setup()


def written() -> str:
    """The whole page."""
    from django.utils.translation import override

    with override("en"):
        return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    from samsvar.site.network.data_inventory import holds_none
    from samsvar.site.network.privacy.queries.privacy import FORMAT, period_words, record_of_processing

    record = record_of_processing()
    yield HEAD
    yield "## What is held"
    for line in record.lines:
        one = line.holding
        yield ""
        yield f"### {one.what}"
        yield ""
        yield f"- of whom: {line.whose}"
        yield f"- what: {_listed(line.columns)}" + (
            f"; kept besides and not handed out: {_listed(line.withheld)}" if line.withheld else ""
        )
        yield f"- used for: {_listed(line.purposes)}; ground: {_listed(line.grounds)}"
        yield f"- who else sees it: {one.recipients}"
        yield f"- how long: {line.stays}"
        yield f"- at erasure: {line.at_erasure}"
        yield f"- in `my-data.json`: `{one.key}`, with {_keys(one)}"
        yield f"- table: `{one.model}`"
    yield ""
    yield BY_ITSELF
    yield "| key | what | how long | why |"
    yield "|---|---|---|---|"
    for kind, _days in record.periods:
        yield f"| {'–' if kind.fixed else f'`{kind.key}`'} | {kind.what} | {period_words(kind)} | {kind.why} |"
    yield ""
    yield FILE.format(format=FORMAT)
    yield "## Tables that hold nothing of anybody"
    yield ""
    yield "| table | because |"
    yield "|---|---|"
    for label, none in sorted(holds_none().items()):
        yield f"| `{label}` | {none.because} |"


def _listed(words: tuple[Any, ...]) -> str:
    return ", ".join(dict.fromkeys(str(word) for word in words))


def _keys(holding: Any) -> str:
    return ", ".join(f"`{name}`" for name in (*holding.given, *holding.extra))


def main() -> None:
    """Write the page, or say that it is old."""
    set_up()
    page = written()
    if sys.argv[1:] == ["check"]:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            sys.exit(f"{PAGE.relative_to(ROOT)} is old: python tools/processing.py writes it anew.")
        return
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
