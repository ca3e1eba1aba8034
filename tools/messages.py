"""Manage the interface translations: `collect` the sentences, `compile` them, `check` that none is missing.

Only Babel is needed, so GNU gettext is not required. Templates go through Django's own `templatize`, which turns them
into something that a Python tokenizer can read. The catalogues are in src/samsvar/site/locale.
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
LANGUAGES = ("fr", "nb", "ro")  # English is the language of the source strings
KEYWORDS = {
    "_": None,
    "_now": None,  # gettext next to a module's lazy `_`
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
# what a translation must keep unchanged: %(name)s, {name} and tags
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|</?[a-z][^>]*>")


def as_python(template: str, name: str) -> str:
    """Return a template as Django's `templatize` gives it, line by line, ready for a Python tokenizer."""
    import django
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    # indentation matters in Python but not in a template
    return "\n".join(line.lstrip() for line in templatize(template, origin=name).split("\n"))


def source_texts() -> Iterator[tuple[str, str]]:
    """Yield each file that may contain sentences: its path from the root and its text as Python."""
    for path in sorted(SITE.rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py" and "migrations" not in path.parts:
            yield name, path.read_text(encoding="utf-8")
        elif "templates" in path.parts and path.suffix in {".html", ".txt", ".xml", ".svg"}:
            yield name, as_python(path.read_text(encoding="utf-8"), name)


def extract_messages(texts: Iterable[tuple[str, str]]) -> Catalog:
    """Return a catalogue of all sentences in these texts, in the form that `source_texts` yields.

    Raises SystemExit for a sentence with two plurals: a catalogue has one entry for each singular and context, and the
    translation of one plural would be shown for the other.
    """
    catalog = Catalog(project="Samsvar", charset="utf-8")
    plurals: dict[tuple[str, str | None], str] = {}
    for name, text in texts:
        found = extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS, comment_tags=COMMENT)
        for _line, message, comments, context in found:
            catalog.add(message, None, [(name, 0)], auto_comments=comments, context=context)
            if isinstance(message, tuple):
                plural = plurals.setdefault((message[0], context), message[1])
                if plural != message[1]:
                    raise SystemExit(
                        f"{name}: {message[0]!r} has two plurals; give one a context: {plural!r}, {message[1]!r}"
                    )
    return catalog


def po_file(language: str) -> Path:
    """Return the path of the translations into a language."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read_translations(language: str) -> Catalog:
    """Return the translations into a language; an empty catalogue if there are none yet."""
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language, project="Samsvar", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def collect() -> int:
    """Update every catalogue: new sentences are added without a translation, unused ones are removed."""
    template = extract_messages(source_texts())
    for language in LANGUAGES:
        catalog = read_translations(language)
        catalog.update(template, no_fuzzy_matching=True)  # a fuzzy match looks like a finished translation
        catalog.obsolete.clear()
        if language == "fr":
            for message in catalog:
                if message.id:
                    spaced = tuple(map(set_french_spaces, plural_forms(message)))
                    message.string = spaced if isinstance(message.string, (tuple, list)) else spaced[0]
        catalog.header_comment = (
            f"# Samsvar in {catalog.locale.get_display_name('en') if catalog.locale else language}."
        )
        catalog.fuzzy = False
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = io.BytesIO()
        write_po(text, catalog, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
        # the dates in the header change with every run and are of no use
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
    """Write the .mo file next to each catalogue whose .po file is newer."""
    for language in LANGUAGES:
        path = po_file(language)
        target = path.with_suffix(".mo")
        if path.exists() and (not target.exists() or target.stat().st_mtime <= path.stat().st_mtime):
            fresh = target.with_suffix(".mo.new")
            with fresh.open("wb") as file:
                write_mo(file, read_translations(language))
            fresh.replace(target)  # a starting server sees either the old file or the new one, never half a file
    return 0


def is_translated(message: Message) -> bool:
    """Return whether a person has finished this translation, in every plural form."""
    return not message.fuzzy and all(plural_forms(message))


def plural_forms(message: Message) -> tuple[str, ...]:
    """Return the plural forms of a translation; an empty text for each form that is not translated yet."""
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return tuple(text or "" for text in strings)


def set_french_spaces(text: str) -> str:
    """Return a French text with a no-break space before : ; ! ? and inside « », so that no line begins with them."""
    text = re.sub(r"(?<=[^\s\u00a0]) (?=[:;!?](?:\s|$))", "\u00a0", text)
    return text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")


def find_problems(language: str, wanted: Catalog, have: Catalog) -> Iterator[str]:
    """Yield one sentence for each reason why the translations `have` are incomplete."""
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
        allowed = {frozenset(PLACEHOLDER.findall(text)) for text in originals}
        strings = plural_forms(mine)
        for text in strings:
            if frozenset(PLACEHOLDER.findall(text)) not in allowed:
                yield f"{language}: {text!r} does not carry over what stands in {first!r}"
            if language == "fr" and text != set_french_spaces(text):
                yield f"{language}: {text!r} needs no-break spaces (make messages sets them)"
        if isinstance(message.id, (tuple, list)) and len(strings) != have.num_plurals:
            yield f"{language}: {first!r} has {len(strings)} plural forms of {have.num_plurals}"
    for message in have:
        if message.id:
            first = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
            if wanted.get(first, message.context) is None:
                yield f"{language}: no longer said: {first!r} (make messages takes it out)"


def check() -> int:
    """Print every sentence that is missing or damaged in a language; return 1 if there are any."""
    wanted = extract_messages(source_texts())
    found = [fault for language in LANGUAGES for fault in find_problems(language, wanted, read_translations(language))]
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
