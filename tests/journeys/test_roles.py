"""What each role can do, in English and one other language: sign in, do its work, see the result, sign out."""

from __future__ import annotations

import pytest

from tests.factories.reports import make_pdf
from tests.journeys.roles import ACCOUNTS, REASON, Journey, Visitor
from tests.site.test_upload import REPORT

LANTERN = "networks/lantern/"


@pytest.fixture
def journey(demo_site, open_page, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    walks = Journey(open_page, demo_site, axe)
    yield walks
    assert walks.faults() == {}


def find_person(visitor: Visitor, name: str) -> str:
    """Return the address of a person's page, found by name in the directory."""
    visitor.page.goto(f"{visitor.site}/{visitor.language}/people/?q={name}")
    href = visitor.main.get_by_role("link", name=name).first.get_attribute("href")
    return href.split("/", 2)[2]


@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_reader_filters_the_directory_and_asks_a_member_through_the_secretariat(journey, language):
    reader = journey.visitor(language)
    reader.sign_in("reader")
    reader.go("people/")
    everybody = reader.main.locator(".person-card").count()
    reader.choose(country="XC", language="fr")
    reader.press("Show")
    assert 0 < reader.main.locator(".person-card").count() < everybody
    reader.take(reader.main.get_by_role("link", name=ACCOUNTS["contributor"]["name"]).first)
    assert not reader.sees("maison@veilleuse.example")  # visible to the secretariat only
    reader.follow("Ask a question")
    reader.fill(subject=f"A journey in {language}", text="Who pays for the rooms that children play in?")
    reader.press("Send to the secretariat")
    assert reader.reads("Your question is with the secretariat.")
    reader.go("questions/")
    assert reader.sees(f"A journey in {language}")
    reader.take(reader.main.get_by_role("link", name=f"A journey in {language}").first)
    reader.press("Withdraw question")
    assert reader.reads("This conversation has ended.")
    assert reader.page.goto(f"{reader.site}/{language}/upload/").status == 403
    reader.go("")
    reader.sign_out()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_contributors_profile_is_public_until_she_withdraws_consent(journey, language):
    odile, anybody = journey.visitor(language), journey.visitor(language, looks=False)
    name = ACCOUNTS["contributor"]["name"]
    odile.sign_in("contributor")
    address = find_person(odile, name)
    # no one learns that she has a profile
    assert anybody.page.goto(f"{anybody.site}/{language}/{address}").status == 404

    odile.go("profile/as/public/")
    assert not odile.sees(name)
    odile.go("profile/")
    odile.choose(sees_name="public", sees_title="public")
    odile.main.locator('[name="consent_public_entry"]').check()
    odile.press("Save")
    assert odile.reads("Profile saved.")
    odile.go("profile/as/public/")
    assert odile.sees(name)
    assert odile.sees("Head of a shelter")
    assert not odile.sees("La Veilleuse")

    assert anybody.page.goto(f"{anybody.site}/{language}/{address}").status == 200
    assert anybody.sees("Head of a shelter")
    assert not anybody.sees("La Veilleuse")
    anybody.page.goto(f"{anybody.site}/{language}/people/")
    assert anybody.sees(name)

    odile.go("consents/")
    use = odile.main.locator("section.consent", has=odile.page.locator("#use-public_entry"))
    odile.press("Withdraw", within=use)
    assert odile.reads("Your consent has been withdrawn with immediate effect, everywhere on this site.")
    assert anybody.page.goto(f"{anybody.site}/{language}/{address}").status == 404
    anybody.page.goto(f"{anybody.site}/{language}/people/")
    assert not anybody.sees(name)
    odile.go("profile/")
    assert odile.main.locator('[name="sees_name"]').input_value() == "signed_in"  # as before
    odile.sign_out()


def upload_report(editor: Visitor, file, state: str) -> None:
    """Upload a report and wait until it has been processed."""
    editor.go("upload/")
    editor.main.locator('[name="file"]').set_input_files(file)
    editor.choose(body="grevio", state=state)
    editor.press("Upload report", look=False)
    link = editor.main.get_by_role("link", name=editor.say("View extraction report and findings"))
    link.click(timeout=60_000)  # the page refreshes itself
    editor.page.wait_for_url("**/reports/*/")
    editor.look()


REVIEW_FORM = 'details:has(input[name="review"][value="{}"])'  # with its fields, for this review


def confirm_first_finding(visitor: Visitor) -> None:
    """Open the first finding of the report on this page, and confirm its automatic label."""
    visitor.take(visitor.main.locator(".finding a[href*='/findings/']").first)
    here = visitor.page.url
    visitor.take(visitor.main.locator('[data-shortcut="c"]'))
    visitor.page.goto(here)
    assert visitor.main.locator(REVIEW_FORM.format("machine")).count() == 1


@pytest.mark.parametrize("language", ["en", "ro"])
def test_an_editor_uploads_a_report_and_confirms_a_finding(journey, tmp_path, language):
    file = tmp_path / "a report.pdf"
    file.write_bytes(make_pdf(REPORT.replace("evaluate the plan", f"evaluate the plan once more ({language})")))
    editor = journey.visitor(language)
    editor.sign_in("editor")
    upload_report(editor, file, "XB")
    confirm_first_finding(editor)
    editor.sign_out()


def find_finding(visitor: Visitor, state: str) -> str:
    """Return the address of a finding about a state, without the language."""
    visitor.page.goto(f"{visitor.site}/{visitor.language}/findings/?state={state}")
    href = visitor.main.locator(".finding a[href*='/findings/']").first.get_attribute("href")
    return href.split("/", 2)[2]


@pytest.mark.parametrize("language", ["en", "ro"])
def test_a_reviewer_rejects_and_restores_a_finding_but_cannot_upload(journey, language):
    reviewer = journey.visitor(language)
    reviewer.sign_in("reviewer")
    reviewer.go(find_finding(reviewer, "XC"))
    reject_and_restore(reviewer)
    assert reviewer.page.goto(f"{reviewer.site}/{language}/upload/").status == 403
    reviewer.look()
    assert reviewer.page.locator(".account a[href$='/upload/']").count() == 0  # nor is it in the menu
    reviewer.sign_out()


def reject_and_restore(visitor: Visitor) -> None:
    """Reject the finding on this page, check that it is rejected, then restore its automatic label."""
    here = visitor.page.url
    for review in ("rejected", "machine"):
        part = visitor.main.locator(REVIEW_FORM.format(review))
        part.locator("summary").click()
        part.locator('[name="note"]').fill("A journey of the tests")
        visitor.take(part.get_by_role("button"))
        visitor.page.goto(here)
        restored = visitor.main.locator(REVIEW_FORM.format("machine")).count() == 0
        assert restored == (review == "machine")


@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_national_desk_proposes_corrections_about_its_own_country_only(journey, language):
    desk = journey.visitor(language)
    desk.sign_in("national_desk")
    own, other = find_finding(desk, "XA"), find_finding(desk, "XB")
    desk.go(own)
    assert desk.main.locator('[name="review"]').count() == 0
    form = desk.main.locator('form[action$="/propose/"]')
    form.locator('[name="rejects"]').check()
    form.locator('[name="reason"]').fill(f"A journey in {language}")
    desk.take(form.get_by_role("button"))
    withdraw = desk.main.locator('form[action$="/withdraw/"]')
    assert desk.sees(f"A journey in {language}")
    desk.take(withdraw.get_by_role("button"))
    assert withdraw.count() == 0
    desk.go(other)
    assert desk.main.locator('form[action$="/propose/"]').count() == 0
    token = next(one["value"] for one in desk.page.context.cookies() if one["name"].endswith("csrftoken"))
    for path in (f"{own}review/", f"{other}review/", f"{other}propose/"):
        form_data = {"review": "rejected", "reason": "forged", "note": "forged", "csrfmiddlewaretoken": token}
        answer = desk.page.request.post(f"{desk.site}/{language}/{path}", form=form_data)
        assert answer.status == 403, path
    desk.go("upload/")
    assert desk.main.locator('[name="state"] option').evaluate_all("all => all.map(one => one.value)") == ["XA"]
    desk.sign_out()


@pytest.mark.parametrize("language", ["en", "ro"])
def test_an_organiser_has_an_account_a_profile_and_the_directory(journey, language):
    organiser = journey.visitor(language)
    organiser.sign_in("organiser")
    organiser.go("account/")
    assert organiser.sees("organiser@sudmar.example")
    organiser.go("people/")
    assert organiser.sees(ACCOUNTS["contributor"]["name"])  # visible to everyone who is signed in
    organiser.go("profile/")
    organiser.go(LANTERN)
    # only the chair and the secretariat see the shares of the groups
    assert organiser.main.locator(".shares").count() == 0
    for closed in ("upload/", "staff/session/", "staff/audit-log/", f"{LANTERN}members/"):
        status = organiser.page.goto(f"{organiser.site}/{language}/{closed}").status
        assert status in (403, 404), closed
    organiser.go("")
    organiser.sign_out()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_secretariat_gives_a_reason_sees_its_members_and_forwards_a_question(journey, language):
    asker = journey.visitor(language, looks=False)
    asker.become("editor")
    member = find_person(asker, ACCOUNTS["reviewer"]["name"])
    asker.go(f"{member}ask/")
    subject = f"Forwarded in a journey, {language}"
    asker.fill(subject=subject, text="Which three judgments would you read first?")
    asker.press("Send to the secretariat")
    exchange = asker.path

    secretariat = journey.visitor(language)
    secretariat.sign_in("secretariat")
    secretariat.go(f"{LANTERN}members/")
    assert secretariat.path == "staff/session/"  # no one sees the list without giving a reason
    secretariat.open_staff_session()
    assert secretariat.path == f"{LANTERN}members/"
    assert secretariat.sees("Sverrulf Kveldsglimt")  # has consented to nothing: visible to the secretariat only

    secretariat.go("questions/pending/")
    secretariat.take(secretariat.main.get_by_role("link", name=subject).first)
    secretariat.press("Forward to the member")
    assert secretariat.reads("Question forwarded.")
    secretariat.take(secretariat.main.get_by_role("link", name=subject))
    assert secretariat.reads("Forwarded. Messages exchanged since then are private and are not shown here.")
    rodica = journey.visitor(language, looks=False)
    rodica.become("reviewer")
    rodica.go("questions/")
    assert rodica.sees(subject)
    asker.page.goto(f"{asker.site}/{language}/{exchange}")
    asker.press("End this conversation")

    secretariat.go(f"{LANTERN}members/export/")
    assert secretariat.reads(
        "Their details are left out unless you choose otherwise here."
        " If you include them, everyone in the secretariat will receive an email before the list is created."
    )
    secretariat.choose(form="csv")
    with secretariat.page.expect_download() as download:
        secretariat.main.get_by_role("button", name=secretariat.say("Create file")).click()
    list_of_members = download.value.path().read_text("utf-8-sig")
    assert "Sverrulf Kveldsglimt" in list_of_members
    assert "Skjulteskinn" not in list_of_members  # at risk, and not explicitly included
    assert "Solvake" not in list_of_members
    secretariat.press("End now", within=secretariat.page.locator(".staff-banner"))
    secretariat.page.goto(f"{secretariat.site}/{language}/{LANTERN}members/")
    assert secretariat.path == "staff/session/"
    secretariat.sign_out()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_auditor_finds_who_accessed_a_persons_data_and_why(journey, language):
    secretariat = journey.visitor(language, looks=False)
    secretariat.become("secretariat")
    secretariat.go(f"{LANTERN}members/")
    secretariat.take(secretariat.main.get_by_role("link", name="Candelabrinescu").first)
    number = secretariat.main.locator("code").first.inner_text()

    auditor = journey.visitor(language)
    auditor.sign_in("auditor")
    auditor.go("staff/audit-log/")
    auditor.fill(person=number)
    auditor.choose(kind="saw")
    auditor.press("Show")
    lines = auditor.main.locator("tbody tr")
    assert lines.count() > 0
    assert all(number in line and REASON in line for line in lines.all_inner_texts())
    assert not auditor.sees("Candelabrinescu")  # the audit log holds numbers, not names
    auditor.go("staff/audit-log/accesses/")
    auditor.fill(person=number, since="2026-01-01T00:00", until="2100-01-01T00:00")
    auditor.press("Search")
    assert auditor.sees(REASON)
    account = auditor.main.locator("tbody code").first.inner_text()
    auditor.go(f"staff/audit-log/?account={account}&kind=saw")
    assert auditor.sees(account)
    auditor.go("staff/audit-log/sessions/")
    auditor.go("privacy/processing/")
    for closed in ("people/", f"{LANTERN}"):  # on public pages an auditor sees what everyone sees
        auditor.go(closed)
        assert not auditor.sees("Candelabrinescu"), closed
    assert auditor.page.goto(f"{auditor.site}/{language}/staff/roles/").status == 403
    auditor.sign_out()


@pytest.mark.parametrize("language", ["en", "nb"])
def test_an_administrator_assigns_and_removes_a_role_and_opens_data_retention(journey, language):
    administrator = journey.visitor(language)
    administrator.sign_in("administrator")
    administrator.go("staff/roles/")
    assert administrator.path == "staff/session/"
    administrator.open_staff_session()
    assert administrator.path == "staff/roles/"
    administrator.fill(q="luciolet@lantern.example")
    administrator.press("Show")
    administrator.take(administrator.main.get_by_role("link", name="luciolet@lantern.example").first)
    administrator.main.locator("summary", has_text=administrator.say("Assign a role")).click()
    form = administrator.main.locator("form[action$='/give/']")
    form.locator('[name="role"]').select_option("national_desk")
    form.locator('[name="state"]').select_option("XC")
    form.locator('[name="reason"]').fill(REASON)
    administrator.press("Assign this role", within=form)
    assert administrator.reads("Done. This is recorded in the audit log.")
    held = administrator.main.locator("section[aria-labelledby=held]")
    given = held.locator("li", has=administrator.page.locator("strong", has_text=administrator.say("national desk")))
    assert given.count() == 1
    given.locator("summary").click()
    administrator.look()
    given.locator('[name="reason"]').fill(REASON)
    administrator.press("Remove this role", within=given)
    assert given.count() == 0
    administrator.go("staff/retention/")
    assert administrator.main.locator("tbody tr").count() > 5
    assert administrator.page.goto(f"{administrator.site}/{language}/{LANTERN}members/").status in (403, 404)
    administrator.go("")
    administrator.sign_out()


@pytest.mark.parametrize("language", ["en", "ro"])
def test_a_visitor_finds_only_public_profiles_and_cannot_tell_who_has_an_account(journey, language):
    anybody = journey.visitor(language)
    anybody.go("people/")
    assert anybody.sees("Tuvrid Fyrvokterlys")
    assert not anybody.sees("Embla Morgenblusstad")  # visible only when signed in
    anybody.take(anybody.main.get_by_role("link", name="Tuvrid Fyrvokterlys").first)
    anybody.go(LANTERN)
    assert anybody.sees("Tuvrid Fyrvokterlys")
    assert not anybody.sees("Embla Morgenblusstad")
    anybody.go("networks/")
    anybody.go("organisations/")
    anybody.go("privacy/")
    assert anybody.page.context.cookies() == []  # nothing identifies the reader so far

    anybody.go("sign-in/")
    said = []
    for address in (ACCOUNTS["reader"]["email"], "nobody@nordmark.example"):
        anybody.fill(login=address, password="not the password at all")
        anybody.press("Sign in", within=anybody.main.locator("form.sign-in"))
        said.append(anybody.main.locator("form.sign-in").inner_text().replace(address, "…"))
    assert said[0] == said[1]
    assert said[0] != ""
    said = []
    for address in (ACCOUNTS["editor"]["email"], "nobody@nordmark.example"):
        anybody.go("password/reset/")
        anybody.fill(email=address)
        anybody.press("Send email")
        said.append(anybody.main.inner_text())
    assert said[0] == said[1]
    assert anybody.reads("This message is the same whether or not there is an account.")
