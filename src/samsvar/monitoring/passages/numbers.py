"""Detection of paragraph numbers, and of the sequence and parent of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from samsvar.monitoring.passages.sheet import DIGITS, MAY_END, ReportLines, ends_sentence

# "57.", "57", "(57)", "95.39.", "101. 13." before text; or a number alone on its line.
NUMBER = re.compile(
    r"(?P<open>[(\[]?|[-–.] ?(?=\d))(?P<n>\d{1,4}(?:[.．]\d{1,4}|[.．]\s\d{1,4}(?=\.)|\s\.\d{1,4}){0,4})"
    r"(?P<close>\s?[.)\]．、:°]{1,2}|\s?[-–](?=\s)|(?=\s|$))(?P<gap>\s+|$|(?=[^\W\d_]))"
)
_PART_NUMBER = re.compile(r"(?P<part>[IVX]{1,5})\.(?P<n>\d{1,3})[.)]?\s+(?=[\"“(]?[A-ZÀ-Þ])")  # "II.3 Train judges"
MIN_PART_LIST: Final = 3  # numbers in a list such as II.1, II.2, II.3
NOTE_MARKS: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹*†‡ "  # that may follow the end of a sentence
MARGIN_TOLERANCE: Final = 10.0  # points: hanging numbers of one, two and three digits differ by up to 9 (10 pt type)
# Penalties in the score of a sequence, in which each member counts 1: for each missing number, another
# margin, another list that starts between two members, and a start other than 1. A sequence that really
# lacks a number still scores higher than one that borrows it from another list.
_COST_OF_A_HEADING: Final = 0.5  # a heading may have the same number as a paragraph
_COST_OF_A_GAP, _COST_OF_A_MOVE, _COST_OF_A_RESTART, _COST_OF_A_LATE_START = 0.3, 0.6, 1.0, 0.7
MAX_GAP: Final = 6
ESTABLISHED_LENGTH: Final = 2.0  # score from which a sequence competes by its fit, not by its length
MAX_DEPTH: Final = 6  # lists inside lists; deeper ones are numbered like the sixth
MAX_PARENT_DISTANCE: Final = 400  # numbers; the longest list under one paragraph has 193 (Costa Rica 2014)
MAX_GAP_BELOW: Final = 12  # between "95.3" and "95.9", whose first part already shows where they belong
EARLIEST_YEAR: Final = 1000  # a first line that begins with "2013." is about a year


@dataclass(slots=True)
class PrintedNumber:
    """A number at the start of a line, which may be a paragraph number."""

    position: int
    parts: tuple[int, ...]
    end: int  # where the text after the number begins in the line
    indent: float
    style: tuple[str, str]
    looks_like_heading: bool = False
    full_number: str = ""  # including its parents: "95.39"
    printed: str = ""


def find_paragraph_numbers(sheet: ReportLines, begin: int, end: int) -> dict[int, PrintedNumber]:
    """Return the paragraph numbers, by the position of their line."""
    candidates = _find_number_candidates(sheet, begin, end)
    single = [number for number in candidates if len(number.parts) == 1]
    for number in single:
        number.looks_like_heading = _is_numbered_heading(sheet, number)
    sequences = _find_sequences(single)
    trusted = [
        row
        for row in sequences
        if _is_paragraph_sequence(sheet, row, len(sequences) == 1) and not _is_heading_sequence(row)
    ]
    _fill_gaps(sheet, trusted, candidates)
    numbers = {number.position: number for row in trusted for number in row}
    _set_full_numbers(trusted)
    last: PrintedNumber | None = None  # the last number with several parts
    current: PrintedNumber | None = None
    for number in candidates:
        if number.position in numbers:
            current = number
        elif len(number.parts) > 1 and _continues_numbering(number, current, last):
            number.full_number = ".".join(map(str, number.parts))
            numbers[number.position] = last = number
        elif last is not None and _is_misprinted(sheet, number, last):
            number.full_number = number.printed
            numbers[number.position] = number
            if number.parts[-1] == last.parts[-1] + 1:
                last = replace(number, parts=(*last.parts[:-1], number.parts[-1]))
    for part_list in _find_part_lists(sheet, begin, end):
        numbers.update((number.position, number) for number in part_list)
    return numbers


def _find_part_lists(sheet: ReportLines, begin: int, end: int) -> list[list[PrintedNumber]]:
    """Return the lists whose numbers begin with a part's Roman numeral: II.1, II.2, II.3.

    Headings are numbered like that too. A list runs from 1 without a gap at one margin, and each of its items ends with
    a semicolon or a bracket, as recommendations with their states do and paragraphs below headings do not.
    """
    lists: list[list[PrintedNumber]] = []
    previous = begin  # the last line of text
    for i in range(begin, end):
        if sheet.asides[i] is not None:
            continue
        text = sheet.lines[i].text
        if text[0] in "IVX" and (match := _PART_NUMBER.match(text)):
            n, printed = int(match["n"]), f"{match['part']}.{int(match['n'])}"
            number = PrintedNumber(
                i, (n,), match.end(), sheet.get_indent(sheet.lines[i]), ("", "."), full_number=printed, printed=printed
            )
            number.looks_like_heading = _is_numbered_heading(sheet, number)
            last = lists[-1][-1] if lists else None
            if n == 1:
                lists.append([number])
            elif (
                last is not None
                and last.full_number == f"{match['part']}.{n - 1}"
                and abs(last.indent - number.indent) <= MARGIN_TOLERANCE / 2
                and sheet.lines[previous].text.rstrip(f"{NOTE_MARKS}.,").endswith((";", ")"))
            ):
                lists[-1].append(number)
        previous = i
    return [numbers for numbers in lists if len(numbers) >= MIN_PART_LIST and not _is_heading_sequence(numbers)]


def _find_number_candidates(sheet: ReportLines, begin: int, end: int) -> list[PrintedNumber]:
    candidates = []
    for i in range(begin, end):
        if sheet.asides[i] is not None:
            continue
        line = sheet.lines[i]
        text = line.text
        first = text[0]
        if not (first.isdigit() or first in "([" or (sheet.right_to_left and first in "-–.")):
            continue
        match = NUMBER.match(text)
        if match is None:
            continue
        close = match["close"].strip()
        if match["open"] in ("(", "[") and not close:
            continue
        printed = tuple(int(part) for part in DIGITS.findall(match["n"]))
        if not close and match["gap"] == "" and match.end() < len(text):
            continue  # "2nd", "3D": digits that are part of a word
        style = (match["open"], "." if close and close in ".．、:" else close)
        number = PrintedNumber(i, printed, match.end(), sheet.get_indent(line), style)
        number.printed = "".join(match["n"].split())
        candidates.append(number)
    return candidates


def _find_sequences(candidates: Sequence[PrintedNumber]) -> list[list[PrintedNumber]]:
    """Group the candidates into sequences of consecutive numbers, best first.

    Uses dynamic programming over the candidates in reading order, with the penalties listed above.
    """
    sequences: list[list[PrintedNumber]] = []
    remaining = list(candidates)
    for _ in range(8):  # members of a sequence whose start belongs to a better one are grouped again
        if not remaining:
            break
        scores, before = _score_sequences(remaining)
        used = [False] * len(remaining)
        shared = False
        # for equal scores, the later number first: 107 after a list
        for at in sorted(range(len(remaining)), key=lambda k: (-scores[k], -k)):
            if used[at]:
                continue
            sequence, step = [], at
            while step >= 0 and not used[step]:
                sequence.append(step)
                step = before[step]
            if step >= 0:
                shared = True  # its start belongs to a better sequence
                continue
            for k in sequence:
                used[k] = True
            sequences.append([remaining[k] for k in reversed(sequence)])
        if not shared:
            break
        remaining = [number for number, taken in zip(remaining, used, strict=True) if not taken]
    return sequences


def _score_sequences(candidates: Sequence[PrintedNumber]) -> tuple[list[float], list[int]]:
    """Return, for each candidate, the best score of a sequence that ends with it, and its predecessor's index or -1."""
    scores: list[float] = []
    predecessors: list[int] = []
    positions_by_number: dict[tuple[tuple[str, str], int], list[int]] = {}
    # style and margin → index at which a sequence last started with 1
    starts: dict[tuple[tuple[str, str], int], int] = {}
    for at, number in enumerate(candidates):
        n, style, place = number.parts[0], number.style, round(number.indent / MARGIN_TOLERANCE)
        best, previous = (0.0 if n == 1 else -_COST_OF_A_LATE_START - min(n, 10) * 0.1), -1
        best_fit = (best, best)
        if n > 1:
            for gap in range(1, MAX_GAP):
                for k in positions_by_number.get((style, n - gap), ())[-8:]:
                    moved = abs(candidates[k].indent - number.indent) > MARGIN_TOLERANCE
                    if moved and gap > 1:
                        continue
                    cost = _COST_OF_A_GAP * (gap - 1) + _COST_OF_A_MOVE * moved
                    if starts.get((style, round(candidates[k].indent / MARGIN_TOLERANCE)), -1) > k:
                        cost += _COST_OF_A_RESTART
                    # a list must not continue in another one only because that one is longer
                    fit = (min(scores[k], ESTABLISHED_LENGTH) - cost, scores[k] - cost)
                    if fit >= best_fit:
                        best, previous, best_fit = scores[k] - cost, k, fit
        elif not number.looks_like_heading:
            starts[style, place] = at
        scores.append(best + 1.0 - _COST_OF_A_HEADING * number.looks_like_heading)
        predecessors.append(previous)
        positions_by_number.setdefault((style, n), []).append(at)
    return scores, predecessors


def _fill_gaps(sheet: ReportLines, sequences: list[list[PrintedNumber]], candidates: Sequence[PrintedNumber]) -> None:
    """Add to each sequence the numbers that it lacks and that are printed in their place with another mark.

    "14 Train judges" between "13." and "15." lacks its full stop; the only number in that place, "41.", is misprinted;
    where 13 is printed twice before 15, both are numbers. The first or the last of a list may have another mark too.
    """
    taken = sorted(number.position for row in sequences for number in row if len(row) > 1)

    def find_between(begin: int, end: int, like: PrintedNumber) -> list[PrintedNumber]:
        return [
            number
            for number in candidates
            if begin < number.position < end
            and len(number.parts) == 1
            and number.position not in taken
            and abs(number.indent - like.indent) <= MARGIN_TOLERANCE / 2
            and _may_start_paragraph(sheet, number.position)
        ]

    for sequence in [*sequences]:
        added: list[PrintedNumber] = []
        for at, (before, after) in enumerate(pairwise(sequence)):
            missing = range(before.parts[0] + 1, after.parts[0])
            if not missing and at + 2 < len(sequence) and sequence[at + 2].parts[0] - after.parts[0] == 2:
                missing = range(after.parts[0], after.parts[0] + 1)  # printed twice
            if not missing:
                continue
            between = find_between(before.position, after.position, before)
            exact = [number for number in between if number.parts[0] in missing]
            if exact and [*dict.fromkeys(n.parts[0] for n in exact)] == sorted(n.parts[0] for n in exact):
                added += exact
            elif len(missing) == len(between) == 1 and missing[0] < after.parts[0] and between[0].style == before.style:
                added += between
        if len(sequence) > 2:
            first, last = sequence[0], sequence[-1]
            begin = max((position for position in taken if position < first.position), default=-1)
            end = min((position for position in taken if position > last.position), default=len(sheet.lines))
            added += [n for n in find_between(begin, first.position, first) if n.parts[0] == 1 == first.parts[0] - 1][
                -1:
            ]
            added += [n for n in find_between(last.position, end, last) if n.parts[0] == last.parts[0] + 1][:1]
        if added:
            sequence[:] = sorted([*sequence, *added], key=lambda number: number.position)
            sequences[:] = [row for row in sequences if len(row) > 1 or row[0] not in added]


def _is_paragraph_sequence(sheet: ReportLines, sequence: Sequence[PrintedNumber], alone: bool) -> bool:
    """Return whether the numbers in a sequence are paragraph numbers.

    A sequence needs two numbers if it starts with 1, and three otherwise. A single 1 is enough after a colon, or if the
    text has no other sequence (`alone`). An excerpt may start anywhere, so the number of the very first line of a text
    ("57.") is treated like 1.
    """
    first = next((i for i, fate in enumerate(sheet.asides) if fate is None), None)
    dotted = "." in sheet.lines[sequence[0].position].text[: sequence[0].end]  # "57 women" is not paragraph 57
    excerpt = sequence[0].position == first and dotted and sequence[0].parts[0] < EARLIEST_YEAR
    begins_with_one = sequence[0].parts[0] == 1 or excerpt
    if sum(_may_start_paragraph(sheet, number.position) for number in sequence) * 5 < len(sequence) * 3:
        return False  # numbers that merely happen to be at the start of lines
    if len(sequence) > 1:
        if not begins_with_one and len(sequence) == 2:
            return False
        return len({number.position for number in sequence}) == len(sequence)
    return begins_with_one and (alone or _follows_colon(sheet, sequence[0].position))


def _may_start_paragraph(sheet: ReportLines, position: int) -> bool:
    """Return whether a paragraph may start at a line, judging by the space above it and the end of the line before."""
    before = sheet.find_previous_line(position)
    if before is None or sheet.has_space_above(position):
        return True
    above, here = sheet.lines[before], sheet.lines[position]
    return (
        above.text.rstrip(NOTE_MARKS).endswith(MAY_END) or above.bold != here.bold or abs(above.size - here.size) > 0.6
    )


def _follows_colon(sheet: ReportLines, position: int) -> bool:
    """Return whether the text before a line ends in a colon."""
    for i in range(position - 1, max(position - 9, -1), -1):
        if sheet.asides[i] is None:
            return sheet.lines[i].text.endswith((":", "："))
    return False


def _is_heading_sequence(sequence: Sequence[PrintedNumber]) -> bool:
    """Return whether most numbers in a sequence belong to short headings, such as "1. Data collection"."""
    alike = sum(number.looks_like_heading for number in sequence)
    return alike * 5 > len(sequence) * 3


def _is_numbered_heading(sheet: ReportLines, number: PrintedNumber) -> bool:
    line = sheet.lines[number.position]
    text = line.text
    if len(text) > 120 or ends_sentence(text) or text.endswith((";", ",")):
        return False
    if text.endswith(")") and not text[text.rfind("(") :].strip("()").rstrip("0123456789").endswith((" ", "/")):
        return False  # "(France)" ends a recommendation, "(Article 18)" a heading
    set_apart = line.bold or line.italic or line.size > sheet.body_size + 0.5 or line.level > 0
    return bool(set_apart) and sheet.ends_paragraph(number.position)


def _set_full_numbers(sequences: Sequence[Sequence[PrintedNumber]]) -> None:
    """Set the full number of each paragraph: a list inside paragraph 95 is numbered 95.1, 95.2 and so on.

    A sequence is inside another if it is between two numbers of that sequence, or after its last number and
    indented further.
    """
    sequence_of = {number.position: row for row in sequences for number in row}
    order = sorted((number for row in sequences for number in row), key=lambda number: number.position)
    parents: dict[int, PrintedNumber | None] = {}
    depths: dict[int, int] = {}
    for at, number in enumerate(order):
        own = sequence_of[number.position]
        before = order[at - 1] if at else None
        if before is not None and sequence_of[before.position] is own:
            parent = parents[before.position]  # no other number in between, so the same list continues
        else:
            parent = _find_parent(own, order, at, sequence_of)
        while parent is not None and depths[parent.position] >= MAX_DEPTH:
            parent = parents[parent.position]
        parents[number.position] = parent
        depths[number.position] = 1 if parent is None else depths[parent.position] + 1
        printed = str(number.parts[0])
        number.full_number = f"{parent.full_number}.{printed}" if parent is not None else printed


def _find_parent(
    own: Sequence[PrintedNumber],
    order: Sequence[PrintedNumber],
    at: int,
    sequence_of: Mapping[int, Sequence[PrintedNumber]],
) -> PrintedNumber | None:
    """Return the nearest earlier number whose sequence encloses `own`, at most MAX_PARENT_DISTANCE back, or None."""
    for candidate in reversed(order[max(at - MAX_PARENT_DISTANCE, 0) : at]):
        sequence = sequence_of[candidate.position]
        if sequence is own or sequence[0].position >= own[0].position:
            continue
        if sequence[-1].position > own[-1].position or own[0].indent > candidate.indent + MARGIN_TOLERANCE:
            return candidate
    return None


def _continues_numbering(number: PrintedNumber, current: PrintedNumber | None, last: PrintedNumber | None) -> bool:
    """Return whether a number such as "101.2" belongs to the current paragraph or continues its own sequence."""
    prefix, n = number.parts[:-1], number.parts[-1]
    if current is not None and prefix == current.parts:
        return last is None or last.parts[:-1] != prefix or n > last.parts[-1]
    if last is None:  # the paragraph itself may have a misprinted number
        return n == 1 and (current is None or 0 < prefix[0] - current.parts[0] <= 2)
    if prefix == last.parts[:-1]:
        return 0 < n - last.parts[-1] <= MAX_GAP_BELOW
    if n != 1:  # the first part is misprinted within a sequence ("84.93." between 82.92 and 82.94)
        return len(number.parts) == len(last.parts) and n - last.parts[-1] == 1 and n > 2
    upwards = last.parts[: len(prefix)]
    return prefix == last.parts or (prefix[:-1] == upwards[:-1] and 0 < prefix[-1] - upwards[-1] <= 2)


def _is_misprinted(sheet: ReportLines, number: PrintedNumber, last: PrintedNumber) -> bool:
    """Return whether a number with several parts is printed as the next of a list but is out of order.

    "118.09" between 118.89 and 118.91, or 118.12 twice: at the same margin, after the end of a passage.
    """
    if len(number.parts) != len(last.parts):
        return False
    if number.parts[:-1] != last.parts[:-1] and number.parts[-1] != last.parts[-1] + 1:
        return False
    before = sheet.find_previous_line(number.position)
    text = sheet.lines[number.position].text[number.end :]
    ends = before is None or sheet.lines[before].text.rstrip(NOTE_MARKS).endswith((";", ".", ")", ":"))
    return ends and text[:1].isupper() and abs(number.indent - last.indent) <= MARGIN_TOLERANCE / 2
