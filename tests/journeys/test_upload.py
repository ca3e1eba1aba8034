"""An editor drops a report in, watches it being read, and judges what the machine found; with scripts and without."""

from __future__ import annotations

import pytest

from tests.factories.reports import a_pdf
from tests.journeys.test_pages import faults
from tests.site.test_upload import REPORT


@pytest.mark.parametrize(
    ("width", "scheme", "javascript"), [(1280, "light", True), (320, "dark", True), (1280, "light", False)]
)
def test_a_report_dropped_in_becomes_findings_that_an_editor_confirms(
    demo_site, open_page, axe, tmp_path, width, scheme, javascript
):
    file = tmp_path / "a report.pdf"
    file.write_bytes(a_pdf(REPORT.replace("evaluate the plan", f"evaluate the plan {width} {javascript} times")))
    page = open_page(width=width, scheme=scheme, javascript=javascript)
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        if javascript:
            found[name] = faults(page, axe)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    page.goto(f"{demo_site}/en/upload/")
    page.get_by_label("E-mail address").fill("editor@nordmark.example")
    page.get_by_label("Password").fill("accordance")
    page.locator("form.sign-in").get_by_role("button", name="Sign in").click()

    page.wait_for_url("**/en/upload/")  # signing in leads back to where the editor wanted to go
    look("upload")
    page.get_by_label("Report").set_input_files(file)
    page.get_by_label("Monitoring body").select_option("grevio")
    page.get_by_label("State under review").select_option("XB")
    page.get_by_label("Date of publication").fill("2024-02-29")
    page.get_by_role("button", name="Read this report").click()

    page.wait_for_url("**/en/upload/*-*/")
    look("progress")
    page.get_by_role("link", name="See its account and its findings").click(timeout=60_000)  # it looks again by itself

    page.wait_for_url("**/en/reports/*/")
    look("report")
    assert page.get_by_role("heading", name="2 findings").is_visible()
    assert page.get_by_role("heading", name="The account of the reading").is_visible()
    page.locator(".finding a", has_text="The paragraph on its page").first.click()

    page.wait_for_url("**/en/findings/*/")
    look("review")
    judged = page.url
    assert page.get_by_role("img", name="Page 2 of the report").is_visible()
    page.get_by_role("main").get_by_label("Strength").select_option("strongly_encourages")
    page.get_by_label("Articles").fill("7, 10")
    page.get_by_role("button", name="Confirm").click()

    page.wait_for_url(lambda address: address != judged)  # on to the next finding
    page.goto(judged)
    main = page.get_by_role("main")
    assert main.get_by_role("link", name="Article 10", exact=False).is_visible()
    assert main.get_by_text("A reviewer confirmed this label").is_visible()
    assert main.get_by_text("The machine (reader grevio").is_visible()  # its own label is kept beside the person's
    look("confirmed")
    assert {name: faults for name, faults in found.items() if faults} == {}

    visitor = open_page(javascript=javascript)
    visitor.goto(judged)
    assert visitor.get_by_role("main").get_by_text("A reviewer confirmed this label").is_visible()
    assert visitor.get_by_role("button", name="Confirm").count() == 0
