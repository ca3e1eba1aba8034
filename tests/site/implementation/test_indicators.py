"""Figures of a state: entered by its desk, kept with every revision, and published without small numbers."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils.html import strip_tags

from samsvar.implementation.indicators import Cell, GapReason, InvalidValue, NotComparable, load_indicators
from samsvar.interchange.tables import read_table, render_csv, render_xlsx
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.demo.figures import make_demo_figures
from samsvar.site.implementation import models
from samsvar.site.implementation.indicators import actions, queries, spreadsheet
from samsvar.site.implementation.indicators.numbers import UnreadableNumber, parse_number
from tests.factories.figures import enter, make_regions, publish, shared_indicator
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db
YEAR = date.today().year - 1  # noqa: DTZ011


@pytest.fixture
def states():
    load_convention()


@pytest.fixture
def desk(states):
    return make_account(Role.NATIONAL_DESK, state="XA")


@pytest.fixture
def regions(states):
    return make_regions("North", "South", "West")


@pytest.fixture
def places(regions):
    """Return the family places of a state with a gap, a 0, a small number and a revised one, as published."""
    north, south, west = regions
    indicator = shared_indicator("family-places")
    for year, numbers in {2021: (60, 20, 40, 0), 2022: (70, 25, 45, 0), 2023: (72, 2, 30, 40)}.items():
        for region, number in zip((None, north, south, west), numbers, strict=True):
            enter(indicator, year, number, region=region, source="A fictional register")
    enter(indicator, 2024, 50, region=north)
    enter(indicator, 2024, GapReason.NOT_COLLECTED, region=south)
    publish(indicator)
    enter(indicator, 2022, 46, region=south, comparability="Two places were counted late.")
    enter(indicator, 2022, 71)
    publish(indicator)
    return indicator


def page_text(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


# --- Values -----------------------------------------------------------------------------------------------------------


def test_shared_indicators_come_from_the_data_file_once(states):
    assert actions.load_shared_indicators() == {"indicators": len(load_indicators())}
    assert actions.load_shared_indicators() == {"indicators": 0}


def test_a_correction_is_a_new_revision_and_the_same_value_is_none(states):
    indicator = shared_indicator()
    enter(indicator, 2024, 12)
    enter(indicator, 2024, 12)
    enter(indicator, 2024, 13)
    rows = models.IndicatorValue.objects.values_list("number", "revision", "current").order_by("revision")
    assert list(rows) == [(Decimal(12), 1, False), (Decimal(13), 2, True)]


def test_the_database_refuses_a_value_that_is_neither_number_nor_reason(states):
    values = {"indicator": shared_indicator(), "state_id": "XA", "year": 2024}
    for columns in ({}, {"number": 1, "gap": "not_collected"}, {"gap": "not_collected", "denominator": 3}):
        with pytest.raises(IntegrityError), transaction.atomic():
            models.IndicatorValue.objects.create(**values, **columns)
    enter(values["indicator"], 2024, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.IndicatorValue.objects.create(**values, number=2, revision=2)


def test_all_values_are_saved_or_none(desk):
    indicator = shared_indicator()
    entries = [actions.Entry(None, 2023, number=Decimal(4)), actions.Entry(None, 2024, number=Decimal("4.5"))]
    with pytest.raises(InvalidValue):
        actions.enter_values(by=desk, state="XA", indicator=indicator, entries=entries)
    assert not models.IndicatorValue.objects.exists()


def test_only_the_desk_of_the_state_enters_and_publishes_and_the_audit_log_says_so(desk):
    indicator = shared_indicator()
    abroad = make_account(Role.NATIONAL_DESK, state="XB")
    entries = [actions.Entry(None, 2024, number=Decimal(40))]
    for action, options in (
        (actions.enter_values, {"indicator": indicator, "entries": entries}),
        (actions.publish_values, {"indicator": indicator}),
        (actions.save_indicator, {"values": {}}),
    ):
        with pytest.raises(PermissionDenied):
            action(by=abroad, state="XA", **options)
    actions.enter_values(by=desk, state="XA", indicator=indicator, entries=entries)
    actions.publish_values(by=desk, state="XA", indicator=indicator)
    log = AuditEntry.objects.filter(subject="indicator family-places").order_by("id")
    assert list(log.values_list("verb", "details")) == [
        ("entered figures", {"state": "XA", "values": 1}),
        ("published figures", {"state": "XA", "values": 1, "suppressed": 0}),
    ]


def test_values_of_another_state_or_its_regions_cannot_be_entered(desk):
    (abroad,) = make_regions("Coast", state="XB")
    own = actions.save_indicator(
        by=make_account(Role.NATIONAL_DESK, state="XB"), state="XB",
        values={"titles": {"en": "Coast"}, "unit": "other", "direction": "higher"},
    )  # fmt: skip
    for indicator, region in ((shared_indicator(), abroad), (own, None)):
        with pytest.raises(actions.OtherState):
            actions.enter_values(
                by=desk, state="XA", indicator=indicator, entries=[actions.Entry(region, 2024, number=Decimal(7))]
            )


def test_what_an_indicator_counts_cannot_change_once_it_has_values(desk):
    values = {"titles": {"en": "Lamps"}, "unit": "person", "direction": "higher", "protected": False}
    own = actions.save_indicator(by=desk, state="XA", values=values)
    assert own.protected  # numbers of people always are
    enter(own, 2024, 12)
    actions.save_indicator(by=desk, state="XA", values={"titles": {"en": "Bright lamps"}}, existing=own)
    with pytest.raises(actions.IndicatorInUse):
        actions.save_indicator(by=desk, state="XA", values={"unit": "call"}, existing=own)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("412", 412),
        (" 5 400 ", 5400),
        ("5\u202f400,5", Decimal("5400.5")),
        ("0", 0),
        ("", None),
        ("12.25", Decimal("12.25")),
    ],
)
def test_numbers_are_read_as_people_write_them(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["-3", "5,400", "5.400", "1e5", "twelve", "١٢", "1,2,3"])
def test_numbers_that_could_mean_two_things_are_not_guessed(text):
    with pytest.raises(UnreadableNumber):
        parse_number(text)


# --- Publication ------------------------------------------------------------------------------------------------------


def test_readers_see_gaps_zeros_and_revisions_and_no_small_number(places, client):
    text = page_text(client, "/en/figures/XA/family-places/")
    for words in ("not collected", "suppressed", "Two places were counted late.", "A fictional register", ">0<"):
        assert words in text
    page = queries.series_page(places, "XA", Cell(), "en")
    assert {
        (series.region.name if series.region else "", figure.year): figure.number
        for series in page.series for figure in series.figures if figure
    } == {
        ("", 2021): 60, ("North", 2021): 20, ("South", 2021): 40, ("West", 2021): 0,
        ("", 2022): 71, ("North", 2022): 25, ("South", 2022): 46, ("West", 2022): 0,
        ("", 2023): 72, ("North", 2023): None, ("South", 2023): None, ("West", 2023): 40,
        ("North", 2024): 50, ("South", 2024): None,
    }  # fmt: skip


def test_a_suppressed_number_is_in_no_page_picture_table_or_file(places, client):
    """2023 has 2 in the north and therefore 30 suppressed in the south; both must be nowhere."""
    for address in ("family-places/", "family-places/table.csv", "family-places/table.xlsx", "table.csv"):
        response = client.get(f"/en/figures/XA/{address}")
        assert response.status_code == 200
        if address.endswith("/"):
            rows = re.findall(r">\s*(\d+)\s*<", response.content.decode())
            assert "72" in rows
            assert not {"2", "30"} & set(rows)
            assert "2023: suppressed" in response.content.decode()
        else:
            table = read_table(response.content)
            numbers = {row[table[0].index("number")] for row in table[1:] if row[table[0].index("year")] == "2023"}
            assert numbers == {"72", "40", ""}


def test_unpublished_figures_are_not_public_not_even_to_the_desk_on_public_pages(places, desk, client):
    enter(places, 2025, 99)
    sign_in(client, desk)

    def is_shown(address: str) -> bool:
        # of a page only its text: the tokens in its markup contain any two digits now and then
        return "99" in strip_tags(page_text(client, f"/en/figures/XA/{address}"))

    addresses = ("family-places/", "family-places/table.csv", "table.csv")
    assert not any(map(is_shown, addresses))
    publish(places)
    assert all(map(is_shown, addresses))


def test_the_sequence_of_releases_protects_a_number_that_becomes_small_later(regions):
    """Readers know 20, 40 and 60. When the north is corrected to 3, the total must not give it away."""
    north, south, _west = regions
    indicator = shared_indicator()
    for region, number in ((None, 60), (north, 20), (south, 40)):
        enter(indicator, 2024, number, region=region)
    publish(indicator)
    enter(indicator, 2024, 3, region=north)
    enter(indicator, 2024, 43)
    publish(indicator)
    shown = {
        value.region_id: queries.to_figure(value).number for value in queries.public_values(indicator, "XA")
    }  # fmt: skip
    assert shown == {None: None, north.pk: None, south.pk: 40}


def test_a_number_with_a_new_source_is_no_new_number(regions):
    """Two suppressed numbers remain so, although one of them is entered again with another source."""
    north, south, west = regions
    indicator = shared_indicator()
    for region, number in ((None, 60), (north, 2), (south, 18), (west, 40)):
        enter(indicator, 2024, number, region=region)
    publish(indicator)
    enter(indicator, 2024, 18, region=south, source="Another register")
    publish(indicator)
    suppressed = queries.public_values(indicator, "XA").filter(suppressed=True)
    assert {value.region for value in suppressed} == {north, south}


def test_totals_that_differ_from_their_parts_are_not_published(regions):
    north, south, west = regions
    indicator = shared_indicator()
    for region, number in ((None, 50), (north, 20), (south, 20), (west, 20)):
        enter(indicator, 2024, number, region=region)
    with pytest.raises(actions.TotalsDiffer):
        publish(indicator)
    assert not models.Release.objects.exists()


def test_nothing_is_published_twice(places):
    with pytest.raises(actions.NothingToPublish):
        publish(places)


def test_numbers_of_services_are_not_suppressed(states, client):
    indicator = shared_indicator("rape-crisis-centres")
    enter(indicator, 2024, 1)
    publish(indicator)
    assert queries.public_values(indicator, "XA").get().suppressed is False


# --- Benchmarks -------------------------------------------------------------------------------------------------------


def compare(key: str) -> dict[str, tuple]:
    page = queries.series_page(shared_indicator(key), "XA", Cell(), "en")
    return {one.benchmark.key: (one.number, one.required, one.reason) for one in page.comparisons}


def test_a_benchmark_is_compared_by_its_own_definition_and_population(states, client):
    for key, number in {"family-places": 410, "womens-beds": 500, "inhabitants": 5_400_000, "women": 2_700_000}.items():
        enter(shared_indicator(key), 2024, number)
        publish(shared_indicator(key))
    assert compare("family-places") == {"family-places": (410, 540, None)}
    assert compare("womens-beds") == {"family-places": (None, None, NotComparable.DEFINITION_DIFFERS)}
    enter(shared_indicator("rape-crisis-centres"), 2024, 9)
    publish(shared_indicator("rape-crisis-centres"))
    assert compare("rape-crisis-centres") == {
        "rape-crisis-centres-2008": (9, Decimal("13.5"), None),
        "sexual-assault-referral-centres-2008": (None, None, NotComparable.DEFINITION_DIFFERS),
        "sexual-violence-centres-eige": (None, None, NotComparable.DEFINITION_DIFFERS),
    }
    assert "there were 410; the standard asks for 540" in page_text(client, "/en/figures/XA/family-places/")
    assert "not comparable" in page_text(client, "/en/figures/XA/womens-beds/")


def test_without_a_population_nothing_is_compared(states):
    enter(shared_indicator(), 2024, 410)
    publish(shared_indicator())
    enter(shared_indicator("inhabitants"), 2023, 5_400_000)  # of another year, and not published
    assert compare("family-places") == {"family-places": (None, None, NotComparable.NO_POPULATION)}


# --- Desk -------------------------------------------------------------------------------------------------------------


def test_the_desk_fills_the_grid_with_numbers_and_reasons(desk, regions, client):
    north, south, _west = regions
    sign_in(client, desk)
    shared_indicator()
    address = "/en/figures/XA/family-places/enter/"
    data = {
        f"number-{north.pk}-{YEAR}": "12", f"gap-{south.pk}-{YEAR}": "not_collected", f"number-0-{YEAR}": "0",
        "source": "A register", "comparability": "Counted in December.",
    }  # fmt: skip
    response = client.post(address, data, follow=True)
    assert "3 figures saved." in response.content.decode()
    rows = models.IndicatorValue.objects.values_list("region__name", "number", "gap", "source", "comparability")
    assert set(rows) == {
        ("North", 12, "", "A register", "Counted in December."),
        ("South", None, "not_collected", "A register", "Counted in December."),
        (None, 0, "", "A register", "Counted in December."),
    }
    before = list(rows.order_by("id"))
    wrong = {**data, f"number-{north.pk}-{YEAR}": "12.5", f"gap-{south.pk}-{YEAR}": ""}
    response = client.post(address, wrong)
    assert response.status_code == 422
    assert "This indicator counts in whole numbers." in response.content.decode()
    assert "A value is either a number or a reason why there is none." in response.content.decode()
    assert list(rows.order_by("id")) == before


def test_figures_to_fill_are_the_years_in_which_a_place_has_nothing(regions):
    north, south, _west = regions
    indicator = shared_indicator()
    enter(indicator, 2022, 12, region=north)
    enter(indicator, 2022, 14, region=south)
    enter(indicator, 2023, GapReason.NOT_COLLECTED, region=south)
    missing = queries.figures_to_fill("XA", date(2025, 3, 1))
    assert [(one.indicator.key, one.year, one.missing, one.expected) for one in missing] == [
        ("family-places", 2024, 2, 2), ("family-places", 2023, 1, 2),
    ]  # fmt: skip
    assert queries.figures_to_fill("XB", date(2025, 3, 1)) == []


def test_the_desk_of_a_state_leads_to_its_figures_to_fill(desk, regions, client):
    enter(shared_indicator(), YEAR - 1, 12, region=regions[0])
    sign_in(client, desk)
    assert "/en/figures/XA/to-fill/" in page_text(client, "/en/countries/XA/desk/")
    assert f">{YEAR}<" in page_text(client, "/en/figures/XA/to-fill/")


@pytest.mark.parametrize("language", ["en", "ro"])
def test_the_template_can_be_filled_in_and_read_back_in_any_language(desk, regions, client, language):
    sign_in(client, desk)
    indicator = shared_indicator("shelter-residents")
    enter(indicator, YEAR, 14, region=regions[0], cell="sex=women", source="=A register", comparability="New")
    enter(indicator, YEAR, GapReason.NOT_COLLECTED, region=regions[1])
    content = client.get(f"/{language}/figures/XA/shelter-residents/template.xlsx").content
    rows = spreadsheet.read_file(content)
    preview = spreadsheet.plan_import(indicator, "XA", rows)
    assert preview.counts == {"new": 0, "changed": 0, "same": 2, "wrong": 0}
    number = next(place for place, heading in enumerate(rows[0]) if heading in ("Number", "Număr"))
    rows[1][number] = "40"
    preview = spreadsheet.plan_import(indicator, "XA", rows)
    assert preview.counts == {"new": 1, "changed": 0, "same": 2, "wrong": 0}


def upload(client, rows: list[dict], *, key: str = "shelter-residents"):
    columns = {name: name for name in ("region", "sex", "year", "number", "gap", "comparability", "source")}
    file = SimpleUploadedFile("figures.xlsx", render_xlsx(rows, columns))
    return client.post(f"/en/figures/XA/{key}/import/", {"file": file})


def carried(response) -> dict[str, str]:
    preview = response.context["preview"]
    return {"cells": preview.cells, "fingerprint": preview.fingerprint}


def test_an_import_shows_every_change_and_saves_all_rows_or_none(desk, regions, client):
    sign_in(client, desk)
    indicator = shared_indicator("shelter-residents")
    enter(indicator, YEAR, 14, region=regions[0])
    right = {"region": "North", "sex": "", "year": YEAR, "number": "15", "gap": "", "source": "A register"}
    wrong = [
        {**right, "region": "Nowhere"}, {**right, "sex": "girls"}, {**right, "year": "next"},
        {**right, "number": "few"}, {**right, "gap": "not collected"}, right,
    ]  # fmt: skip
    response = upload(client, [right, *wrong])
    assert [(row.row_number, row.column) for row in response.context["preview"].wrong] == [
        (3, "Region"), (4, "Sex"), (5, "Year"), (6, "Number"), (7, "Number"), (8, ""),
    ]  # fmt: skip
    refused = client.post("/en/figures/XA/shelter-residents/import/", carried(response))
    assert refused.status_code == 422
    assert models.IndicatorValue.objects.count() == 1

    response = upload(client, [right, {**right, "region": "South", "number": "", "gap": "not collected"}])
    assert response.context["preview"].counts == {"new": 1, "changed": 1, "same": 0, "wrong": 0}
    assert models.IndicatorValue.objects.count() == 1  # nothing is saved by looking
    assert client.post("/en/figures/XA/shelter-residents/import/", carried(response)).status_code == 302
    current = queries.current_values(indicator, "XA").values_list("region__name", "number", "gap")
    assert set(current) == {("North", 15, ""), ("South", None, "not_collected")}
    again = upload(client, [right, {**right, "region": "South", "number": "", "gap": "not collected"}])
    assert again.context["preview"].counts == {"new": 0, "changed": 0, "same": 2, "wrong": 0}


def test_an_import_that_was_checked_against_older_figures_is_not_saved(desk, regions, client):
    sign_in(client, desk)
    indicator = shared_indicator("shelter-residents")
    response = upload(client, [{"region": "North", "year": YEAR, "number": "15"}])
    enter(indicator, YEAR, 16, region=regions[0])
    answer = client.post("/en/figures/XA/shelter-residents/import/", carried(response), follow=True)
    assert "The figures have changed since you checked this file." in answer.content.decode()
    for cells in ("", "{", "[1]", '[["a"]]', '{"a": []}'):
        answer = client.post("/en/figures/XA/shelter-residents/import/", {"cells": cells, "fingerprint": "x"})
        assert answer.status_code == 302
    assert queries.current_values(indicator, "XA").get().number == 16


def test_a_file_that_is_no_table_is_refused_with_a_reason(desk, client):
    sign_in(client, desk)
    shared_indicator("shelter-residents")
    for content in (b"PK\x03\x04 damaged", b"only,words\r\n1,2\r\n"):
        file = SimpleUploadedFile("figures.xlsx", content)
        response = client.post("/en/figures/XA/shelter-residents/import/", {"file": file})
        assert response.status_code == 422


def test_an_own_indicator_is_added_in_the_language_of_the_page(desk, client):
    sign_in(client, desk)
    data = {
        "title": "Lanterne", "definition": "Câte sunt.", "unit": "other", "direction": "higher", "articles": "22, 23",
        "dimensions": ["sex"],
    }  # fmt: skip
    assert client.post("/ro/figures/XA/new/", data).status_code == 302
    own = models.Indicator.objects.get(state_id="XA")
    assert (own.titles, own.articles, own.dimensions) == ({"ro": "Lanterne"}, ["22", "23"], ["sex"])
    assert client.post("/ro/figures/XA/new/", {**data, "articles": "99"}).status_code == 422
    assert client.get(f"/en/figures/XB/{own.key}/").status_code == 404  # it belongs to one state


@pytest.mark.parametrize("language", ["en", "fr", "nb", "ro"])
def test_every_page_opens_in_every_language(places, desk, client, language):
    sign_in(client, desk)
    enter(places, 2025, 3)
    for address in (
        "",
        "to-fill/",
        "new/",
        *(f"family-places/{page}" for page in ("", "enter/", "import/", "publish/")),
    ):
        assert client.get(f"/{language}/figures/XA/{address}").status_code == 200


def test_the_demonstration_shows_a_gap_a_zero_a_correction_and_a_suppressed_number(states):
    make_demo_figures()
    make_demo_figures()  # a second time, it changes nothing
    values = models.IndicatorValue.objects.filter(indicator__key="family-places", published_in__isnull=False)
    assert values.filter(gap="not_collected").exists()
    assert values.filter(number=0, suppressed=False).exists()
    assert values.filter(revision=2).count() == 2
    assert set(values.filter(suppressed=True).values_list("region__name", "year", "number")) == {
        ("Innerdal", 2024, 2), ("Nordland Coast", 2024, 36),
    }  # fmt: skip
    assert models.IndicatorValue.objects.exclude(state_id="XA").count() == 0


def test_the_list_needs_few_queries_however_many_figures(places, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        client.get("/en/figures/XA/")
    with django_assert_max_num_queries(8):
        client.get("/en/figures/XA/family-places/")


def test_exports_are_safe_to_open_in_a_spreadsheet(states, client):
    enter(shared_indicator(), 2024, 12, comparability="=HYPERLINK(1)")
    publish(shared_indicator())
    rows = list(csv.DictReader(io.StringIO(client.get("/en/figures/XA/table.csv").content.decode())))
    assert rows[0]["comparability"] == "'=HYPERLINK(1)"
    assert render_csv([], ["a"]) == "a\r\n"
