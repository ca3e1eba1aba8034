"""From an invitation to erasure: accounts of the journeys' own, their second factors, sessions and data."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO

import pytest

from tests.factories.people import code_of_app
from tests.journeys.roles import A_PASSWORD, ACCOUNTS, WHY, Visitor, Walks

LANTERN = "networks/lantern/"
A_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def walks(demo_site, open_page, axe):
    """Every page that a journey opens is looked at by axe; one with a fault, or wider than its window, fails it."""
    walks = Walks(open_page, demo_site, axe)
    yield walks
    assert walks.faults() == {}


def letter_to(visitor: Visitor, address: str) -> str:
    """The link of the latest letter to an address, read in the demonstration's outbox."""
    visitor.go("outbox/")
    letter = visitor.main.locator("article.letter", has_text=f"{address},").first
    return letter.locator("a").first.get_attribute("href")


def invited(walks: Walks, address: str, language: str = "en", *, looks: bool = False, **how) -> Visitor:
    """Somebody new: the secretariat invites them, and they accept in a browser of their own, with a password."""
    secretariat = walks.visitor(language, looks=looks)
    secretariat.become("secretariat")
    secretariat.go("invitations/")
    secretariat.fill(email=address)
    secretariat.choose(network=secretariat.main.locator('[name="network"] option').last.get_attribute("value"))
    secretariat.press("Send the invitation")
    assert secretariat.reads("The invitation is on its way.")
    link = letter_to(secretariat, address)

    newcomer = walks.visitor(language, looks=looks, **how)
    newcomer.page.goto(link.replace(walks.site, newcomer.site))
    assert newcomer.path == "join/"  # the token has left the address
    newcomer.look()
    assert newcomer.main.locator('[name="email"]').input_value() == address
    newcomer.fill(name="Somebody of a Journey", password1=A_PASSWORD)
    newcomer.press("Make the account")
    return newcomer


def confirm_that_it_is_oneself(visitor: Visitor) -> None:
    """Where a page asks for the password once more."""
    if visitor.path == "account/confirm/":
        visitor.look()
        visitor.fill(password=A_PASSWORD)
        visitor.press("Confirm")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_somebody_invited_makes_an_account_and_an_entry_that_nobody_sees_until_they_choose(walks, language):
    address = f"newcomer-{language}@journeys.example"
    newcomer = invited(walks, address, language, looks=True)
    newcomer.go("account/")
    assert newcomer.sees(address)
    newcomer.go("entry/")
    newcomer.fill(name=f"Newcomer in {language}", title="Adviser")
    newcomer.press("Store")
    assert newcomer.reads("Your entry is stored.")
    newcomer.go("entry/as/network/")
    assert not newcomer.sees("Adviser")
    anybody = walks.visitor(language, looks=False)
    anybody.go("people/")
    assert not anybody.sees(f"Newcomer in {language}")
    newcomer.go("entry/as/signed-in/")
    newcomer.go("consents/")
    newcomer.go("questions/")
    newcomer.sign_out()

    # the link opened once
    secretariat = walks.visitor(language, looks=False)
    secretariat.become("secretariat")
    gone = walks.visitor(language)
    assert gone.page.goto(letter_to(secretariat, address)).status == 404
    gone.look()


def test_codes_from_an_app_are_set_up_from_nothing_and_asked_for_at_the_next_sign_in(walks):
    address = "app@journeys.example"
    owner = invited(walks, address, "nb")
    owner.axe = walks.axe
    owner.go("account/second-factor/")
    owner.follow("Set up an app")
    confirm_that_it_is_oneself(owner)
    secret = owner.main.locator("code.key").inner_text()
    owner.fill(code=code_of_app(secret))
    owner.press("Set it up")
    assert owner.path == "account/second-factor/app/"
    codes = owner.main.locator(".recovery-codes code").all_inner_texts()
    assert len(set(codes)) == 10
    owner.go("account/recovery-codes/")
    assert owner.main.locator(".recovery-codes").count() == 0  # shown once
    owner.go("account/")
    owner.sign_out()

    owner.go("sign-in/")
    owner.fill(login=address, password=A_PASSWORD)
    owner.press("Sign in", within=owner.main.locator("form.sign-in"))
    assert owner.path == "sign-in/second-factor/"
    owner.page.goto(f"{owner.site}/nb/account/")
    assert owner.path == "sign-in/second-factor/"  # the password alone has opened nothing
    owner.fill(code=codes[0])
    owner.press("Sign in", within=owner.main.locator("form.sign-in"))
    owner.go("account/")
    assert owner.sees(address)
    owner.sign_out()


def test_a_passkey_is_added_and_opens_the_account_without_a_password(walks, demo_site):
    by_name = demo_site.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not to a number
    owner = invited(walks, "passkey@journeys.example", "ro", site=by_name)
    owner.axe = walks.axe
    device = owner.page.context.new_cdp_session(owner.page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": A_DEVICE})

    owner.go("account/passkeys/add/")
    confirm_that_it_is_oneself(owner)
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


def test_a_session_in_another_browser_is_seen_and_ended(walks):
    address = "sessions@journeys.example"
    here, there = invited(walks, address, "fr"), walks.visitor("fr", looks=False)
    there.go("sign-in/")
    there.fill(login=address, password=A_PASSWORD)
    there.press("Sign in", within=there.main.locator("form.sign-in"))
    there.go("account/")
    assert there.path == "account/"

    here.axe = walks.axe
    here.go("account/sessions/")
    confirm_that_it_is_oneself(here)
    assert here.main.locator("li.session").count() == 2
    here.press("End this session")
    confirm_that_it_is_oneself(here)
    here.go("account/sessions/")
    assert here.main.locator("li.session").count() == 1
    there.go("account/")
    assert there.path == "sign-in/"
    here.go("account/password/")
    here.go("account/email/")


@pytest.mark.parametrize("language", ["en", "ro"])
def test_somebody_takes_all_of_their_data_along_and_is_erased(walks, language):
    address = f"leaving-{language}@journeys.example"
    leaving = invited(walks, address, language)
    leaving.axe = walks.axe
    leaving.go("account/my-data/")
    confirm_that_it_is_oneself(leaving)
    with leaving.page.expect_download() as download:
        leaving.main.get_by_role("button", name=leaving.say("Download my data")).click()
    packed = zipfile.ZipFile(BytesIO(download.value.path().read_bytes()))
    assert packed.testzip() is None
    machine = next(name for name in packed.namelist() if name.endswith(".json"))
    page = next(name for name in packed.namelist() if name.endswith(".html"))
    assert address in json.dumps(json.loads(packed.read(machine)))
    assert address in packed.read(page).decode()

    leaving.go("account/erase/")
    confirm_that_it_is_oneself(leaving)
    leaving.fill(typed="somebody-else@journeys.example")
    leaving.press("Erase me")
    assert leaving.reads("This is not what is asked for. Nothing was erased.")
    leaving.fill(typed=address)
    leaving.press("Erase me")
    assert leaving.path == "account/erased/"
    leaving.go("sign-in/")
    leaving.fill(login=address, password=A_PASSWORD)
    leaving.press("Sign in", within=leaving.main.locator("form.sign-in"))
    assert leaving.path == "sign-in/"


# --- Without a mouse, and without JavaScript --------------------------------------------------------------------------


def tab_to(visitor: Visitor, selector: str, most: int = 200) -> None:
    """Press Tab until what is asked for has the focus; every step shows where the focus is."""
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


def enter(visitor: Visitor) -> None:
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")


def test_an_entry_is_made_and_narrowed_by_keyboard_alone(walks):
    typist = invited(walks, "keyboard@journeys.example")
    typist.go("entry/")
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
    enter(typist)
    assert typist.reads("Your entry is stored.")
    typist.go("entry/as/network/")
    assert typist.sees("Typed without a mouse")


def test_a_staff_session_is_opened_and_ended_by_keyboard_alone(walks):
    secretariat = walks.visitor(looks=False)
    secretariat.sign_in("secretariat")
    secretariat.go(f"{LANTERN}members/")
    tab_to(secretariat, "[name=reason]")
    secretariat.page.keyboard.type(WHY)
    tab_to(secretariat, "[name=minutes]")
    tab_to(secretariat, "main form button")
    enter(secretariat)
    assert secretariat.path == f"{LANTERN}members/"
    tab_to(secretariat, ".staff-banner button")
    enter(secretariat)
    assert secretariat.page.locator(".staff-banner").count() == 0


def test_without_javascript_an_entry_a_question_and_a_staff_session_work(walks):
    plain = invited(walks, "plain@journeys.example", javascript=False)
    plain.go("entry/")
    plain.main.locator("details.many summary").first.click()
    plain.main.locator("[name=languages]").first.check()
    plain.fill(name="Without a script", about="Nothing here needs one.")
    plain.press("Store")
    assert plain.reads("Your entry is stored.")
    plain.go("people/?q=Rodica")
    plain.take(plain.main.get_by_role("link", name=ACCOUNTS["reviewer"]["name"]))
    plain.follow("Ask something")
    plain.fill(subject="Asked without a script", text="Does this arrive?")
    plain.press("Send to the secretariat")
    assert plain.reads("Your question waits for the secretariat.")
    plain.press("Take the question back")

    secretariat = walks.visitor(looks=False, javascript=False)
    secretariat.sign_in("secretariat")
    secretariat.go(f"{LANTERN}members/")
    secretariat.open_staff_session()
    assert secretariat.path == f"{LANTERN}members/"
    secretariat.press("End it", within=secretariat.page.locator(".staff-banner"))
    secretariat.sign_out()
