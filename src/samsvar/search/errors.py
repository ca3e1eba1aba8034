"""Errors of the search index, and the translation of tantivy's into them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from samsvar.errors import SamsvarError


class SearchError(SamsvarError):
    """The base class of errors of the search index."""


class IndexDamaged(SearchError):
    """Raised when the index cannot be read. It is derived data, so rebuilding it loses nothing."""

    effect = "No saved data has been lost; only search is affected."
    advice = "It is rebuilt automatically; `samsvar-site rebuild_search` rebuilds it immediately."


class TooManyPrefixMatches(SearchError):
    """Raised when a prefix in a phrase matches too many words."""

    effect = "Nothing was changed."
    advice = "Type more letters before the asterisk."


@contextmanager
def translate_errors() -> Iterator[None]:
    """Translate tantivy's exceptions into IndexDamaged, including its panics, which derive from BaseException."""
    try:
        yield
    except SamsvarError:
        raise
    except (ValueError, OSError, KeyError) as problem:
        raise IndexDamaged(f"The search index cannot be used: {problem}") from problem
    except BaseException as problem:
        if type(problem).__name__ == "PanicException":
            raise IndexDamaged("The search index cannot be read.") from problem
        raise
