"""The check of plain English finds a forbidden word wherever it is, and leaves alone what is allowed for a reason."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from tools import english


def words_in(
    text: str, *, kind: str = "docstring", path: str = "src/samsvar/site/network/emails/models.py"
) -> list[str]:
    return [hit.word for hit in english.find_words([english.Text(path, 1, kind, text)])]


def test_code_and_pages_are_free_of_forbidden_words():
    assert [str(hit) for hit in english.find_words(english.read_code())] == []
    assert [str(hit) for hit in english.find_words(english.read_sentences())] == []
    assert [str(hit) for hit in english.find_words(english.read_pages())] == []


def test_no_name_is_used_more_often_than_its_limit():
    assert list(english.check_limits(Counter(name.text for name in english.read_names()), english.LIMITS)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Whoever stood there is told anew.", ["Whoever", "stood", "anew"]),
        ("The trail lists it no more.", ["trail", "no more"]),
        ("Send a letter to everybody.", ["letter", "everybody"]),
        ("The meeting was called off.", ["called off"]),
    ],
)
def test_a_planted_word_is_found(text, words):
    assert words_in(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "Where every country stands on the Convention.",
        "We understand.",
        "A stand-in for a mail server.",
        "Asked by letter.",
    ],
)
def test_an_allowed_word_is_not_reported(text):
    assert words_in(text) == []


def test_an_exception_covers_its_own_words_only():
    assert words_in("Where every country stands is where the rule stands.") == ["stands"]


def test_a_letter_is_allowed_where_letters_are_printed():
    text = "Return the letter as PDF."
    assert words_in(text, path="src/samsvar/site/meetings/letters/actions.py") == []
    assert words_in(text) == ["letter"]


def test_the_words_of_a_name_are_checked():
    assert words_in("test_nobody_stands_alone", kind="name") == ["nobody", "stands"]


def test_docstrings_comments_and_names_are_read_from_code():
    code = '"""First.\n\nSecond."""\n\n\ndef run(row):  # why\n    """Third."""\n    said = [one for one in row]\n'
    tree = ast.parse(code)
    assert [(text.line, text.text) for text in english.docstrings_in("x.py", tree)] == [
        (1, "First."), (2, ""), (3, "Second."), (7, "Third."),
    ]  # fmt: skip
    assert [text.text for text in english.comments_in("x.py", code)] == ["# why"]
    assert sorted(english.names_in(tree)) == [("row", 6), ("run", 6), ("said", 8)]


def test_a_variable_of_a_comprehension_on_several_lines_is_a_name():
    tree = ast.parse("names = [\n    one.name\n    for one in people\n]\n")
    assert sorted(english.names_in(tree)) == [("names", 1), ("one", 3)]


def test_more_names_than_the_limit_are_reported():
    assert list(english.check_limits(Counter(said=2), {"said": 2})) == []
    (problem,) = english.check_limits(Counter(said=3), {"said": 2})
    assert problem.startswith("3 names are “said”")


def test_every_exception_has_a_reason_and_is_limited():
    for exception in english.EXCEPTIONS:
        assert exception.reason
        assert exception.text or exception.path
        assert re.compile(exception.text)
        assert re.compile(exception.path)
