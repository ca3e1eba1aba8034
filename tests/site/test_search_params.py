"""The parameters of a search: one text for all ways of writing it, which a saved search keeps."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from samsvar.search.query import LabelName, SearchOrder
from samsvar.site.search.params import SearchParams, canonical_params


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("", ""),
        ("q=+shelters++police", "q=shelters+police"),
        (
            "year=2020&state=Norv%C3%A8ge&q=shelters&state=SE&page=3&sort=newest",
            "q=shelters&state=NO&state=SE&year=2020",
        ),
        ("state=SE&state=norge&q=shelters&year=2020", "q=shelters&state=NO&state=SE&year=2020"),
        ("without=victims&without=shelters&q=shelters", "q=shelters&without=shelters&without=victims"),
        ("nonsense=1&q=%00x", "q=x"),
        ("year=2018..2020", "year=2018&year=2019&year=2020"),
    ],
)
def test_a_search_has_one_canonical_query_string(written: str, canonical: str) -> None:
    assert canonical_params(QueryDict(written)) == canonical
    assert canonical_params(QueryDict(canonical)) == canonical


def test_the_parameters_survive_being_written_and_read() -> None:
    search = SearchParams.from_params(QueryDict("q=shelters&state=NO&without=shelters&sort=oldest"))
    assert (search.filters, search.without, search.order) == (
        {LabelName.STATE: ("NO",)}, ("shelters",), SearchOrder.OLDEST,
    )  # fmt: skip
    assert SearchParams.from_params(QueryDict(search.encode())) == search
    assert search.toggle(LabelName.STATE, "NO").encode() == "q=shelters&without=shelters&sort=oldest"
    assert search.toggle_concept("shelters").encode() == "q=shelters&state=NO&sort=oldest"
    assert search.toggle(LabelName.STATE, "SE").toggle(LabelName.STATE, "SE") == search
