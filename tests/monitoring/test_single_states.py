"""Recommendations of single states in a sentence that several states share, with omissions marked."""

from __future__ import annotations

import pytest

from samsvar.monitoring import read_report


def findings_for(sentence: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the text and states of each finding of one recommendation, except the one for the whole passage."""
    head = "II. Conclusions and/or recommendations\n\n8. The following enjoy support:\n\n"
    report = f"{head}8.1. {sentence}\n\n8.2. Act (Peru)."
    found = read_report(report.encode(), document="made", body="upr").findings
    return [(one.text, one.from_state) for one in found if one.paragraph == "8.1"][:-1]


@pytest.mark.parametrize(
    ("sentence", "readings"),
    [
        ("Open the archives (Chile, Peru);", []),  # one recommendation by two states: the whole passage covers it
        (
            "Train judges (Chile, Peru, Norway) in every district (Peru), and report on it (Norway);",
            [("Train judges […] and report on it", ("Norway",))],
        ),
        (
            "Fund the archives (Peru), allow access to town prisons (Chile) to all prisons in the country (Norway);",
            [("allow access […] to all prisons in the country", ("Norway",))],
        ),
        (
            "Fund the archives (Peru), allow access to prisons (Chile) to the great surprise of many (Norway);",
            [],  # it replaces nothing that was mentioned before
        ),
        (
            "End the old practice (Chile, Peru); and punish it by law (Peru);",
            [("End the old practice […] and punish it by law", ("Peru",))],
        ),
        ("End the old practice (Chile); and punish it by law (Peru);", []),
        (
            "Fund the archives (Peru, Chile), open the schools (Chile) in every district (Peru);",
            [],  # Peru's districts belong to the schools, not to the archives
        ),
    ],
)
def test_a_state_is_quoted_only_with_its_own_words(sentence, readings):
    assert findings_for(sentence) == readings
