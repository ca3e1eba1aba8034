"""Readings of single states in a sentence that several states share: only where its grammar is certain."""

from __future__ import annotations

import pytest

from samsvar.monitoring import read_report


def findings_for(sentence: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the text and states of each finding of one recommendation; the last is the passage as printed."""
    head = "II. Conclusions and/or recommendations\n\n8. The following enjoy support:\n\n"
    report = f"{head}8.1. {sentence}\n\n8.2. Act (Peru)."
    found = read_report(report.encode(), document="made", body="upr").findings
    return [(finding.text, finding.from_state) for finding in found if finding.paragraph == "8.1"]


@pytest.mark.parametrize(
    ("sentence", "states", "readings"),
    [
        ("Open the archives (Chile, Peru);", ["Chile", "Peru"], []),  # one recommendation by two states
        (
            "Train judges (Chile, Peru, Norway) in every district (Peru), and report on it (Norway);",
            ["Chile", "Peru", "Norway"],
            [("Train judges […] and report on it", ("Norway",))],
        ),
        (
            "Train judges (Chile, Peru) in every district (Norway), with a court of its own (Peru);",
            ["Chile", "Peru", "Norway"],
            [],  # whether the court is the district's is uncertain
        ),
        (
            "Fund the archives (Peru), allow access to town prisons (Chile) to all prisons in the country (Norway);",
            ["Peru", "Chile", "Norway"],
            [],
        ),
        (
            "End the old practice (Chile, Peru); and punish it by law (Peru);",
            ["Chile", "Peru"],
            [("End the old practice […] and punish it by law", ("Peru",))],
        ),
        ("End the old practice (Chile); and punish it by law (Peru);", ["Chile", "Peru"], []),
        (
            "Fund the archives (Peru, Chile), open the schools (Chile) in every district (Peru);",
            ["Peru", "Chile"],
            [],  # Peru's districts belong to the schools, not to the archives
        ),
        (
            "Sign (Chile)/ratify (Peru, Norway) the Convention on Lakes;",
            ["Chile", "Peru", "Norway"],
            [
                ("Sign […] the Convention on Lakes", ("Chile",)),
                ("ratify […] the Convention on Lakes", ("Peru", "Norway")),
            ],
        ),
        (
            "Consider signing (Chile)/Ratify (Peru)/Accede to the Protocol on Lakes (Norway);",
            ["Chile", "Peru", "Norway"],
            [
                ("Consider signing […] the Protocol on Lakes", ("Chile",)),
                ("Ratify […] the Protocol on Lakes", ("Peru",)),
                ("Accede to the Protocol on Lakes", ("Norway",)),
            ],
        ),
        (
            "Sign (Chile)/ratify (Peru) the Convention on Lakes (Chile, Peru);",
            ["Chile", "Peru"],
            [("Sign […] the Convention on Lakes", ("Chile",)), ("ratify […] the Convention on Lakes", ("Peru",))],
        ),
        (
            "Sign the Protocol on Lakes (Chile)/ratify (Peru) the Convention on Rivers;",
            ["Chile", "Peru"],
            [],  # the first alternative has its own object
        ),
        (
            "Sign (Chile)/accede (Peru) to the Convention on Lakes;",
            ["Chile", "Peru"],
            [],  # no one signs to a convention
        ),
        (
            "Sign (Chile)/ratify the Treaty (Peru) and its Protocol (Norway) soon (Kenya)/open the lakes (Mali);",
            ["Chile", "Peru", "Norway", "Kenya", "Mali"],
            [],
        ),
        ("Sign the Convention on Lakes (Chile)/Sign the Protocol on Lakes (Peru);", ["Chile", "Peru"], []),
    ],
)  # fmt: skip
def test_the_passage_is_a_finding_as_printed_after_readings_of_single_states(sentence, states, readings):
    assert findings_for(sentence) == [*readings, (sentence, tuple(states))]
