"""The finding of a newer version that takes the place of an earlier one, and when only a person can tell."""

from __future__ import annotations

import pytest

from samsvar.monitoring.succession import MOST_COMPARED, VersionFinding, match_versions

TRAIN = "GREVIO urges the authorities to train all judges every year."
SHELTER = "GREVIO encourages the authorities to open shelters in all regions."
SHELTER_EDITED = "GREVIO strongly encourages the authorities to open shelters in all the regions."
HELPLINE = "GREVIO invites the authorities to fund a helpline in three languages."


def version(*findings: tuple[str, str]) -> list[VersionFinding]:
    return [VersionFinding(f"{number}", paragraph, text) for number, (paragraph, text) in enumerate(findings)]


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ([("2", TRAIN), ("4", SHELTER)], [("2", TRAIN), ("4", SHELTER_EDITED)], [("0", "0", 1.0), ("1", "1", 0.909)]),
        # a new paragraph moves the numbers of all that follow
        (
            [("2", TRAIN), ("4", SHELTER)],
            [("2", HELPLINE), ("3", TRAIN), ("5", SHELTER)],
            [("0", "1", 1.0), ("1", "2", 1.0)],
        ),
        ([("4", SHELTER)], [("7", f"{SHELTER} ")], [("0", "0", 1.0)]),
        ([("4", SHELTER)], [("7", SHELTER_EDITED)], [("0", "0", 0.909)]),  # moved and edited
        ([("4", SHELTER)], [("4", HELPLINE)], [("0", None, 0.0)]),  # another recommendation under the same number
        ([("4", SHELTER)], [], [("0", None, 0.0)]),
        # the same sentence twice: by paragraph, never by chance
        ([("4", SHELTER), ("8", SHELTER)], [("8", SHELTER)], [("0", None, 0.0), ("1", "0", 1.0)]),
        ([("4", SHELTER)], [("5", SHELTER), ("8", SHELTER)], [("0", None, 0.0)]),
        ([("", TRAIN)], [("", HELPLINE)], [("0", None, 0.0)]),  # no numbers: not the same paragraph
        # two findings of a paragraph go to the more similar one
        ([("4", SHELTER), ("4", TRAIN)], [("4", TRAIN), ("4", SHELTER_EDITED)], [("0", "1", 0.909), ("1", "0", 1.0)]),
    ],
)  # fmt: skip
def test_a_finding_follows_its_text(
    earlier: list[tuple[str, str]], later: list[tuple[str, str]], expected: list[tuple[str, str | None, float]]
) -> None:
    matched = match_versions(version(*earlier), version(*later))
    assert [(one.earlier, one.later, one.similarity) for one in matched] == expected


def test_a_text_that_was_rewritten_is_left_to_a_person() -> None:
    size = int(MOST_COMPARED**0.5) + 1
    earlier = version(*((str(number), f"Old words of number {number}") for number in range(size)))
    later = version(*((str(size + number), f"New words of number {number}") for number in range(size)))
    assert {one.later for one in match_versions(earlier, later)} == {None}
