"""Measure how well unseen documents are split into paragraphs: F1 by language and by kind of document.

The documents are of our own writing, in English, French, Spanish, Portuguese and Russian, in the forms that bodies of
the United Nations and of the Council of Europe use: observations, resolutions with a preamble, decisions on complaints,
treaties, statements, newsletters in columns. A paragraph counts as right if its number, and its text with that of its
points, are exactly those that were written, spaces and punctuation aside; so does each point of a numbered paragraph.
Prints F1 for each language with its target and exits with code 1 if a target is missed; `--kinds` shows the kinds of
document, and `--errors` the paragraphs that differ.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import typst

from samsvar.monitoring.passages import split_into_passages
from samsvar.monitoring.profile import get_profile
from samsvar.monitoring.reading import read_pages

MIN_F1: Final = 0.95
SENTENCES: Final = tomllib.loads((Path(__file__).parent / "splitting.toml").read_text(encoding="utf-8"))
_LETTERS: Final = {
    "en": "abcdefghijklm", "fr": "abcdefghijklm", "es": "abcdefghijklm", "pt": "abcdefghijklm", "ru": "абвгдежзиклмн",
}  # fmt: skip
_ROMAN: Final = "i ii iii iv v vi vii viii ix x xi xii".split()
_CAPITAL_ROMAN: Final = [numeral.upper() for numeral in _ROMAN]
_QUOTES: Final = {"en": "“”", "fr": "«»", "es": "“”", "pt": "“”", "ru": "«»"}

Unit = tuple[str, str]  # printed number, alphanumeric characters


@dataclass
class Document:
    """A document in the making: its Typst source and the paragraphs that a reader should find."""

    language: str
    dice: random.Random
    size: float = 10.0
    parts: list[str] = field(default_factory=list)
    paragraphs: list[Unit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.words = SENTENCES[self.language]
        self.headings = self.dice.sample(self.words["headings"], len(self.words["headings"]))
        self.spacing = self.dice.choice((8, 10, 12))
        self.hanging = self.dice.random() < 0.5
        self.close = self.dice.choice((".", ".", ")"))

    def fill(self, pattern: str) -> str:
        """Put numbers and years into a sentence."""
        return pattern.replace("{n}", str(self.dice.randint(2, 320))).replace("{y}", str(self.dice.randint(1994, 2025)))

    def draw(self, kind: str, count: int) -> list[str]:
        return [self.fill(pattern) for pattern in self.dice.sample(self.words[kind], count)]

    def prose(self, most: int = 4) -> str:
        return " ".join(self.draw("sentences", self.dice.randint(1, most)))

    def add(self, source: str) -> None:
        self.parts.append(source)

    def expect(self, number: str, *texts: str) -> None:
        self.paragraphs.append((number, reduce_text(" ".join(texts))))

    def heading(self, text: str, style: str = "") -> None:
        style = style or self.dice.choice(("bold", "italic", "centred"))
        body = {"bold": f"*#{quote(text)}*", "italic": f"_#{quote(text)}_", "plain": f"#{quote(text)}"}.get(
            style, f"#align(center)[*#{quote(text)}*]"
        )
        self.add(f"#block(above: {self.spacing + 6}pt, below: {self.spacing + 2}pt, sticky: true)[{body}]")

    def paragraph(self, number: str, text: str, notes: bool = False) -> None:
        """Add a paragraph; with `notes`, it may have a footnote."""
        note = ""
        if notes and self.dice.random() < 0.4:
            note = f"#footnote[#{quote(self.draw('sentences', 1)[0])}]"
        self.add(f"#para({quote(number)}, [#{quote(text)}{note}])")

    def point(self, label: str, text: str, depth: int = 0) -> None:
        self.add(f"#point({quote(label)}, {quote(text)}, {depth})")

    def compile(self, page: str = "width: 440pt, height: 560pt", head: str = "", foot: str = "") -> bytes:
        """Return the document as a PDF."""
        number_style = (
            "grid(columns: (30pt, 1fr), n, t)" if self.hanging else "par[#if n != [] [#box(width: 30pt, n)]#t]"
        )
        margins = "margin: (x: 55pt, top: 60pt, bottom: 70pt)"
        source = f"""#set page({page}, {margins}, {head or PLAIN_HEAD}, {foot or PLAIN_FOOT})
#set text(size: {self.size}pt, lang: "{self.language}")
#set par(justify: {"true" if self.dice.random() < 0.6 else "false"}, leading: 5pt, spacing: {self.spacing}pt)
#set block(spacing: {self.spacing}pt)
#show footnote.entry: set text(size: {self.size - 2.5}pt)
#let para(n, t) = {{ let n = [#n]; {number_style} }}
#let point(n, t, d) = pad(left: 30pt + 24pt * d, grid(columns: (24pt, 1fr), n, par(t)))
#let cite(t) = pad(left: 46pt, right: 30pt, par(t))
"""
        made = typst.compile((source + "\n\n".join(self.parts)).encode())
        assert isinstance(made, bytes)
        return made


PLAIN_HEAD: Final = "header: text(size: 8pt)[OST/C/2021/3 #h(1fr) fictional]"
PLAIN_FOOT: Final = "footer: context align(center, text(size: 8pt, counter(page).display()))"
TIGHT_FOOT: Final = "footer-descent: 1pt, footer: context align(center, counter(page).display())"


def quote(text: str) -> str:
    """Return a Typst string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def reduce_text(text: str) -> str:
    """Return the alphanumeric characters of a text, by which paragraphs are compared."""
    return re.sub(r"[\W_]+", "", text).casefold()


# --- Kinds of document ------------------------------------------------------------------------------------------------


def observations(doc: Document) -> bytes:
    """Observations of a treaty body: numbered paragraphs under headings, some with lettered points, and footnotes."""
    doc.heading(doc.headings[0], "centred")
    number = 0
    letters, style = _LETTERS[doc.language], doc.dice.choice(("(x)", "x)"))
    for section, heading in enumerate(doc.headings[1:5]):
        doc.heading(f"{'ABCD'[section]}. {heading}", doc.dice.choice(("bold", "plain")))
        for _ in range(doc.dice.randint(2, 4)):
            number += 1
            if doc.dice.random() < 0.4:
                add_list(doc, f"{number}.", [style.replace("x", letter) for letter in letters])
            else:
                text = doc.prose()
                doc.paragraph(f"{number}.", text, notes=True)
                doc.expect(str(number), text)
    return doc.compile(foot=doc.dice.choice((PLAIN_FOOT, TIGHT_FOOT)))


def add_list(doc: Document, number: str, labels: list[str], inner: list[str] | None = None) -> None:
    """Add a numbered paragraph with labelled points, one of which may have points of its own."""
    lead = f"{doc.prose(2)} {doc.fill(doc.dice.choice(doc.words['lead']))}:"
    doc.paragraph(number, lead)
    texts = doc.draw("points", doc.dice.randint(3, 6))
    texts = [f"{text};" for text in texts[:-1]] + [f"{texts[-1]}."]
    whole, points = [lead], []
    split = doc.dice.randrange(len(texts)) if inner else -1
    plain = number.strip("().")
    for at, text in enumerate(texts):
        label = labels[at]
        key = f"{plain}.{label.strip('().')}"
        if at == split and inner:
            text = f"{text.rstrip(';.')}:"
        doc.point(label, text)
        points.append((key, text))
        whole += [label, text]
        if at == split and inner:
            for below, item in zip(inner, doc.draw("points", 3), strict=False):
                doc.point(below, f"{item};", 1)
                points.append((f"{key}.{below.strip('().')}", f"{item};"))
                whole += [below, f"{item};"]
    doc.expect(plain, *whole)
    for key, text in points:
        doc.expect(key, text)


def roman_points(doc: Document) -> bytes:
    """A report whose points have Roman numerals, alone or below lettered points."""
    doc.heading(doc.headings[0], "bold")
    roman = doc.dice.choice(("x.", "(x)", "x)"))
    letters = _LETTERS[doc.language]
    for number in range(1, 11):
        if number % 3 == 0:
            add_list(doc, f"{number}.", [roman.replace("x", numeral) for numeral in _ROMAN])
        elif number % 3 == 1:
            labels = [f"({letter})" for letter in letters]
            add_list(doc, f"{number}.", labels, [roman.replace("x", numeral) for numeral in _ROMAN])
        else:
            text = doc.prose()
            doc.paragraph(f"{number}.", text)
            doc.expect(str(number), text)
    return doc.compile()


def recommendation(doc: Document) -> bytes:
    """A recommendation or resolution that begins with a preamble on its first page."""
    doc.heading(f"OST-CP(2021)4 – {doc.headings[1]}", "centred")
    opening = f"{doc.words['body']},"
    doc.add(f"#par({quote(opening)})")
    doc.expect("", opening)
    clauses = doc.draw("preamble", 5)
    italic = doc.dice.random() < 0.5
    for clause in clauses:
        first, rest = clause.split(" ", 1)
        end = ";" if doc.dice.random() < 0.6 else ","
        doc.add(f"#par[#{'emph' if italic else 'text'}({quote(first)}) #{quote(rest + end)}]")
        doc.expect("", clause)
    for number in range(1, doc.dice.randint(5, 9)):
        if number == 3:
            add_list(doc, f"{number}{doc.close}", [f"{letter})" for letter in _LETTERS[doc.language]])
        else:
            text = doc.prose(2)
            doc.paragraph(f"{number}{doc.close}", text)
            doc.expect(str(number), text)
    return doc.compile()


def decision(doc: Document) -> bytes:
    """A decision on a complaint: paragraphs 1.1, 1.2, 2.1 with quotations in blocks."""
    doc.heading(doc.headings[0], "centred")
    opening, closing = _QUOTES[doc.language]
    for section in range(1, 5):
        doc.heading(doc.headings[section], "italic")
        for below in range(1, doc.dice.randint(3, 6)):
            text = doc.prose(3)
            number = f"{section}.{below}"
            if doc.dice.random() < 0.35:
                cited = f"{opening}{doc.draw('quotes', 1)[0]}.{closing}"
                doc.paragraph(number, f"{text[:-1]}:")
                doc.add(f"#cite({quote(cited)})")
                doc.expect(number, text, cited)
            else:
                doc.paragraph(number, text, notes=True)
                doc.expect(number, text)
    return doc.compile()


def judgment(doc: Document) -> bytes:
    """A judgment or explanatory report that quotes articles of laws in blocks inside its numbered paragraphs."""
    doc.heading(doc.headings[0], "centred")
    for number in range(1, 11):
        text = doc.prose(3)
        if number % 3 == 2:
            lead = f"{text[:-1]}:"
            article = f"{doc.words['article']} {doc.dice.randint(3, 60)}"
            cited = doc.draw("quotes", 2)
            doc.paragraph(f"{number}.", lead)
            style = doc.dice.choice(("text", "emph"))
            size = doc.size - doc.dice.choice((0, 1))
            texts = [f"#{style}({quote(text)})" for text in (article, f"{cited[0]}.", f"{cited[1]}.")]
            inside = f"#pad(left: 46pt, right: 30pt)[{texts[0]} \\ {texts[1]}\n\n{texts[2]}]"
            doc.add(f"#block(above: {doc.spacing}pt)[#set text(size: {size}pt)\n{inside}]")
            doc.expect(str(number), lead, article, *cited)
        else:
            doc.paragraph(f"{number}.", text)
            doc.expect(str(number), text)
    return doc.compile()


def treaty(doc: Document) -> bytes:
    """A treaty: articles with headings right above their text, and numbered paragraphs that begin again with 1."""
    doc.heading(doc.headings[0], "centred")
    tight = doc.dice.random() < 0.6
    for article in range(1, 10):
        title = f"{doc.words['article']} {article}"
        if doc.dice.random() < 0.5:
            title += f" – {doc.dice.choice(doc.headings)}"
        centred = doc.dice.random() < 0.5
        below = 5 if tight else doc.spacing
        body = f"#align(center)[*#{quote(title)}*]" if centred else f"*#{quote(title)}*"
        doc.add(f"#block(above: {doc.spacing + 6}pt, below: {below}pt, sticky: true)[{body}]")
        if article % 2:
            text = f"{doc.draw('quotes', 1)[0]}. {doc.prose(2)}"
            doc.add(f"#par({quote(text)})")
            doc.expect("", text)
        else:
            for number in range(1, doc.dice.randint(3, 5)):
                text = f"{doc.draw('quotes', 1)[0]}. {doc.prose(1)}"
                doc.paragraph(f"{number}.", text)
                doc.expect(str(number), text)
    return doc.compile()


def resolution_with_subparagraphs(doc: Document) -> bytes:
    """A resolution of an assembly: 1., 2., and below them 2.1., 2.2., 2.2.1."""
    doc.heading(doc.headings[0], "centred")
    for number in range(1, 9):
        text = doc.prose(3)
        if number % 3:
            doc.paragraph(f"{number}.", text)
            doc.expect(str(number), text)
            continue
        lead = f"{doc.fill(doc.dice.choice(doc.words['lead']))}:"
        doc.paragraph(f"{number}.", lead)
        doc.expect(str(number), lead)
        for below, item in enumerate(doc.draw("points", 4), 1):
            doc.add(f"#pad(left: 24pt, para({quote(f'{number}.{below}.')}, {quote(item + ';')}))")
            doc.expect(f"{number}.{below}", item)
            if below == 2:
                for third, inner in enumerate(doc.draw("points", 2), 1):
                    doc.add(f"#pad(left: 48pt, para({quote(f'{number}.{below}.{third}.')}, {quote(inner + ';')}))")
                    doc.expect(f"{number}.{below}.{third}", inner)
    return doc.compile()


def statement(doc: Document) -> bytes:
    """A statement without numbers, with bullets and headings; the page number is set like the text."""
    for section in range(3):
        if section:
            doc.heading(doc.headings[section], "bold")
        for at in range(doc.dice.randint(2, 4)):
            text = doc.prose()
            doc.paragraph("", text, notes=at == 1)
            doc.expect("", text)
    return doc.compile(head="header: none", foot=TIGHT_FOOT)


def make_columns(count: int) -> Callable[[Document], bytes]:
    """Return a maker of documents in columns, numbered in half of the cases."""

    def columns(doc: Document) -> bytes:
        doc.size = 9.0 if count == 2 else 8.0
        doc.hanging = False
        numbered = doc.dice.random() < 0.5
        doc.heading(doc.headings[0], "centred")
        doc.add(f"#columns({count}, gutter: {doc.dice.choice((12, 18, 24))}pt)[")
        for number in range(1, 15 if count == 2 else 22):
            if number % 6 == 1:
                doc.heading(doc.headings[number % 7], "bold")
            text = doc.prose(3)
            doc.paragraph(f"{number}." if numbered else "", text)
            doc.expect(str(number) if numbered else "", text)
        doc.add("]")
        return doc.compile("width: 595pt, height: 760pt")

    return columns


def lone_numbers(doc: Document) -> bytes:
    """A report with numbers in brackets or without a stop, and a list of figures that begin lines."""
    doc.heading(doc.headings[0], "bold")
    open_, close = doc.dice.choice((("(", ")"), ("", ""), ("[", "]")))
    doc.hanging = True
    for number in range(1, 13):
        if number in (4, 9):
            doc.heading(f"{_CAPITAL_ROMAN[number // 4]}. {doc.headings[number % 7]}", "plain")
        text = doc.prose()
        doc.paragraph(f"{open_}{number}{close}", text)
        doc.expect(str(number), text)
    return doc.compile()


KINDS: Final[dict[str, Callable[[Document], bytes]]] = {
    "observations": observations,
    "roman points": roman_points,
    "recommendation": recommendation,
    "decision": decision,
    "judgment": judgment,
    "treaty": treaty,
    "resolution": resolution_with_subparagraphs,
    "statement": statement,
    "two columns": make_columns(2),
    "three columns": make_columns(3),
    "lone numbers": lone_numbers,
}


# --- Measure ----------------------------------------------------------------------------------------------------------


def read_units(content: bytes) -> list[Unit]:
    """Return the paragraphs and points that are read from a document."""
    split = split_into_passages(read_pages(content, "document.pdf"), get_profile("general"))
    return [(passage.number, reduce_text(passage.text)) for passage in (*split.passages, *split.annex)]


def compare(expected: list[Unit], found: list[Unit]) -> tuple[int, int, int]:
    """Return how many paragraphs are right, found and expected."""
    return (Counter(expected) & Counter(found)).total(), len(found), len(expected)


def f1(right: int, found: int, expected: int) -> float:
    return 2 * right / ((found + expected) or 1)


def measure_document(language: str, kind: str, seed: int) -> tuple[tuple[int, int, int], list[Unit], list[Unit]]:
    """Make and read a document; return the counts, and the expected and the found paragraphs."""
    document = Document(language, random.Random(f"{language} {kind} {seed}"))
    found = read_units(KINDS[kind](document))
    return compare(document.paragraphs, found), document.paragraphs, found


def measure(rounds: int, errors: bool = False) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Return the counts by language and kind, with that many documents of each."""
    table: dict[tuple[str, str], tuple[int, int, int]] = {}
    for language in SENTENCES:
        for kind in KINDS:
            total = (0, 0, 0)
            for seed in range(rounds):
                (right, read, written), expected, found = measure_document(language, kind, seed)
                total = (total[0] + right, total[1] + read, total[2] + written)
                if errors:
                    print_differences(f"{language} {kind} {seed}", expected, found)
            table[language, kind] = total
    return table


def print_differences(title: str, expected: list[Unit], found: list[Unit]) -> None:
    """Print the paragraphs that were missed and those that were not written so."""
    for sign, units in (("-", Counter(expected) - Counter(found)), ("+", Counter(found) - Counter(expected))):
        for number, text in units:
            print(f"{title} {sign} [{number}] {text[:60]}…{text[-30:]} ({len(text)})")


def main() -> int:
    """Measure and print; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, help="documents of each kind and language")
    parser.add_argument("--kinds", action="store_true", help="show each kind of document")
    parser.add_argument("--errors", action="store_true", help="show the paragraphs that differ")
    options = parser.parse_args()
    table = measure(options.rounds, options.errors)

    def add_up(pick: Callable[[str, str], bool]) -> tuple[int, int, int]:
        chosen = [counts for (language, kind), counts in table.items() if pick(language, kind)]
        return sum(c[0] for c in chosen), sum(c[1] for c in chosen), sum(c[2] for c in chosen)

    if options.kinds:
        for name in KINDS:
            figures = " ".join(f"{language} {f1(*table[language, name]):.3f}" for language in SENTENCES)
            print(f"{name:16}{figures}")
    missed = False
    for name in SENTENCES:
        counts = add_up(lambda language, _, name=name: language == name)
        missed = missed or f1(*counts) < MIN_F1
        print(f"{name}: F1 {f1(*counts):.3f} of {counts[2]} paragraphs (at least {MIN_F1})")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
