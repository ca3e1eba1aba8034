"""Find words that plain English does without: `check` fails on any that no exception allows.

It reads the sentences of the interface, the docstrings and comments of src, tests, tools and benchmarks, the names in
src, and the documentation. WORDS says what to write instead, EXCEPTIONS where a word is right, and LIMITS how many
names remain: lower a limit with every name that you correct, and never raise one. docs/style.md says why.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "tests", "tools", "benchmarks")
# files that name the words in order to forbid them
SKIPPED = ("tools/english.py", "tests/house/test_english.py", "docs/style.md")

# word (a regular expression between word boundaries) -> what to write instead
WORDS = {
    r"stands?|stood": "is, applies, is listed, is written; status for a state",
    r"anew": "again",
    r"whoever": "anyone who, or the role",
    r"somebody": "someone, or the role",
    r"nobody": "no one, or the role",
    r"anybody": "anyone",
    r"everybody": "everyone",
    r"any ?more|no more": "no longer",
    r"trails?": "audit log",
    r"mend(?:s|ed|ing)?": "fix, edit, correct",
    r"letters?": "email, unless it is on paper, a PDF, or of an alphabet",
    r"called off": "cancelled",
}
# a name -> what to call it instead
NAMES = {
    "said": "data, text",
    "told": "message, note",
    "kept": "saved, or what it holds",
    "asked": "question, request, form",
    "found": "matches, result, or the thing's own name",
    "refusal": "error",
    "one": "the thing's own name",
    "row": "the thing's own name",
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """Where a word is right: in texts and files that match."""

    word: str
    reason: str
    text: str = ""  # a regular expression in the line
    path: str = ""  # a regular expression in the file's name


# files about the letters of an alphabet, of a cell or of a paragraph, and about letters on paper
ALPHABET = (
    r"^(src/samsvar/(convention|funding|interchange|monitoring|search)/|src/samsvar/site/(funding|pages|search|shell)/"
    r"|src/samsvar/site/network/(accounts/(passwords|recovery_codes)|access/forms|directory/queries)"
    r"|benchmarks/splitting|tests/(convention|interchange|monitoring)/|tests/factories/pr|tests/site/(test_meetings_fonts|test_standard)"
    r"|docs/(reference/programme-formats|decisions/001[08]|explanation/search|how-to/(manage-funding|sign-in-and-accounts)))"
)
PAPER = (
    r"^(src/samsvar/site/meetings/|src/samsvar/site/shell/site_url|tests/site/test_(erasure|meetings_letters|uploads)|tools/frontend"
    r"|docs/reference/(glossary|processing|rights)|docs/explanation/(security|architecture)|docs/how-to/(deploy|organise|register|run-a-meeting)"
    r"|CHANGELOG|SECURITY)"
)
EXCEPTIONS: tuple[Allowed, ...] = (
    Allowed(r"stands?", "how the project describes itself", text=r"where (every country|a country|it|Europe) stands"),
    Allowed("stand", "a replacement; a person on their feet", text=r"stand-in|stand in a queue"),
    Allowed("letters?", "of an alphabet", path=ALPHABET),
    Allowed("letters?", "on paper or as PDF", path=PAPER),
    Allowed("letters?", "a key in a setting that operators have", text=r"letters=14|\{\"letters\": 14"),
    Allowed("letters?", "on paper", text=r"by letter\b"),
    Allowed("nobody", "a user of Unix, a value in tests", text=r"[`\"]nobody[`\"]"),
)

# names in src when the check came (2026-11), most in comprehensions of several lines: too many for one change
LIMITS: dict[str, int] = {
    "asked": 1,
    "refusal": 5,
    "one": 79,
    "row": 62,
}


@dataclass(frozen=True, slots=True)
class Text:
    """One line of prose, or a name, with its place."""

    path: str
    line: int
    kind: str  # sentence, docstring, comment, name, page
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A word that no exception allows."""

    word: str
    at: Text

    def __str__(self) -> str:
        return f"{self.at.path}:{self.at.line}: {self.at.kind} has “{self.word}”: {self.at.text.strip()}"


def main(arguments: list[str]) -> int:
    """Run `check`: print each hit and the count of each word; 1 where a word is not allowed or a limit does not fit."""
    if arguments != ["check"]:
        print("Usage: python tools/english.py check", file=sys.stderr)
        return 2
    hits = list(find_words([*read_code(), *read_sentences(), *read_pages()]))
    for hit in hits:
        print(hit)
    counts = Counter(hit.word.lower() for hit in hits)
    names = Counter(name.text for name in read_names())
    wrong = list(check_limits(names, LIMITS))
    for problem in wrong:
        print(problem)
    for word, count in sorted(counts.items()):
        print(f"{word}: {count}")
    print("names in src: " + ", ".join(f"{name} {names[name]} of at most {LIMITS.get(name, 0)}" for name in NAMES))
    return 1 if hits or wrong else 0


def find_words(texts: Iterable[Text], exceptions: tuple[Allowed, ...] | None = None) -> Iterator[Hit]:
    """Yield every forbidden word of these texts, except where an exception allows it."""
    exceptions = EXCEPTIONS if exceptions is None else exceptions
    pattern = re.compile(r"\b(?:" + "|".join(WORDS) + r")\b", re.IGNORECASE)
    for text in texts:
        line = text.text.replace("_", " ") if text.kind == "name" else text.text
        for match in pattern.finditer(line):
            if text.kind == "name" and match.group().lower().startswith("letter"):
                continue  # in names, letters of alphabets are too many to list
            if not any(allows(exception, match, text) for exception in exceptions):
                yield Hit(match.group(), text)


def allows(exception: Allowed, match: re.Match[str], text: Text) -> bool:
    """Whether an exception covers a word at its place."""
    return bool(
        re.fullmatch(exception.word, match.group(), re.IGNORECASE)
        and re.search(exception.path, text.path)
        and (
            not exception.text
            # the word itself lies within what the exception describes
            or any(
                found.start() <= match.start() and match.end() <= found.end()
                for found in re.finditer(exception.text, match.string, re.IGNORECASE)
            )
        )
    )


def check_limits(names: Counter[str], limits: dict[str, int]) -> Iterator[str]:
    """Yield each name that is used more often than its limit allows."""
    for name, instead in NAMES.items():
        limit = limits.get(name, 0)
        if names[name] > limit:
            yield f"{names[name]} names are “{name}”, at most {limit} may be: call them by {instead}"


def python_files(*folders: str) -> Iterator[tuple[str, str]]:
    """Yield each Python file: its name from the root, and its text."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name not in SKIPPED and "migrations" not in path.parts:
                yield name, path.read_text(encoding="utf-8")


@cache
def parse(code: str) -> ast.Module:
    """Parse a file once: its docstrings and its names are read apart."""
    return ast.parse(code)


def read_code() -> Iterator[Text]:
    """Yield docstrings, comments and defined names of all code."""
    for path, code in python_files(*FOLDERS):
        yield from comments_in(path, code)
        tree = parse(code)
        yield from docstrings_in(path, tree)
        # names of tests are sentences; variables of tests are local
        yield from (
            Text(path, line, "name", name)
            for name, line in names_in(tree)
            if path.startswith("src/") or name.startswith("test_")
        )


def comments_in(path: str, code: str) -> Iterator[Text]:
    """Yield each comment of a file."""
    if "#" not in code:
        return
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield Text(path, token.start[0], "comment", token.string)


def docstrings_in(path: str, tree: ast.Module) -> Iterator[Text]:
    """Yield each line of a file's docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            match node.body:
                case [ast.Expr(ast.Constant(value=str(text)) as constant), *_]:
                    for offset, line in enumerate(text.splitlines()):
                        yield Text(path, constant.lineno + offset, "docstring", line)


def names_in(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each name that code defines, with its line; not the variables of a comprehension on one line."""
    short = {
        id(name)
        for node in ast.walk(tree)
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))
        and node.lineno == node.end_lineno
        for generator in node.generators
        for name in ast.walk(generator.target)
    }
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
            case ast.arg(arg=name):
                yield name, node.lineno
            case ast.Name(id=name, ctx=ast.Store()) if id(node) not in short:
                yield name, node.lineno


def read_names() -> Iterator[Text]:
    """Yield the names in src that NAMES forbids."""
    for path, code in python_files("src"):
        for name, line in names_in(parse(code)):
            if name in NAMES:
                yield Text(path, line, "name", name)


def read_sentences() -> Iterator[Text]:
    """Yield each sentence of the interface."""
    sys.path.insert(0, str(ROOT))  # as a script its own folder is on the path
    from tools import messages

    for message in messages.extract_messages(messages.source_texts()):
        for sentence in message.id if isinstance(message.id, (tuple, list)) else [message.id]:
            yield Text(message.locations[0][0] if message.locations else "", 0, "sentence", sentence)


def read_pages() -> Iterator[Text]:
    """Yield each line of the documentation."""
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]):
        name = path.relative_to(ROOT).as_posix()
        if name not in SKIPPED:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                yield Text(name, number, "page", line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
