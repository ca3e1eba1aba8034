"""What each role lives through, in English and in one other language: in, its own work, the result, out."""

from __future__ import annotations

import re

import pytest

from tests.factories.reports import a_pdf
from tests.journeys.roles import ACCOUNTS, WHY, Visitor, Walks
from tests.site.test_upload import REPORT

LANTERN = "networks/lantern/"


@pytest.fixture
def walks(demo_site, open_page, axe):
    """Every page that a journey opens is looked at by axe; one with a fault, or wider than its window, fails it."""
    walks = Walks(open_page, demo_site, axe)
    yield walks
    assert walks.faults() == {}


def person(visitor: Visitor, name: str) -> str:
    """The address of somebody's page, found by name in the directory."""
    visitor.page.goto(f"{visitor.site}/{visitor.language}/people/?q={name}")
    href = visitor.main.get_by_role("link", name=name).first.get_attribute("href")
    return href.split("/", 2)[2]


@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_reader_narrows_the_directory_down_and_asks_a_member_through_the_secretariat(walks, language):
    reader = walks.visitor(language)
    reader.sign_in("reader")
    reader.go("people/")
    everybody = reader.main.locator(".person-card").count()
    reader.choose(country="XC", language="fr")
    reader.press("Show")
    assert 0 < reader.main.locator(".person-card").count() < everybody
    reader.take(reader.main.get_by_role("link", name=ACCOUNTS["contributor"]["name"]).first)
    assert not reader.sees("maison@veilleuse.example")  # kept for the secretariat
    reader.follow("Ask something")
    reader.fill(subject=f"A journey in {language}", text="Who pays for the rooms that children play in?")
    reader.press("Send to the secretariat")
    assert reader.reads("Your question waits for the secretariat.")
    reader.go("questions/")
    assert reader.sees(f"A journey in {language}")
    reader.take(reader.main.get_by_role("link", name=f"A journey in {language}").first)
    reader.press("Take the question back")
    assert reader.reads("This exchange is over.")
    assert reader.page.goto(f"{reader.site}/{language}/upload/").status == 403
    reader.go("")
    reader.sign_out()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_contributor_shows_herself_to_everybody_and_is_gone_again_when_she_withdraws(walks, language):
    odile, anybody = walks.visitor(language), walks.visitor(language, looks=False)
    name = ACCOUNTS["contributor"]["name"]
    odile.sign_in("contributor")
    address = person(odile, name)
    assert anybody.page.goto(f"{anybody.site}/{language}/{address}").status == 404  # nobody learns that she is there

    odile.go("entry/as/public/")
    assert not odile.sees(name)
    odile.go("entry/")
    odile.choose(sees_name="public", sees_title="public")
    odile.main.locator('[name="consent_public_entry"]').check()
    odile.press("Store")
    assert odile.reads("Your entry is stored.")
    odile.go("entry/as/public/")
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
    assert odile.reads("Your consent is withdrawn, as of now and everywhere on this site.")
    assert anybody.page.goto(f"{anybody.site}/{language}/{address}").status == 404
    anybody.page.goto(f"{anybody.site}/{language}/people/")
    assert not anybody.sees(name)
    odile.go("entry/")
    assert odile.main.locator('[name="sees_name"]').input_value() == "signed_in"  # as before
    odile.sign_out()


def drop_in(editor: Visitor, file, state: str) -> None:
    """Drop a report in and wait until it is read."""
    editor.go("upload/")
    editor.main.locator('[name="file"]').set_input_files(file)
    editor.choose(body="grevio", state=state)
    editor.press("Read this report")
    link = editor.main.get_by_role("link", name=editor.say("See its account and its findings"))
    link.click(timeout=60_000)  # the page looks again by itself
    editor.page.wait_for_url("**/reports/*/")
    editor.look()


def judge_the_first_finding(visitor: Visitor) -> None:
    """From a report to the paragraph of its first finding that the machine alone has labelled, and confirm it."""
    visitor.take(visitor.main.locator(".finding a[href*='/findings/']").first)
    if visitor.main.locator('[name="and_next"]').count():
        visitor.main.locator('[name="and_next"]').uncheck()
    visitor.press("Confirm")
    assert visitor.reads("Give back to the machine") or visitor.main.locator("[value=machine]").count() == 1


@pytest.mark.parametrize("language", ["en", "ro"])
def test_an_editor_drops_a_report_in_and_judges_what_was_found(walks, tmp_path, language):
    file = tmp_path / "a report.pdf"
    file.write_bytes(a_pdf(REPORT.replace("evaluate the plan", f"evaluate the plan once more ({language})")))
    editor = walks.visitor(language)
    editor.sign_in("editor")
    drop_in(editor, file, "XB")
    judge_the_first_finding(editor)
    editor.sign_out()


def a_finding_of(visitor: Visitor, state: str) -> str:
    """The address of a finding on a state, without the language."""
    visitor.page.goto(f"{visitor.site}/{visitor.language}/findings/?state={state}")
    href = visitor.main.locator(".finding a[href*='/findings/']").first.get_attribute("href")
    return href.split("/", 2)[2]


@pytest.mark.parametrize("language", ["en", "ro"])
def test_a_reviewer_judges_a_finding_gives_it_back_and_brings_nothing_in(walks, language):
    reviewer = walks.visitor(language)
    reviewer.sign_in("reviewer")
    reviewer.go(a_finding_of(reviewer, "XC"))
    judge(reviewer)
    assert reviewer.page.goto(f"{reviewer.site}/{language}/upload/").status == 403
    reviewer.look()
    assert reviewer.page.locator(".account a[href$='/upload/']").count() == 0  # nor does the menu offer it
    reviewer.sign_out()


def judge(visitor: Visitor) -> None:
    """Reject the finding on this page, see that it is rejected, and give it back to the machine, as it was."""
    here = visitor.page.url
    for button in ("rejected", "machine"):
        if visitor.main.locator('[name="and_next"]').count():
            visitor.main.locator('[name="and_next"]').uncheck()
        visitor.take(visitor.main.locator(f'button[name="review"][value="{button}"]'))
        visitor.page.goto(here)
        given_back = visitor.main.locator('button[name="review"][value="machine"]').count() == 0
        assert given_back == (button == "machine")


@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_national_desk_judges_what_was_said_of_its_own_country_and_of_no_other(walks, language):
    desk = walks.visitor(language)
    desk.sign_in("national_desk")
    desk.go(a_finding_of(desk, "XA"))
    judge(desk)
    form = desk.main.locator("form", has=desk.page.locator('[name="review"]'))
    own, other = form.get_attribute("action"), a_finding_of(desk, "XB")
    desk.go(other)
    assert desk.main.locator('[name="review"]').count() == 0
    token = next(one["value"] for one in desk.page.context.cookies() if one["name"].endswith("csrftoken"))
    forged = re.sub(r"findings/[^/]+/", other, own)
    answer = desk.page.request.post(desk.site + forged, form={"review": "rejected", "csrfmiddlewaretoken": token})
    assert answer.status == 403
    desk.go("upload/")
    assert desk.main.locator('[name="state"] option').evaluate_all("all => all.map(one => one.value)") == ["XA"]
    desk.sign_out()


@pytest.mark.parametrize("language", ["en", "ro"])
def test_an_organiser_has_an_account_an_entry_and_the_directory(walks, language):
    organiser = walks.visitor(language)
    organiser.sign_in("organiser")
    organiser.go("account/")
    assert organiser.sees("organiser@sudmar.example")
    organiser.go("people/")
    assert organiser.sees(ACCOUNTS["contributor"]["name"])  # who shows herself to who is signed in
    organiser.go("entry/")
    organiser.go(LANTERN)
    assert organiser.main.locator(".shares").count() == 0  # the shares of the groups are for chair and secretariat
    for closed in ("upload/", "staff/session/", "staff/audit-log/", f"{LANTERN}members/"):
        status = organiser.page.goto(f"{organiser.site}/{language}/{closed}").status
        assert status in (403, 404), closed
    organiser.go("")
    organiser.sign_out()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_secretariat_says_why_sees_its_members_and_forwards_a_question(walks, language):
    asker = walks.visitor(language, looks=False)
    asker.become("editor")
    member = person(asker, ACCOUNTS["reviewer"]["name"])
    asker.go(f"{member}ask/")
    subject = f"Forwarded in a journey, {language}"
    asker.fill(subject=subject, text="Which three judgments would you read first?")
    asker.press("Send to the secretariat")
    exchange = asker.path

    secretariat = walks.visitor(language)
    secretariat.sign_in("secretariat")
    secretariat.go(f"{LANTERN}members/")
    assert secretariat.path == "staff/session/"  # nobody sees the list without saying why
    secretariat.open_staff_session()
    assert secretariat.path == f"{LANTERN}members/"
    assert secretariat.sees("Sverrulf Kveldsglimt")  # agreed to nothing: seen by the secretariat alone

    secretariat.go("questions/waiting/")
    secretariat.take(secretariat.main.get_by_role("link", name=subject).first)
    secretariat.press("Forward to the member")
    assert secretariat.reads("The question is forwarded.")
    secretariat.take(secretariat.main.get_by_role("link", name=subject))
    assert secretariat.reads(
        "Forwarded. What the two have written to each other since is theirs and is not shown here."
    )
    rodica = walks.visitor(language, looks=False)
    rodica.become("reviewer")
    rodica.go("questions/")
    assert rodica.sees(subject)
    asker.page.goto(f"{asker.site}/{language}/{exchange}")
    asker.press("End this exchange")

    secretariat.go(f"{LANTERN}members/export/")
    assert secretariat.reads(
        "They are left out unless you say otherwise here."
        " If they are in it, the whole secretariat gets a letter before the list is made."
    )
    secretariat.choose(form="csv")
    with secretariat.page.expect_download() as download:
        secretariat.main.get_by_role("button", name=secretariat.say("Make the file")).click()
    list_of_members = download.value.path().read_text("utf-8-sig")
    assert "Sverrulf Kveldsglimt" in list_of_members
    assert "Skjulteskinn" not in list_of_members  # at risk, and nobody said otherwise
    assert "Solvake" not in list_of_members
    secretariat.press("End it", within=secretariat.page.locator(".staff-banner"))
    secretariat.page.goto(f"{secretariat.site}/{language}/{LANTERN}members/")
    assert secretariat.path == "staff/session/"
    secretariat.sign_out()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_auditor_finds_who_looked_at_somebody_and_why(walks, language):
    secretariat = walks.visitor(language, looks=False)
    secretariat.become("secretariat")
    secretariat.go(f"{LANTERN}members/")
    secretariat.take(secretariat.main.get_by_role("link", name="Candelabrinescu").first)
    number = secretariat.main.locator("code").first.inner_text()

    auditor = walks.visitor(language)
    auditor.sign_in("auditor")
    auditor.go("staff/audit-log/")
    auditor.fill(person=number)
    auditor.choose(kind="saw")
    auditor.press("Show")
    lines = auditor.main.locator("tbody tr")
    assert lines.count() > 0
    assert all(number in line and WHY in line for line in lines.all_inner_texts())
    assert not auditor.sees("Candelabrinescu")  # the trail knows numbers, not names
    auditor.go("staff/audit-log/who-saw/")
    auditor.fill(person=number, since="2026-01-01T00:00", until="2100-01-01T00:00")
    auditor.press("Find out")
    assert auditor.sees(WHY)
    account = auditor.main.locator("tbody code").first.inner_text()
    auditor.go(f"staff/audit-log/?account={account}&kind=saw")
    assert auditor.sees(account)
    auditor.go("staff/audit-log/sessions/")
    auditor.go("privacy/processing/")
    for closed in ("people/", f"{LANTERN}"):  # public pages show an auditor what everybody sees
        auditor.go(closed)
        assert not auditor.sees("Candelabrinescu"), closed
    assert auditor.page.goto(f"{auditor.site}/{language}/staff/roles/").status == 403
    auditor.sign_out()


@pytest.mark.parametrize("language", ["en", "nb"])
def test_an_administrator_gives_a_role_ends_it_and_sees_what_is_past_its_time(walks, language):
    administrator = walks.visitor(language)
    administrator.sign_in("administrator")
    administrator.go("staff/roles/")
    assert administrator.path == "staff/session/"
    administrator.open_staff_session()
    assert administrator.path == "staff/roles/"
    administrator.fill(q="luciolet@lantern.example")
    administrator.press("Show")
    administrator.take(administrator.main.get_by_role("link", name="luciolet@lantern.example").first)
    administrator.main.locator("summary", has_text=administrator.say("Give a role")).click()
    form = administrator.main.locator("form[action$='/give/']")
    form.locator('[name="role"]').select_option("reviewer")
    form.locator('[name="state"]').select_option("XC")
    form.locator('[name="reason"]').fill(WHY)
    administrator.press("Give this role", within=form)
    assert administrator.reads("Done. It is written in the trail.")
    held = administrator.main.locator("section[aria-labelledby=held]")
    given = held.locator("li", has=administrator.page.locator("strong", has_text=administrator.say("reviewer")))
    assert given.count() == 1
    given.locator("summary").click()
    administrator.look()
    given.locator('[name="reason"]').fill(WHY)
    administrator.press("End this role", within=given)
    assert given.count() == 0
    administrator.go("staff/retention/")
    assert administrator.main.locator("tbody tr").count() > 5
    assert administrator.page.goto(f"{administrator.site}/{language}/{LANTERN}members/").status in (403, 404)
    administrator.go("")
    administrator.sign_out()


@pytest.mark.parametrize("language", ["en", "ro"])
def test_anybody_finds_who_wishes_to_be_found_and_learns_of_no_account(walks, language):
    anybody = walks.visitor(language)
    anybody.go("people/")
    assert anybody.sees("Tuvrid Fyrvokterlys")
    assert not anybody.sees("Embla Morgenblusstad")  # for who is signed in
    anybody.take(anybody.main.get_by_role("link", name="Tuvrid Fyrvokterlys").first)
    anybody.go(LANTERN)
    assert anybody.sees("Tuvrid Fyrvokterlys")
    assert not anybody.sees("Embla Morgenblusstad")
    anybody.go("networks/")
    anybody.go("organisations/")
    anybody.go("privacy/")
    assert anybody.page.context.cookies() == []  # until here nothing is known of who reads

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
        anybody.press("Send the letter")
        said.append(anybody.main.inner_text())
    assert said[0] == said[1]
    assert anybody.reads("This page says the same whether there is an account or not.")
