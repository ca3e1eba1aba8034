"""From an invitation to erasure, with accounts created by the journeys: second factors, sessions and data."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO

import pytest

from tests.factories.people import authenticator_code
from tests.journeys.roles import ACCOUNTS, PASSWORD, REASON, Journey, Visitor

LANTERN = "networks/lantern/"
VIRTUAL_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def journey(demo_site, open_page, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    walks = Journey(open_page, demo_site, axe)
    yield walks
    assert walks.faults() == {}


def latest_link_to(visitor: Visitor, address: str) -> str:
    """Return the link in the latest email to an address, from the demonstration's outbox."""
    visitor.go("outbox/")
    letter = visitor.main.locator("article.letter", has_text=f"{address},").first
    return letter.locator("a").first.get_attribute("href")


def invite_newcomer(walks: Journey, address: str, language: str = "en", *, looks: bool = False, **how) -> Visitor:
    """Invite someone as the secretariat, accept in a new browser with a password, and return that visitor."""
    secretariat = walks.visitor(language, looks=looks)
    secretariat.become("secretariat")
    secretariat.go("invitations/")
    secretariat.fill(email=address)
    secretariat.choose(network=secretariat.main.locator('[name="network"] option').last.get_attribute("value"))
    secretariat.press("Send invitation")
    assert secretariat.reads("Invitation sent.")
    link = latest_link_to(secretariat, address)

    newcomer = walks.visitor(language, looks=looks, **how)
    newcomer.page.goto(link.replace(walks.site, newcomer.site))
    assert newcomer.path == "join/"  # the token has been removed from the address
    newcomer.look()
    assert newcomer.main.locator('[name="email"]').input_value() == address
    newcomer.fill(name="Somebody of a Journey", password1=PASSWORD)
    newcomer.press("Create account")
    return newcomer


def confirm_password(visitor: Visitor) -> None:
    """Enter the password where a page asks for it again."""
    if visitor.path == "account/confirm/":
        visitor.look()
        visitor.fill(password=PASSWORD)
        visitor.press("Confirm")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_invited_person_creates_an_account_and_a_profile_that_is_hidden_by_default(journey, language):
    address = f"newcomer-{language}@journeys.example"
    newcomer = invite_newcomer(journey, address, language, looks=True)
    newcomer.go("account/")
    assert newcomer.sees(address)
    newcomer.go("profile/")
    newcomer.fill(name=f"Newcomer in {language}", title="Adviser")
    newcomer.press("Save")
    assert newcomer.reads("Profile saved.")
    newcomer.go("profile/as/network/")
    assert not newcomer.sees("Adviser")
    anybody = journey.visitor(language, looks=False)
    anybody.go("people/")
    assert not anybody.sees(f"Newcomer in {language}")
    newcomer.go("profile/as/signed-in/")
    newcomer.go("consents/")
    newcomer.go("questions/")
    newcomer.sign_out()

    # The link works only once.
    secretariat = journey.visitor(language, looks=False)
    secretariat.become("secretariat")
    gone = journey.visitor(language)
    assert gone.page.goto(latest_link_to(secretariat, address)).status == 404
    gone.look()


def test_an_authenticator_app_is_set_up_and_required_at_the_next_sign_in(journey):
    address = "app@journeys.example"
    owner = invite_newcomer(journey, address, "nb")
    owner.axe = journey.axe
    owner.go("account/second-factor/")
    owner.follow("Set up an authenticator app")
    confirm_password(owner)
    secret = owner.main.locator("code.key").inner_text()
    owner.fill(code=authenticator_code(secret))
    owner.press("Set up app")
    assert owner.path == "account/second-factor/app/"
    codes = owner.main.locator(".recovery-codes code").all_inner_texts()
    assert len(set(codes)) == 10
    owner.go("account/recovery-codes/")
    assert owner.main.locator(".recovery-codes").count() == 0  # shown only once
    owner.go("account/")
    owner.sign_out()

    owner.go("sign-in/")
    owner.fill(login=address, password=PASSWORD)
    owner.press("Sign in", within=owner.main.locator("form.sign-in"))
    assert owner.path == "sign-in/second-factor/"
    owner.page.goto(f"{owner.site}/nb/account/")
    assert owner.path == "sign-in/second-factor/"  # the password alone gives no access
    owner.fill(code=codes[0])
    owner.press("Sign in", within=owner.main.locator("form.sign-in"))
    owner.go("account/")
    assert owner.sees(address)
    owner.sign_out()


def test_a_passkey_is_added_and_signs_in_without_a_password(journey, demo_site):
    by_name = demo_site.replace("127.0.0.1", "localhost")  # a passkey belongs to a host name, not to an IP address
    owner = invite_newcomer(journey, "passkey@journeys.example", "ro", site=by_name)
    owner.axe = journey.axe
    device = owner.page.context.new_cdp_session(owner.page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL_AUTHENTICATOR})

    owner.go("account/passkeys/add/")
    confirm_password(owner)
    owner.fill(name="Virtual key")
    owner.main.locator('[name="passwordless"]').check()
    with owner.page.expect_navigation():
        owner.page.locator("#passkey_add").click()
    owner.go("account/passkeys/")
    assert owner.sees("Virtual key")
    owner.sign_out()

    owner.go("sign-in/")
    with owner.page.expect_navigation(url=re.compile("^(?!.*sign-in)")):
        owner.page.locator("#passkey_login").click()
    owner.go("account/")
    assert owner.sees("passkey@journeys.example")
    owner.go("account/second-factor/")
    owner.sign_out()


def test_a_session_in_another_browser_is_listed_and_ended(journey):
    address = "sessions@journeys.example"
    here, there = invite_newcomer(journey, address, "fr"), journey.visitor("fr", looks=False)
    there.go("sign-in/")
    there.fill(login=address, password=PASSWORD)
    there.press("Sign in", within=there.main.locator("form.sign-in"))
    there.go("account/")
    assert there.path == "account/"

    here.axe = journey.axe
    here.go("account/sessions/")
    confirm_password(here)
    assert here.main.locator("li.session").count() == 2
    here.press("End this session")
    confirm_password(here)
    here.go("account/sessions/")
    assert here.main.locator("li.session").count() == 1
    there.go("account/")
    assert there.path == "sign-in/"
    here.go("account/password/")
    here.go("account/email/")


@pytest.mark.parametrize("language", ["en", "ro"])
def test_a_person_downloads_and_then_deletes_their_data(journey, language):
    address = f"leaving-{language}@journeys.example"
    leaving = invite_newcomer(journey, address, language)
    leaving.axe = journey.axe
    leaving.go("account/my-data/")
    confirm_password(leaving)
    with leaving.page.expect_download() as download:
        leaving.main.get_by_role("button", name=leaving.say("Download my data")).click()
    packed = zipfile.ZipFile(BytesIO(download.value.path().read_bytes()))
    assert packed.testzip() is None
    machine = next(name for name in packed.namelist() if name.endswith(".json"))
    page = next(name for name in packed.namelist() if name.endswith(".html"))
    assert address in json.dumps(json.loads(packed.read(machine)))
    assert address in packed.read(page).decode()

    leaving.go("account/erase/")
    confirm_password(leaving)
    leaving.fill(typed="somebody-else@journeys.example")
    leaving.press("Delete my personal data")
    assert leaving.reads("This does not match what you were asked to type. Nothing was deleted.")
    leaving.fill(typed=address)
    leaving.press("Delete my personal data")
    assert leaving.path == "account/erased/"
    leaving.go("sign-in/")
    leaving.fill(login=address, password=PASSWORD)
    leaving.press("Sign in", within=leaving.main.locator("form.sign-in"))
    assert leaving.path == "sign-in/"


# --- Without a mouse, and without JavaScript --------------------------------------------------------------------------


def tab_to(visitor: Visitor, selector: str, most: int = 200) -> None:
    """Press Tab until the selector has the focus, and check that the focus is visible at every step."""
    for _ in range(most):
        visitor.page.keyboard.press("Tab")
        found = visitor.page.evaluate(
            "selector => { const now = document.activeElement;"
            " return {there: now.matches(selector), seen: getComputedStyle(now).outlineStyle !== 'none'}; }",
            selector,
        )
        assert found["seen"], f"no focus to be seen on {visitor.page.evaluate('document.activeElement.outerHTML')}"
        if found["there"]:
            return
    raise AssertionError(f"{selector} is not reached")


def press_enter(visitor: Visitor) -> None:
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")


def test_a_profile_is_edited_and_its_visibility_changed_by_keyboard_only(journey):
    typist = invite_newcomer(journey, "keyboard@journeys.example")
    typist.go("profile/")
    tab_to(typist, "[name=name]")
    typist.page.keyboard.press("Control+a")
    typist.page.keyboard.type("Typed without a mouse")
    tab_to(typist, "[name=sees_name]")
    typist.page.keyboard.press("ArrowDown")
    assert typist.main.locator("[name=sees_name]").input_value() == "my_networks"
    tab_to(typist, "details.many summary")
    typist.page.keyboard.press("Enter")
    tab_to(typist, "[name=languages]")
    typist.page.keyboard.press("Space")
    assert typist.main.locator("[name=languages]:checked").count() == 1
    tab_to(typist, "[name=consent_directory]")
    typist.page.keyboard.press("Space")
    tab_to(typist, "form.entry button")
    press_enter(typist)
    assert typist.reads("Profile saved.")
    typist.go("profile/as/network/")
    assert typist.sees("Typed without a mouse")


def test_a_staff_session_is_opened_and_ended_by_keyboard_only(journey):
    secretariat = journey.visitor(looks=False)
    secretariat.sign_in("secretariat")
    secretariat.go(f"{LANTERN}members/")
    tab_to(secretariat, "[name=reason]")
    secretariat.page.keyboard.type(REASON)
    tab_to(secretariat, "[name=minutes]")
    tab_to(secretariat, "main form button")
    press_enter(secretariat)
    assert secretariat.path == f"{LANTERN}members/"
    tab_to(secretariat, ".staff-banner button")
    press_enter(secretariat)
    assert secretariat.page.locator(".staff-banner").count() == 0


def test_without_javascript_a_profile_a_question_and_a_staff_session_work(journey):
    plain = invite_newcomer(journey, "plain@journeys.example", javascript=False)
    plain.go("profile/")
    plain.main.locator("details.many summary").first.click()
    plain.main.locator("[name=languages]").first.check()
    plain.fill(name="Without a script", about="Nothing here needs one.")
    plain.press("Save")
    assert plain.reads("Profile saved.")
    plain.go("people/?q=Rodica")
    plain.take(plain.main.get_by_role("link", name=ACCOUNTS["reviewer"]["name"]))
    plain.follow("Ask a question")
    plain.fill(subject="Asked without a script", text="Does this arrive?")
    plain.press("Send to the secretariat")
    assert plain.reads("Your question is with the secretariat.")
    plain.press("Withdraw question")

    secretariat = journey.visitor(looks=False, javascript=False)
    secretariat.sign_in("secretariat")
    secretariat.go(f"{LANTERN}members/")
    secretariat.open_staff_session()
    assert secretariat.path == f"{LANTERN}members/"
    secretariat.press("End now", within=secretariat.page.locator(".staff-banner"))
    secretariat.sign_out()
