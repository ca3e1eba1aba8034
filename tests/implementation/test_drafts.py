"""The status of a draft, its text, gaps, frozen copy, and the changes since."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.implementation.drafts import (
    FROZEN,
    TRANSITIONS,
    Block,
    DifferenceKind,
    Draft,
    DraftAct,
    DraftActNotPossible,
    DraftSection,
    DraftStatus,
    FieldContent,
    InvalidDraft,
    Quotation,
    Record,
    RecordChangeKind,
    RecordKey,
    RecordKind,
    changed_since,
    clean_text,
    compare_fields,
    compare_texts,
    find_gaps,
    freeze,
    next_status,
    parse_draft,
    removes_clearance,
    serialise_draft,
    start_section,
)
from samsvar.implementation.forms import Variant, find_form

FORM = find_form("report-back")
LAW = Record(RecordKey(RecordKind.MEASURE, "a1"), "1", "Act on barring orders: done on 1 March 2026.", "measure a1")
HELPLINE = Record(RecordKey(RecordKind.MEASURE, "b2"), "1", "Helpline day and night: under way.", "measure b2")
QUOTATION = Quotation("f1", "The body urges the authorities to act.", "GREVIO 2025 § 30", "en")


def make_draft(*fields: FieldContent, variant: Variant = Variant.FULL) -> Draft:
    section = DraftSection("s1", "finding", "1. Barring orders", quotation=QUOTATION, fields=fields)
    return Draft("d1", 1, "XA", "Report", "en", FORM.form_id, FORM.version, variant, (section,))


EXPECTED = {
    # from          change        written    return        clear      submit       publish      new version
    "open": ["collecting", "", "", "", "", "", ""],
    "collecting": ["collecting", "written", "", "", "", "", ""],
    "written": ["written", "", "collecting", "cleared", "", "", ""],
    "cleared": ["written", "", "collecting", "", "submitted", "", ""],
    "submitted": ["", "", "", "", "", "published", "submitted"],
    "published": ["", "", "", "", "", "", "published"],
}


def test_every_act_in_every_status_gives_the_status_of_the_table_or_a_named_error():
    for (status, row), _ in zip(EXPECTED.items(), DraftStatus, strict=True):
        for act, expected in zip(DraftAct, row, strict=True):
            if expected:
                assert next_status(DraftStatus(status), act) == expected, (status, act)
            else:
                with pytest.raises(DraftActNotPossible):
                    next_status(DraftStatus(status), act)
    assert len(TRANSITIONS) == sum(bool(cell) for row in EXPECTED.values() for cell in row)


def test_only_a_change_to_a_cleared_draft_removes_its_clearance():
    removing = {
        (status, act)
        for status, act in itertools.product(DraftStatus, DraftAct)
        if (status, act) in TRANSITIONS and removes_clearance(status, act)
    }
    assert removing == {(DraftStatus.CLEARED, DraftAct.CHANGE), (DraftStatus.CLEARED, DraftAct.RETURN)}


def test_no_act_takes_a_submitted_draft_back_and_the_error_advises_a_new_version():
    reachable = {DraftStatus.SUBMITTED}
    for _ in DraftStatus:
        reachable |= {after for (before, _act), after in TRANSITIONS.items() if before in reachable}
    assert reachable == FROZEN
    with pytest.raises(DraftActNotPossible) as caught:
        next_status(DraftStatus.SUBMITTED, DraftAct.CHANGE)
    assert caught.value.advice == "Start a new version of the draft and change that."


def test_neighbouring_own_words_are_one_block_and_empty_ones_none():
    content = FieldContent("measures", (Block("a"), Block(" "), Block("b\r\n\r\n"), Block(LAW.text, LAW), Block("c")))
    assert content.blocks == (Block("a\nb"), Block(LAW.text, LAW), Block("c"))


def test_a_record_s_sentence_that_was_edited_still_cites_the_record_and_says_so():
    assert not Block(LAW.text, LAW).is_edited
    assert Block("Act on barring orders, in force.", LAW).is_edited
    assert not Block("Own words").is_edited


@given(st.text())
def test_cleaning_a_text_twice_changes_nothing_and_keeps_every_word(text):
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    kept = [c for c in text if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff"]
    assert [c for c in cleaned if c >= " "] == kept or cleaned.strip() == "".join(kept).strip()


def test_gaps_are_the_empty_fields_that_the_variant_prints():
    full = find_gaps(make_draft(FieldContent("measures", (Block(LAW.text, LAW),))), FORM)
    assert [gap.field_id for gap in full] == ["effect", "evidence", "remains", "consulted"]
    short = make_draft(variant=Variant.SHORT)
    assert [(gap.field_id, gap.text) for gap in find_gaps(short, FORM)] == [
        ("measures", "No measure is described for this recommendation.")
    ]
    assert find_gaps(dataclasses.replace(short, language="fr"), FORM)[0].text.startswith("Aucune mesure")


def test_a_table_with_only_its_prepared_headings_is_a_gap_and_a_zero_is_not():
    annexes = find_form("state-report-annexes")
    section = start_section(annexes.part("training"), section_id="s1", language="nb")
    draft = Draft("d1", 1, "XA", "Annexes", "nb", annexes.form_id, annexes.version, Variant.FULL, (section,))
    assert [gap.field_id for gap in find_gaps(draft, annexes)] == ["initial", "further"]
    rows = section.field("initial").rows
    assert rows[2][0] == "Dommere"
    filled = FieldContent("initial", rows=((rows[0][0], *["0"] * 6), *rows[1:]))
    section = dataclasses.replace(section, fields=(filled, section.field("further")))
    assert [gap.field_id for gap in find_gaps(dataclasses.replace(draft, sections=(section,)), annexes)] == ["further"]


def test_the_frozen_copy_is_intact_only_as_long_as_no_character_differs():
    draft = make_draft(FieldContent("measures", (Block(LAW.text, LAW), Block("Også på norsk: “æøå”"))))
    frozen = freeze(draft, FORM)
    assert frozen.is_intact
    assert frozen.thaw() == draft
    assert not dataclasses.replace(frozen, json=frozen.json.replace("March", "May")).is_intact
    assert freeze(frozen.thaw(), FORM) == frozen


def test_the_frozen_copy_has_no_internal_field_and_none_that_the_variant_leaves_out():
    fields = (
        FieldContent("measures", (Block("M"),)), FieldContent("remains", (Block("R"),)),
        FieldContent("owner", (Block("Only for us"),)),
    )  # fmt: skip
    assert [one.field_id for one in freeze(make_draft(*fields), FORM).thaw().sections[0].fields] == [
        "measures", "remains",
    ]  # fmt: skip
    short = freeze(make_draft(*fields, variant=Variant.SHORT), FORM)
    assert "Only for us" not in short.json
    assert [one.field_id for one in short.thaw().sections[0].fields] == ["measures"]


def test_canonical_json_does_not_depend_on_the_order_of_keys():
    text = serialise_draft(make_draft(FieldContent("measures", (Block(LAW.text, LAW),))))
    assert text.startswith('{"draft":"d1","form":"report-back",')
    assert serialise_draft(parse_draft(text)) == text


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"draft": 1}', "null"])
def test_a_stored_text_that_is_no_draft_gives_a_named_error(text):
    with pytest.raises(InvalidDraft):
        parse_draft(text)


def test_changes_since_name_a_stopped_a_withdrawn_and_a_new_record_once_each():
    draft = make_draft(
        FieldContent("measures", (Block(LAW.text, LAW), Block("and"), Block(HELPLINE.text, HELPLINE))),
        FieldContent("effect", (Block(LAW.text, LAW),)),
    )
    stopped = Record(
        RecordKey(RecordKind.MEASURE, "a1"), "2", "Act on barring orders: stopped (repealed).", "measure a1"
    )
    new = Record(RecordKey(RecordKind.EVIDENCE, "c3"), "1", "A decree.", "evidence c3")
    same = {LAW.key: LAW, HELPLINE.key: HELPLINE}
    assert changed_since(draft, same) == ()
    assert changed_since(draft, same, {"f1": [LAW, HELPLINE], "f2": [new]}) == ()
    changes = changed_since(draft, {LAW.key: stopped}, {"f1": [stopped, new]})
    assert [(one.kind, one.before, one.now) for one in changes] == [
        (RecordChangeKind.CHANGED, LAW, stopped),
        (RecordChangeKind.WITHDRAWN, HELPLINE, None),
        (RecordChangeKind.ADDED, None, new),
    ]
    assert {one.section_id for one in changes} == {"s1"}


def test_neither_a_new_version_with_the_same_sentence_nor_a_new_wording_of_the_site_is_a_change():
    draft = make_draft(FieldContent("measures", (Block(LAW.text, LAW),)))
    for now, expected in (
        (dataclasses.replace(LAW, version="2"), 0),
        (dataclasses.replace(LAW, text="Reworded."), 0),
        (dataclasses.replace(LAW, version="2", text="Stopped."), 1),
    ):
        assert len(changed_since(draft, {LAW.key: now})) == expected


@given(st.text(alphabet="ab \n", max_size=40), st.text(alphabet="ab \n", max_size=40))
def test_the_pieces_of_a_comparison_give_both_texts_back(before, now):
    pieces = compare_texts(before, now)
    assert "".join(one.text for one in pieces if one.kind is not DifferenceKind.ADDED) == before
    assert "".join(one.text for one in pieces if one.kind is not DifferenceKind.REMOVED) == now
    assert (before == now) == all(one.kind is DifferenceKind.SAME for one in pieces)


def test_only_fields_that_differ_are_listed_also_when_one_disappears():
    before = (FieldContent("measures", (Block("The act is in force."),)), FieldContent("effect", (Block("None yet."),)))
    now = (FieldContent("measures", (Block("The new act is in force."),)),)
    differences = compare_fields(before, now)
    assert [one.field_id for one in differences] == ["measures", "effect"]
    assert [(p.kind.value, p.text) for p in differences[0].pieces] == [
        ("same", "The"), ("added", " new"), ("same", " act is in force."),
    ]  # fmt: skip
    assert compare_fields(before, before) == ()
