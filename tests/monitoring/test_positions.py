"""The state's position on recommendations of the Universal Periodic Review."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from samsvar.monitoring.pipeline import read_report
from samsvar.monitoring.positions import Position, find_position, introducing_paragraph

REPORTS = Path(__file__).parents[3] / "shared" / "documents" / "upr"


@pytest.mark.parametrize(
    ("introduction", "position"),
    [
        ("The recommendations made in the dialogue and listed below enjoy the support of Nordmark:", "supported"),
        ("The recommendations below have been examined by Nordmark and enjoy its support:", "supported"),
        ("The recommendations that follow enjoy Nordmark’s support:", "supported"),
        ("The recommendations below did not enjoy the support of Nordmark:", "noted"),
        ("These do not enjoy the support of Nordmark and are thus noted.", "noted"),
        ("Nordmark considers that what is recommended below cannot be accepted:", "noted"),
        ("Nordmark takes note of the following recommendations:", "noted"),
        ("The recommendations below will be further examined by Nordmark, which will answer in due time.", "pending"),
        ("Nordmark said that it would study the recommendations below.", "pending"),
        ("In the discussion, it was recommended that Nordmark:", None),
        ("Some enjoy the support of Nordmark; the others did not enjoy its support.", None),
        ("Les recommandations ci-après recueillent l’appui du Nordmark :", "supported"),
        ("Les recommandations ci-après n’ont pas recueilli l’appui du Nordmark :", "noted"),
        ("Les recommandations ci-après seront examinées par le Nordmark :", "pending"),
        ("Las recomendaciones siguientes cuentan con el apoyo de Nordmark:", "supported"),
        ("Las recomendaciones siguientes no cuentan con el apoyo de Nordmark:", "noted"),
        ("Las recomendaciones siguientes serán examinadas por Nordmark:", "pending"),
        ("", None),
    ],
)
def test_the_introducing_paragraph_states_the_position(introduction, position):
    assert find_position(introduction) == position


def test_a_recommendation_is_introduced_by_the_paragraph_that_its_number_begins_with():
    assert [introducing_paragraph(number) for number in ("95.39", "95.a.2", "95", "")] == ["95", "95.a", "", ""]


@pytest.mark.skipif(not REPORTS.is_dir(), reason="the real reports are not at hand")
def test_what_a_real_report_says_enjoys_support_was_accepted_according_to_the_list_of_responses():
    gold = [json.loads(line) for line in (REPORTS / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    responses: dict[Position | None, Counter[bool]] = {}
    for name in ("armenia2010.pdf", "rwanda2011.pdf"):
        passages = {passage.number: passage.text for passage in read_report(REPORTS / name).passages}
        for line in gold:
            if line["pdf"] == name and line["para_no"]:
                position = find_position(passages.get(introducing_paragraph(line["para_no"]), ""))
                responses.setdefault(position, Counter())[line["response"] == "Accepted"] += 1
    assert responses[Position.SUPPORTED] == {True: responses[Position.SUPPORTED].total()}
    assert responses[Position.NOTED] == {False: responses[Position.NOTED].total()}
    assert responses[Position.SUPPORTED].total() > 100
    assert None not in responses
