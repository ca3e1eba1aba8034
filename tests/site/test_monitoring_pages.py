"""Pages of findings and reports: what they show, how many queries they need, and what they refuse."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from samsvar.monitoring.report import Strength
from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring import models, pictures, storage
from samsvar.site.monitoring.actions import reviews
from tests.factories.people import make_account
from tests.factories.reports import make_finding, make_pdf, make_reading, make_report
from tests.factories.stored import storage_settings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def temporary_storage(settings, tmp_path):
    settings.STORAGES = storage_settings(tmp_path)
    settings.SAMSVAR_PICTURES = tmp_path / "pictures"


@pytest.fixture(autouse=True)
def states():
    load_convention()


@pytest.fixture
def editor():
    return make_account(Role.EDITOR)


def make_reading_with_findings(number: int, **how):
    strengths = [*Strength, None]
    return make_reading(
        [
            make_finding(
                n, strength=strengths[(n - 1) % 6], articles=(str(n % 60 + 1), "7"), cites=("1",) if n % 3 else ()
            )
            for n in range(1, number + 1)
        ],
        **how,
    )


def page_urls(report) -> dict[str, str]:
    finding = report.findings.all()[report.findings.count() // 2]
    return {
        "finding": reverse("monitoring:finding", args=[finding.public_id]),
        "findings": reverse("monitoring:findings"),
        "asked findings": reverse("monitoring:findings") + "?state=XA&article=7&strength=urges&body=grevio&year=2023",
        "report": reverse("monitoring:report", args=[report.public_id]),
        "text": reverse("monitoring:text", args=[report.public_id]),
        "reports": reverse("monitoring:reports"),
    }


def page_html(client, address: str) -> str:
    """Return the page with its whitespace normalised, because the layout of the template does not matter here."""
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode()).replace("> ", ">").replace(" <", "<")


def count_queries(client, address: str) -> int:
    """Return the queries of a page once what it keeps in the process has been read."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_number_of_queries_does_not_grow_with_the_number_of_rows(client):
    with_one = {
        name: count_queries(client, address)
        for name, address in page_urls(make_report(b"one", make_reading_with_findings(1))).items()
    }
    for number in range(30):
        make_report(f"more {number}".encode(), make_reading_with_findings(3))
    with_many = {
        name: count_queries(client, address)
        for name, address in page_urls(make_report(b"many", make_reading_with_findings(120))).items()
    }
    assert with_many == with_one
    assert max(with_many.values()) <= 13  # a finding with its three answers, and who has solved it


def test_a_finding_is_shown_with_its_text_its_position_and_how_it_was_labelled(client):
    finding = make_report(b"one", make_reading_with_findings(3)).findings.get(paragraph="2")
    page = page_html(client, reverse("monitoring:finding", args=[finding.public_id]))
    for shown in (
        '<blockquote class="quotation" lang="en"',
        "to secure what paragraph 2 asks for",
        "labelled automatically (extraction software grevio 1)",
        'href="/en/countries/XA/"',
        'href="/en/articles/7/"',
        "fictional state, for demonstration",
        f'href="/findings/{finding.public_id}/cite.bib"',
        f'src="/reports/{finding.report.public_id}/pages/1.png"',
        '<rect class="page-mark" x="66.0" y="98.0" width="458.0" height="38.0" rx="3" />',
    ):
        assert shown in page
    assert "<form" not in page.split("<main")[1]


def test_a_finding_links_to_its_neighbours_and_to_the_findings_it_cites(client):
    first, second, third = make_report(b"one", make_reading_with_findings(3)).findings.all()
    page = page_html(client, reverse("monitoring:finding", args=[second.public_id]))
    assert f'rel="prev" href="/en/findings/{first.public_id}/"' in page
    assert f'rel="next" href="/en/findings/{third.public_id}/"' in page
    assert f'<a href="/en/findings/{first.public_id}/">§ 1</a>' in page  # the finding it cites
    back = page_html(client, reverse("monitoring:finding", args=[first.public_id]))
    assert f'<a href="/en/findings/{second.public_id}/">§ 2</a>' in back


def test_report_text_is_escaped(client):
    evil = '<script>alert("1")</script> & <b>bold</b>'
    report = make_report(
        b"one", make_reading([make_finding(1, text=evil, actions=[evil])]), about={"reference": evil[:100]}
    )
    for address in page_urls(report).values():
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>bold" not in page


def test_a_citation_of_a_fictional_report_says_that_it_is_fictional(client):
    about = {"reference": "GREVIO/Inf(2023)77", "title": "Report on Nordmark"}
    finding = make_report(b"one", make_reading_with_findings(1), about=about).findings.get()
    bib = client.get(reverse("files:cite", args=[finding.public_id, "bib"]))
    assert bib["Content-Disposition"] == f'attachment; filename="samsvar-{finding.public_id}.bib"'
    assert "institution = {Samsvar, fictional example}" in bib.content.decode()
    (item,) = json.loads(client.get(reverse("files:cite", args=[finding.public_id, "json"])).content)
    assert (item["number"], item["locator"], item["publisher"]) == (
        "GREVIO/Inf(2023)77",
        "1",
        "Samsvar, fictional example",
    )
    assert item["URL"] == f"http://testserver/en/findings/{finding.public_id}/"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["1", "2", "3", "4", "5", "6"]),
        ("?strength=urges", ["1"]),
        ("?article=7", ["1", "2", "3", "4", "5", "6"]),
        ("?article=3", ["2"]),
        ("?state=xb", []),
        ("?year=2023&body=grevio&state=XA", ["1", "2", "3", "4", "5", "6"]),
        ("?review=rejected", []),
        ("?article=99999999999999999999", []),
        ("?article=²&year=--&state=%FF&strength=%F0%9F%98%80", []),
        ("?page=999", ["1", "2", "3", "4", "5", "6"]),
    ],
)
def test_the_findings_list_accepts_any_filter_without_an_error(client, asked, found):
    make_report(b"one", make_reading_with_findings(6))
    answer = client.get(reverse("monitoring:findings") + asked)
    assert answer.status_code == 200
    assert sorted(finding.paragraph for finding in answer.context["page"].findings) == found


@pytest.mark.parametrize(
    "address", ["/en/findings/?state=%00", "/en/reports/a%00b/", "/en/countries/%00/", "/en/?q=%00"]
)
def test_a_null_character_in_the_address_is_refused_on_both_databases(client, address):
    assert client.get(address).status_code == 400


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("?country=XA", "This page has no filter called “country”, so nothing is filtered by it."),
        ("?state=QQ", "There is no filter option called “QQ”."),
        ("?body=bogus&strength=shouts", "There is no filter option called “shouts”, “bogus”."),
        ("?status=closed&page=1", "There is no filter option called “closed”."),
        ("?state=<b>", "There is no filter option called “&lt;B&gt;”."),
    ],
)
def test_the_findings_list_names_a_filter_or_value_that_it_does_not_have(client, asked, told):
    make_report(b"one", make_reading_with_findings(6))
    page = page_html(client, reverse("monitoring:findings") + asked)
    assert (told in page, "The other filters were kept." in page) == (True, True)


@pytest.mark.parametrize(
    "asked", ["", "?state=xa&article=7&strength=urges&body=grevio&year=2023&page=2", "?review=machine"]
)
def test_the_findings_list_complains_of_no_filter_that_it_has(client, asked):
    make_report(b"one", make_reading_with_findings(6))
    assert "no filter" not in page_html(client, reverse("monitoring:findings") + asked)


def test_a_rejected_finding_is_not_listed_and_its_page_says_that_it_was_rejected(client, editor):
    finding = make_report(b"one", make_reading_with_findings(2)).findings.first()
    reviews.review_finding(finding=finding, by=editor, review="rejected", note="told of, not concluded")
    listed = client.get(reverse("monitoring:findings")).context["page"].findings
    assert [one.paragraph for one in listed] == ["2"]
    page = page_html(client, reverse("monitoring:finding", args=[finding.public_id]))
    assert "is not a finding" in page
    assert "told of, not concluded" in page


def test_the_numbers_of_the_extraction_report_on_the_page_add_up(client):
    report = make_report(b"one", make_reading_with_findings(2))
    books = client.get(reverse("monitoring:report", args=[report.public_id])).context["page"].extraction
    assert (
        books.read == books.understood + sum(one.characters for one in books.set_aside) + books.unexplained_characters
    )
    assert [line["text"] for line in books.unexplained] == ["a stray line", "42"]


def test_a_link_to_a_passage_opens_the_right_page_of_the_text(client):
    report = make_report(b"one", make_reading_with_findings(100))
    answer = client.get(reverse("monitoring:text", args=[report.public_id]) + "?at=73")
    assert 'id="passage-73"' in answer.content.decode()
    for odd in ("?at=-1", "?at=x", "?at=99999999", "?page=x"):
        assert client.get(reverse("monitoring:text", args=[report.public_id]) + odd).status_code == 200


def test_empty_pages_say_how_to_upload_a_report(client):
    for name in ("findings", "reports"):
        assert "upload a report" in client.get(reverse(f"monitoring:{name}")).content.decode()


@pytest.mark.parametrize("name", ["monitoring:finding", "monitoring:report", "monitoring:text", "files:report"])
def test_an_unknown_id_is_not_found(client, name):
    assert client.get(reverse(name, args=["nothing"])).status_code == 404


# --- Page images and files --------------------------------------------------------------------------------------------


def submit_review(client, finding, **said):
    said = {"strength": finding.strength, "articles": "7", "note": "", "seen": reviews.review_state(finding), **said}
    return client.post(reverse("monitoring:review", args=[finding.public_id]), said)


def test_an_editor_confirms_a_finding_and_moves_on_to_the_next(client, editor):
    first, second = make_report(b"one", make_reading_with_findings(2)).findings.all()
    client.force_login(editor)
    assert "<form" in page_html(client, reverse("monitoring:finding", args=[first.public_id])).split("<main")[1]
    answer = submit_review(
        client, first, review="confirmed", strength="invites", articles="10, 8", note="as printed", and_next="1"
    )
    assert answer["Location"].partition("?")[0] == reverse("monitoring:finding", args=[second.public_id])
    first.refresh_from_db()
    assert (first.review, first.strength, first.reviewed_by) == ("confirmed", "invites", editor)
    assert sorted(one.article for one in first.articles.all()) == [8, 10]


def test_rejecting_a_finding_does_not_change_its_labels(client, editor):
    finding = make_report(b"one", make_reading_with_findings(1)).findings.get()
    client.force_login(editor)
    submit_review(client, finding, review="rejected", strength="invites", articles="50", note="told of")
    finding.refresh_from_db()
    assert (finding.review, finding.strength) == ("rejected", finding.machine["strength"])


def test_a_review_sent_from_an_outdated_page_is_refused_with_a_reason(client, editor):
    finding = make_report(b"one", make_reading_with_findings(1)).findings.get()
    client.force_login(editor)
    seen = reviews.review_state(finding)
    submit_review(client, finding, review="rejected", note="told of")
    answer = submit_review(client, finding, review="confirmed", note="as printed", seen=seen)
    assert answer.status_code == 409
    assert "Someone else reviewed this finding" in answer.content.decode()


def test_a_review_with_an_unknown_article_shows_the_form_again(client, editor):
    finding = make_report(b"one", make_reading_with_findings(1)).findings.get()
    client.force_login(editor)
    answer = submit_review(client, finding, review="confirmed", articles="7, 99")
    assert answer.status_code == 422
    assert "is not an article" in answer.content.decode()
    finding.refresh_from_db()
    assert finding.review == "machine"


def test_only_editors_can_review_a_finding(client, editor):
    finding = make_report(b"one", make_reading_with_findings(1)).findings.get()
    assert submit_review(client, finding, review="rejected").status_code == 302  # to the sign-in page
    client.force_login(make_account(Role.READER))
    assert submit_review(client, finding, review="rejected").status_code == 403
    finding.refresh_from_db()
    assert finding.review == "machine"


# --- Page images and files --------------------------------------------------------------------------------------------


@pytest.fixture
def real_report():
    return make_report(make_pdf("A page to look at", 2), make_reading_with_findings(1, pages=2))


def test_a_page_image_is_rendered_once_and_then_served_from_disk(client, real_report, monkeypatch):
    address = reverse("files:page-picture", args=[real_report.public_id, 2])
    first = client.get(address)
    assert (first.status_code, first["Content-Type"], first.content[:8]) == (200, "image/png", b"\x89PNG\r\n\x1a\n")
    monkeypatch.setattr(pictures, "render_page_within_limits", lambda *_: pytest.fail("drawn again"))
    assert client.get(address).content == first.content
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert first["Cache-Control"] == "public, no-cache"  # a withdrawn report is gone from caches at once


@pytest.mark.parametrize("page", [0, 3, 999_999])
def test_a_page_number_outside_the_report_is_not_found(client, real_report, page):
    assert client.get(f"/reports/{real_report.public_id}/pages/{page}.png").status_code == 404


def test_a_report_whose_file_is_lost_has_no_page_images(client, real_report):
    storage.remove(storage.storage_name(real_report.content_hash))
    assert client.get(reverse("files:page-picture", args=[real_report.public_id, 1])).status_code == 404
    assert client.get(reverse("files:report", args=[real_report.public_id])).status_code == 404


def test_a_file_that_cannot_be_rendered_gives_a_plain_text_error(client):
    report = make_report(b"%PDF-1.7 no more", make_reading_with_findings(1))
    answer = client.get(reverse("files:page-picture", args=[report.public_id, 1]))
    assert (answer.status_code, answer["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert not list(pictures.image_path(report, 1).parent.glob("*.png"))


def test_the_page_images_on_disk_stay_within_their_size_limit(real_report, monkeypatch):
    monkeypatch.setattr(pictures, "CACHE_BYTES", 2_500)
    reports = [make_report(f"{n}".encode(), make_reading_with_findings(1)) for n in range(5)]
    for report in reports:
        pictures.page_image(report, 1, render=lambda *_: b"x" * 1_000)
    kept = [report for report in reports if pictures.image_path(report, 1).exists()]
    assert len(kept) == 2
    assert pictures.page_image(reports[0], 1, render=lambda *_: b"again") == b"again"


def test_the_report_file_is_a_download_that_no_browser_executes(client, real_report):
    answer = client.get(reverse("files:report", args=[real_report.public_id]))
    assert b"".join(answer.streaming_content) == storage.fetch(real_report.content_hash)
    assert answer["Content-Disposition"] == 'attachment; filename="example.pdf"'
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_an_html_report_is_served_as_plain_text(client):
    report = make_report(b"<html><script>alert(1)</script></html>", make_reading_with_findings(1))
    models.Report.objects.update(format="html", filename="report.html")
    answer = client.get(reverse("files:report", args=[report.public_id]))
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    b"".join(answer.streaming_content)
