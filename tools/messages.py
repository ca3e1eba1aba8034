"""The interface's sentences in every language: `collect` them, `compile` them, `check` that none is missing.

Babel alone does the work, so that no machine needs GNU gettext. Templates go through Django's own `templatize`, which
turns them into something a Python tokenizer reads. The catalogues lie in src/samsvar/site/locale.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "src/samsvar/site"
LOCALE = SITE / "locale"
LANGUAGES = ("fr", "nb", "ro")  # English is what the code says
KEYWORDS = {
    "_": None,
    "_now": None,  # gettext beside a module's lazy `_`
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
COMMENT = ("Translators:",)
# what a translation must carry over unchanged: %(name)s, {name} and tags
CARRIED = re.compile(r"%\(\w+\)[sd]|\{\w*\}|</?[a-z][^>]*>")


def as_python(template: str, name: str) -> str:
    """A template as Django's `templatize` gives it, line for line, ready for a Python tokenizer."""
    import django
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    # indentation means something in Python and nothing in a template
    return "\n".join(line.lstrip() for line in templatize(template, origin=name).split("\n"))


def sources() -> Iterator[tuple[str, str]]:
    """Each file that may hold sentences: its name from the root, and its text as Python."""
    for path in sorted(SITE.rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py" and "migrations" not in path.parts:
            yield name, path.read_text(encoding="utf-8")
        elif "templates" in path.parts and path.suffix in {".html", ".txt", ".xml", ".svg"}:
            yield name, as_python(path.read_text(encoding="utf-8"), name)


def collected(texts: Iterable[tuple[str, str]]) -> Catalog:
    """All sentences in these files, as `sources` gives them."""
    catalog = Catalog(project="Samsvar", charset="utf-8")
    for name, text in texts:
        found = extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS, comment_tags=COMMENT)
        for _line, message, comments, context in found:
            catalog.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return catalog


def po_file(language: str) -> Path:
    """Where the translations into a language lie."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def translated(language: str) -> Catalog:
    """The translations into a language; an empty catalogue where there are none yet."""
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language, project="Samsvar", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def collect() -> int:
    """Bring every catalogue up to date: new sentences come in empty, those that are no longer said go."""
    template = collected(sources())
    for language in LANGUAGES:
        catalog = translated(language)
        catalog.update(template, no_fuzzy_matching=True)  # a guessed translation looks like a finished one
        catalog.obsolete.clear()
        catalog.header_comment = (
            f"# Samsvar in {catalog.locale.get_display_name('en') if catalog.locale else language}."
        )
        catalog.fuzzy = False
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = io.BytesIO()
        write_po(text, catalog, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
        # dates in the head change with every run and tell nobody anything
        lines = [
            line
            for line in text.getvalue().splitlines(True)
            if not re.match(rb'"(POT-|PO-|Last-|Generated-|Report-|Project-|Language-Team)', line)
        ]
        path.write_bytes(b"".join(lines))
        missing = sum(1 for message in catalog if message.id and not is_translated(message))
        print(f"{path.relative_to(ROOT)}: {len(catalog)} sentences, {missing} to translate")
    return 0


def compile_all() -> int:
    """Write the .mo file beside each catalogue whose .po is newer."""
    for language in LANGUAGES:
        path = po_file(language)
        target = path.with_suffix(".mo")
        if path.exists() and (not target.exists() or target.stat().st_mtime <= path.stat().st_mtime):
            fresh = target.with_suffix(".mo.new")
            with fresh.open("wb") as file:
                write_mo(file, translated(language))
            fresh.replace(target)  # a server that is starting sees the old file or the new one, never half
    return 0


def is_translated(message: Message) -> bool:
    """A translation counts when a person has finished it, in every plural."""
    return not message.fuzzy and all(said(message))


def said(message: Message) -> tuple[str, ...]:
    """What a translation says, one for each plural form; empty texts where it says nothing yet."""
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return tuple(text or "" for text in strings)


def faults(language: str, wanted: Catalog, have: Catalog) -> Iterator[str]:
    """What keeps the translations `have` from being complete, one sentence each."""
    for message in wanted:
        if not message.id:
            continue
        first = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
        mine = have.get(first, message.context)
        if mine is None or not is_translated(mine):
            places = ", ".join(sorted({place for place, _line in message.locations}))
            yield f"{language}: not translated: {first!r} ({places})"
            continue
        originals = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        allowed = {frozenset(CARRIED.findall(text)) for text in originals}
        strings = said(mine)
        for text in strings:
            if frozenset(CARRIED.findall(text)) not in allowed:
                yield f"{language}: {text!r} does not carry over what stands in {first!r}"
        if isinstance(message.id, (tuple, list)) and len(strings) != have.num_plurals:
            yield f"{language}: {first!r} has {len(strings)} plural forms of {have.num_plurals}"
    for message in have:
        if message.id:
            first = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
            if wanted.get(first, message.context) is None:
                yield f"{language}: no longer said: {first!r} (make messages takes it out)"


def check() -> int:
    """1 where a sentence of the interface is missing or damaged in a language, each named."""
    wanted = collected(sources())
    found = [fault for language in LANGUAGES for fault in faults(language, wanted, translated(language))]
    print("\n".join(found[:60]) or f"{len(wanted)} sentences, complete in {', '.join(LANGUAGES)}")
    if len(found) > 60:
        print(f"... and {len(found) - 60} more")
    return 1 if found else 0


COMMANDS = {"collect": collect, "compile": compile_all, "check": check}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        print(f"tools/messages.py {'|'.join(COMMANDS)}", file=sys.stderr)
        raise SystemExit(2)
    raise SystemExit(COMMANDS[sys.argv[1]]())
