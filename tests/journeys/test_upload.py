"""An editor uploads a report, watches its progress and reviews the findings, with and without JavaScript."""

from __future__ import annotations

import pytest

from tests.factories.reports import make_pdf
from tests.journeys.test_pages import faults
from tests.site.test_upload import REPORT


@pytest.mark.parametrize(
    ("width", "scheme", "javascript"), [(1280, "light", True), (320, "dark", True), (1280, "light", False)]
)
def test_an_uploaded_report_becomes_findings_that_an_editor_confirms(
    demo_site, open_page, axe, tmp_path, width, scheme, javascript
):
    file = tmp_path / "a report.pdf"
    file.write_bytes(make_pdf(REPORT.replace("evaluate the plan", f"evaluate the plan {width} {javascript} times")))
    page = open_page(width=width, scheme=scheme, javascript=javascript)
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        if javascript:
            found[name] = faults(page, axe)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    page.goto(f"{demo_site}/en/upload/")
    page.get_by_label("Email address").fill("editor@nordmark.example")
    page.get_by_label("Password").fill("accordance")
    page.locator("form.sign-in").get_by_role("button", name="Sign in").click()

    page.wait_for_url(f"{demo_site}/en/upload/")  # signing in returns to the page that the editor asked for
    look("upload")
    page.get_by_label("Report").set_input_files(file)
    page.get_by_label("Monitoring body").select_option("grevio")
    page.get_by_label("State under review").select_option("XB")
    page.get_by_label("Date of publication").fill("2024-02-29")
    page.get_by_role("button", name="Upload report").click()

    page.wait_for_url("**/en/upload/*-*/")
    if javascript:
        page.evaluate("stop()")  # the page would refresh itself during the check
        look("progress")
        page.reload()
    page.get_by_role("link", name="Check details").click(timeout=60_000)  # the page refreshes itself

    page.wait_for_url("**/en/reports/*/details/")
    look("details")
    assert page.get_by_label("Date of publication").input_value() == "2024-02-29"
    page.get_by_role("button", name="Publish report").click()

    page.wait_for_url(lambda address: "details" not in address)
    look("report")
    assert page.get_by_role("heading", name="2 findings").is_visible()
    assert page.get_by_role("heading", name="Extraction report").is_visible()
    page.locator(".finding a", has_text="GREVIO 2024 §").first.click()

    page.wait_for_url("**/en/findings/*/")
    look("review")
    judged = page.url
    assert page.get_by_role("img", name="Page 2 of the report").is_visible()
    page.get_by_role("main").get_by_text("Correct", exact=True).click()
    correction = page.locator("details", has=page.get_by_role("button", name="Save correction"))
    correction.get_by_label("Strength").select_option("strongly_encourages")
    correction.get_by_label("Articles").fill("7, 10")
    correction.get_by_label("Reason (public)").fill("as printed")
    page.get_by_role("button", name="Save correction").click()

    page.wait_for_url(lambda address: address != judged)  # on to the next finding
    page.goto(judged)
    main = page.get_by_role("main")
    assert main.get_by_role("link", name="Article 10", exact=False).is_visible()
    assert main.get_by_text("A reviewer confirmed this label").is_visible()
    # The automatic label is kept beside the reviewer's.
    assert main.get_by_text("The automatic label (extraction software grevio").is_visible()
    look("confirmed")
    assert {name: faults for name, faults in found.items() if faults} == {}

    visitor = open_page(javascript=javascript)
    visitor.goto(judged)
    assert visitor.get_by_role("main").get_by_text("A reviewer confirmed this label").is_visible()
    assert visitor.get_by_role("button", name="Confirm").count() == 0
