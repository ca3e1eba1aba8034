"""Conclusions are read in: verdicts change by quotation, and the desk records when the next report is due."""

from __future__ import annotations

from datetime import date

import pytest

from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.implementation.models import Duty
from samsvar.site.monitoring.models import Document, Finding
from tests.factories.people import make_account
from tests.factories.reports import make_finding, make_pdf, make_reading, make_report
from tests.factories.stored import storage_settings
from tests.journeys.roles import Journey
from tests.journeys.test_meeting_day import sign_in_page

BASELINE = "GREVIO/Inf(2020)901"
# The Committee says something about three of the four findings of the baseline report, each in a paragraph of its own.
CONCLUSIONS = f"""
IC-CP/Inf(2024)903

#align(center)[*Committee of the Parties to the Council of Europe Convention on Preventing and Combating Violence
against Women and Domestic Violence*

*Conclusions on the implementation of recommendations in respect of Nordmark*]

#pagebreak()

= Conclusions

== A. Financial resources (Article 8)

1. The Committee of the Parties welcomes the grants of three years for helplines ({BASELINE}, paragraph 1).

== B. Training of professionals (Article 15)

2. The Committee of the Parties strongly encourages the authorities to make the training of judges compulsory
({BASELINE}, paragraph 2).

== C. Specialist support services (Article 22)

3. The Committee of the Parties urges the authorities to open shelters to women with addiction problems
({BASELINE}, paragraph 3).
"""


@pytest.fixture
def journey(live_server, open_page, axe, settings, tmp_path):
    """Yield a journey on a site with one report and the Committee's recommendation on it."""
    settings.STORAGES = storage_settings(tmp_path)
    load_convention()
    findings = [make_finding(number, articles=(article,)) for number, article in enumerate(("8", "15", "22", "31"), 1)]
    make_report(b"baseline", make_reading(findings, published=date(2020, 9, 21), reference=BASELINE))
    Document.everything.create(
        public_id="r" * 16, origin="catalogue", body="committee_of_the_parties", state_id="XA", procedure="baseline",
        kind="recommendation", published="2020-12-10", reference="IC-CP/Inf(2020)902", confidence="confirmed",
    )  # fmt: skip
    walks = Journey(open_page, live_server.url, axe)
    yield walks
    assert walks.faults() == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_conclusions_change_verdicts_by_quotation_and_the_desk_records_the_next_duty(journey, language, tmp_path):
    reader, desk = journey.visitor(language), journey.visitor(language)
    editor = journey.visitor(language, looks=False)  # the pages of an upload are looked at in test_upload
    welcomed, _again, urged, silent = (
        f"findings/{key}/" for key in Finding.objects.order_by("ordinal").values_list("public_id", flat=True)
    )
    reader.go(urged)
    assert reader.reads("no later text yet")
    reader.go("countries/XA/duties/")
    assert not reader.reads("conclusions of the Committee of the Parties")

    file = tmp_path / "conclusions.pdf"
    file.write_bytes(make_pdf(CONCLUSIONS))
    sign_in_page(editor.page, journey.site, make_account(Role.EDITOR))
    editor.go("upload/")
    editor.main.locator('[name="file"]').set_input_files(file)
    editor.choose(body="committee_of_the_parties", state="XA")
    editor.fill(published="2024-06-04")
    editor.press("Upload report")
    editor.take(editor.main.get_by_role("link", name=editor.say("Check details")))
    editor.press("Publish report")

    for finding, verdict, quotation in (
        (welcomed, "welcomes", "welcomes the grants of three years for helplines"),
        (urged, "taken up again", "urges the authorities to open shelters to women with addiction problems"),
        (silent, "no later text yet", ""),  # by GREVIO: the Committee selects, and silence of it says nothing
    ):
        reader.go(finding)
        panel = reader.main.locator(".answers")
        assert quotation in " ".join(panel.inner_text().split())
        if verdict != "welcomes":
            assert reader.reads(verdict)

    reader.go("countries/XA/duties/")
    proposed = reader.main.locator(".duty-steps li", has=reader.page.locator('time[datetime="2026-06-04"]'))
    assert proposed.count() == 1

    sign_in_page(desk.page, journey.site, make_account(Role.NATIONAL_DESK, state="XA"))
    desk.go("countries/XA/duties/")
    desk.take(desk.main.locator('a[href$="/baseline/second_report_back/"]'))
    desk.fill(due="2026-06-01", due_source="IC-CP/Inf(2024)903, § 4", due_since="2024-06-04")
    desk.choose(basis="printed")
    desk.press("Save")
    assert desk.reads("Saved.")
    duty = Duty.objects.get()
    assert (duty.due, duty.basis) == ("2026-06-01", "printed")
    reader.go("countries/XA/duties/")
    assert reader.main.locator('time[datetime="2026-06-04"]').count() == 0
    printed = reader.main.locator(".duty-steps li", has=reader.page.locator('time[datetime="2026-06-01"]'))
    assert "IC-CP/Inf(2024)903, § 4" in printed.inner_text()

    def dates(day: str) -> list[str | None]:
        reader.go(f"{urged}story/?on={day}")
        times = reader.main.locator(".story time")
        return [times.nth(number).get_attribute("datetime") for number in range(times.count())]

    assert dates("2020-09-20") == []
    assert dates("2020-12-31") == ["2020-09-21", "2020-12-10"]
    assert dates("2024-06-03") == ["2020-09-21", "2020-12-10"]
    assert dates("2024-06-04") == ["2020-09-21", "2020-12-10", "2024-06-04"]
    assert "2026" in reader.main.inner_text()  # the next duty, as printed
    assert reader.main.locator(".story blockquote", has_text="women with addiction problems").count() == 1
