"""Downloads and the feed of a search: everything that the page counts, in every format, whatever a text contains."""

from __future__ import annotations

import csv
import io
import json
import random
import tracemalloc
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from xml.etree import ElementTree as Xml

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samsvar.interchange.tables import read_table, unescape_formula
from samsvar.search.expansion import find_concepts
from samsvar.search.items import FACETS, SearchItem
from samsvar.site.monitoring.models import Document
from samsvar.site.search import exports, queries
from samsvar.site.search.exports import COLUMNS
from samsvar.thesaurus.tagging import tag_text
from tests.factories.implementation import make_measure
from tests.factories.meetings import make_meeting
from tests.site.test_search import index_of_its_own, make_report

__all__ = ["index_of_its_own"]  # a fixture

pytestmark = pytest.mark.django_db

TEXTS = [f"GREVIO urges the authorities to open shelter number {number}." for number in range(24)]
ATOM = "{http://www.w3.org/2005/Atom}"
FORMULA = "=HYPERLINK(urge) refuges, shelters"


@pytest.fixture
def reports() -> None:
    make_report("a", *TEXTS)
    made = make_report("b", FORMULA, "Il y a {deux} refuges & demi.", code="XB", strength="invites", language="fr")
    Document.objects.filter(pk=made.document_id).update(published="2022-06", reference="GREVIO/Inf(2022)7")


def download(client: Client, file_format: str, query: str) -> bytes:
    response = client.get(f"/en/search/results.{file_format}?{query}")
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert response["Content-Disposition"] == f'attachment; filename="samsvar-search.{file_format}"'
    return b"".join(response.streaming_content)


def csv_rows(client: Client, query: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(download(client, "csv", query).decode()))]


def test_every_format_has_all_results_of_the_query_its_filters_and_concepts(client: Client, reports: None):
    query = "q=krisesenter&sort=newest"
    count = queries.search_page(params=QueryDict(query), language="en").count
    assert count == 26
    lines = [json.loads(line) for line in download(client, "jsonl", query).decode().splitlines()]
    assert len(lines) == count
    assert lines[0]["published"] == "2022-06"
    assert lines[0]["url"].startswith("http://testserver/en/")
    finding = next(line for line in lines if line["text"] == TEXTS[3])
    assert (finding["kind"], finding["country"], finding["articles"], finding["strength"], finding["paragraph"]) == (
        "finding", "Nordmark", ["25"], "urges", "4",
    )  # fmt: skip
    rows = csv_rows(client, query)
    assert [row["id"] for row in rows] == [line["id"] for line in lines]
    assert [unescape_formula(row["text"]) for row in rows] == [line["text"] for line in lines]
    assert {row["text"] for row in rows if "HYPERLINK" in row["text"]} == {f"'{FORMULA}"}
    table = read_table(download(client, "xlsx", query))
    assert tuple(table[0]) == COLUMNS
    assert [row[0] for row in table[1:]] == [line["id"] for line in lines]
    oldest = download(client, "jsonl", "q=krisesenter&sort=oldest").decode().splitlines()
    for in_order, ordered in ((lines, -1), (map(json.loads, oldest), 1)):
        days = [line["published"] for line in in_order]
        assert days == sorted(days)[::ordered]
        assert len({*days}) == 2
    assert len(download(client, "jsonl", query + "&without=shelters").splitlines()) == 0
    assert len(download(client, "jsonl", query + "&state=XB").splitlines()) == 2


def test_reference_managers_get_one_record_a_result_with_keys_of_their_own(client: Client, reports: None):
    ris = download(client, "ris", "q=shelters").decode()
    assert ris.count("TY  - RPRT\r\n") == ris.count("ER  - \r\n") == 26
    bibtex = download(client, "bib", "q=shelters").decode()
    keys = [line.partition("{")[2].rstrip(",") for line in bibtex.splitlines() if line.startswith("@")]
    assert len(keys) == len(set(keys)) == 26
    assert "AU  - GREVIO (fictional example)\r\n" in ris
    assert "SN  - GREVIO/Inf(2022)7\r\n" in ris
    assert "DA  - 2022/06//\r\n" in ris


def test_two_findings_of_one_paragraph_have_different_keys():
    items = [
        SearchItem(f"finding/{n}", "report/a", "finding", "Text.", body="grevio", reference="R", paragraph="7")
        for n in range(2)
    ]
    assert len({exports.build_citation(item, str).key for item in items}) == 2


def test_the_limit_of_a_download_is_kept_and_said(client: Client, reports: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exports, "MAX_EXPORTED", 10)
    monkeypatch.setattr(queries, "MAX_EXPORTED", 10)
    found = [json.loads(line)["id"] for line in download(client, "jsonl", "q=shelters&sort=newest").splitlines()]
    assert len(found) == 10
    assert [row["id"] for row in csv_rows(client, "q=shelters&sort=newest")] == found
    assert [row[0] for row in read_table(download(client, "xlsx", "q=shelters&sort=newest"))[1:]] == found
    assert download(client, "ris", "q=shelters").decode().count("ER  - \r\n") == 10
    assert download(client, "bib", "q=shelters").decode().count("@techreport{") == 10
    assert "Only the first 10 results are in a file." in client.get("/en/search/?q=shelters").content.decode()


def test_a_download_holds_one_result_at_a_time_in_memory(monkeypatch: pytest.MonkeyPatch):
    def peak_of(count: int) -> int:
        items = (SearchItem(f"passage/{n}", "report/a", "passage", "shelter " * 400) for n in range(count))
        monkeypatch.setattr(exports, "_iter_items", lambda *_, **__: items)
        tracemalloc.start()
        for file_format in ("csv", "jsonl"):
            search = exports.SearchParams.from_params(QueryDict("q=shelter"))
            for _ in exports.iter_export(search, file_format, language="en", absolute_url=str):
                pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_of(10)  # imports and caches
    assert peak_of(1_000) < peak_of(100) * 2 < 2_000_000


def test_the_feed_has_the_newest_results_with_their_days(client: Client, reports: None):
    response = client.get("/en/search/results.atom?q=krisesenter")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = Xml.fromstring(response.content)
    space = {"a": "http://www.w3.org/2005/Atom"}
    entries = feed.findall("a:entry", space)
    assert len(entries) == 26
    assert entries[0].findtext("a:updated", namespaces=space) == "2022-06-01T00:00:00+00:00"
    assert entries[0].find("a:link", space).get("href").startswith("http://testserver/en/")
    assert len({entry.findtext("a:id", namespaces=space) for entry in entries}) == 26
    again = client.get("/en/search/results.atom?q=krisesenter", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304


def test_the_feed_has_the_fifty_newest_results(client: Client, reports: None):
    made = make_report("c", *(f"There is shelter number {number}." for number in range(60)), code="XC")
    Document.objects.filter(pk=made.document_id).update(published="2021-03-04")
    entries = Xml.fromstring(client.get("/en/search/results.atom?q=shelters&sort=oldest").content).findall(
        f"{ATOM}entry"
    )
    assert Counter(entry.findtext(f"{ATOM}updated")[:10] for entry in entries) == {"2022-06-01": 2, "2021-03-04": 48}


def test_an_entry_of_the_feed_changed_when_it_was_last_edited_and_never_in_the_future(client: Client, reports: None):
    make_measure("Norsk tiltak for krisesenter", language="nb", begins="2999-01")
    make_meeting(title={"en": "Krisesenter meeting"}, begins=date(2999, 6, 1), ends=date(2999, 6, 2), access="public")
    feed = Xml.fromstring(client.get("/en/search/results.atom?q=krisesenter").content)
    space = {"a": "http://www.w3.org/2005/Atom"}
    moments = [datetime.fromisoformat(one.text or "") for one in feed.iterfind(".//a:updated", space)]
    now = timezone.now()
    assert max(moments) <= now
    assert sum(now - moment < timedelta(minutes=5) for moment in moments) == 3  # the feed, the measure and the meeting
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    languages = {
        one.findtext("a:title", "", space): (one.get(language), one.find("a:summary", space).get(language))
        for one in feed.iterfind("a:entry", space)
    }
    assert languages["Nordmark: Norsk tiltak for krisesenter"] == ("nb", None)
    assert set(languages.values()) == {("nb", None), (None, None), (None, "fr")}


def test_an_unknown_format_is_not_found_and_an_unusable_index_is_an_error_page(client: Client, settings, tmp_path):
    assert client.get("/en/search/results.exe?q=shelters").status_code == 404
    (tmp_path / "file").write_text("")
    settings.SAMSVAR_SEARCH_INDEX = tmp_path / "file" / "search"
    for file_format in ("csv", "atom"):
        response = client.get(f"/en/search/results.{file_format}?q=shelters")
        assert response.status_code == 503
        assert "The search index cannot be used at the moment." in response.content.decode()


# --- One query for everything, compared with a plain scan -------------------------------------------------------------

WORDS = ("shelter", "refuge", "police", "training", "urge")


@pytest.fixture
def random_reports() -> list[SearchItem]:
    draw = random.Random(14)
    for number in range(6):
        texts = [" ".join(draw.choices(WORDS, k=draw.randint(1, 4))) + f" {n}." for n in range(12)]
        made = make_report(
            f"r{number}", *texts, code=draw.choice(["XA", "XB"]), strength=draw.choice(["urges", "invites"]),
            language=draw.choice(["en", "fr"]),
        )  # fmt: skip
        Document.objects.filter(pk=made.document_id).update(published=f"20{draw.randint(18, 22)}-05-01")
    engine = queries.get_index_updater().get_current_index().engine
    return [*engine.iter_items(queries.parse_query_text(""), limit=1_000)]


def contains(item: SearchItem, word: str, words: list[str]) -> bool:
    """Return whether an item has a word or, in its language, the concept of shelters if the word means it.

    A word that names nothing is only asked of texts in the languages of the names among the words.
    """
    languages = {language for other in words for name in find_concepts(other) for language in name.languages}
    if languages and not find_concepts(word) and item.language not in languages:
        return True
    means_shelters = word in {"shelter", "refuge", "krisesenter"}
    heading = item.heading.rpartition("›")[2]
    named = {mention.key for text in (item.text, heading) for mention in tag_text(text, item.language)}
    return word in item.text.split() or (means_shelters and "shelters" in named)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from([*WORDS, "krisesenter"]), max_size=2),
    st.sets(
        st.sampled_from(["state=XA", "state=XB", "strength=urges", "kind=finding", "kind=passage", "year=2018..2020"])
    ),
)
def test_list_count_facets_chart_and_download_equal_a_plain_scan(random_reports, words, filters):
    params = QueryDict("&".join([f"q={'+'.join(words)}", *sorted(filters)]))
    page = queries.search_page(params=params, language="en")
    chosen = exports.SearchParams.from_params(params).filters

    def scan(ignored: str = "") -> list[SearchItem]:
        return [
            item
            for item in random_reports
            if all(contains(item, word, words) for word in words)
            and all(set(values) & set(item.labels[name]) for name, values in chosen.items() if name != ignored)
        ]

    assert page.count == len(scan())
    facets = {facet.name: facet for facet in page.facets}
    for name in FACETS:
        shown = facets[name].visible_values + facets[name].collapsed_values if name in facets else ()
        expected = Counter(value for item in scan(ignored=name) for value in item.labels[name])
        assert {value.value: value.count for value in shown if value.count} == expected, name
    counted = [item for item in scan() if item.strength] or [item for item in scan() if item.body]
    by_year: dict[str, Counter[str]] = defaultdict(Counter)
    for item in counted:
        by_year[str(item.year)][item.strength or item.body] += 1
    assert (page.chart is not None) == (len(by_year) > 1)
    if page.chart:
        values = [value for value, _label in page.chart.columns]
        shown_years = {bar.year: +Counter(dict(zip(values, bar.counts, strict=True))) for bar in page.chart.bars}
        assert {year: counts for year, counts in shown_years.items() if counts} == by_year
    search = exports.SearchParams.from_params(params)
    lines = exports.iter_export(search, "jsonl", language="en", absolute_url=str)
    assert sorted(json.loads(line)["id"] for line in lines) == sorted(item.id for item in scan())
