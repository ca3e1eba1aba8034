"""Visitors for the journey tests: they sign in, follow links and fill in forms, and check each page with axe.

Sentences are looked up in the site's own catalogues, so that a journey in French presses the French button.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.utils.translation import gettext, override
from playwright.sync_api import Locator, Page

from tests.factories.run import run_folder
from tests.journeys.test_pages import faults

DEMO = files("samsvar.site.demo")
_ACCOUNTS = tomllib.loads(DEMO.joinpath("accounts.toml").read_text())["account"]
ACCOUNTS = {account["role"]: account for account in reversed(_ACCOUNTS)}  # the first of each role
ACCOUNTS_BY_EMAIL = {account["email"]: account for account in _ACCOUNTS}  # a second one is named by its address
LOOKS = (("light", 1280), ("dark", 320))  # for each page of a journey in English
OTHER_LOOKS = (("light", 320),)  # in other languages, where longer words have the least room
REASON = "A journey of the tests through the demonstration"  # the reason given for every staff session and decision
PASSWORD = "nine quiet lanterns over the harbour"

DESK = {"width": 1280, "height": 900}
# The first elements that reach beyond the window
TOO_WIDE = """() => [...document.querySelectorAll("main *")]
  .filter(element => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .slice(0, 3)
  .map(element => `${element.tagName} ${element.className} ${element.textContent.trim().slice(0, 80)}`)"""
NUMBER = re.compile(r"[0-9a-f]{16}|[0-9a-f-]{36}|(?<=/)[0-9]+(?=/)|(?<=findings/)[^/]+(?=/)")

# Cookies of accounts that are already signed in, by site and role. Each process signs in once where signing in is
# not what the journey tests.
_COOKIES: dict[tuple[str, str], list[Any]] = {}


def is_first_check(kind: tuple[str, bool], look: tuple[str, int]) -> bool:
    """Return whether axe has not yet checked this kind of page in this way in this run, and mark it as checked."""
    folder = run_folder() / "looked"
    folder.mkdir(exist_ok=True)
    try:
        (folder / hashlib.sha256(repr((kind, look)).encode()).hexdigest()).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@dataclass
class Visitor:
    """A browser on the demonstration in one language; collects what axe finds and which pages are too wide."""

    page: Page
    site: str
    language: str = "en"
    axe: str = ""  # "": no checks with axe
    looks: tuple[tuple[str, int], ...] = LOOKS
    faults: dict[str, list[str]] = field(default_factory=dict)

    def say(self, sentence: str, **said: object) -> str:
        """Return one of the site's sentences in this visitor's language."""
        with override(self.language):
            return gettext(sentence) % said if said else gettext(sentence)

    def go(self, path: str) -> None:
        """Open a page by its address without the language, and check it."""
        self.page.goto(f"{self.site}/{self.language}/{path}")
        self.look()

    def look(self) -> None:
        """Check the page with axe in light and dark, wide and narrow, and check that it fits the window.

        Each kind of page is checked once per run, and once more when it shows a message, an error or a notice.
        """
        kind = (NUMBER.sub("*", self.path), self.page.locator(".messages, .errorlist, .notice").count() > 0)
        looks = [look for look in self.looks if is_first_check(kind, look)] if self.axe else []
        for scheme, width in looks:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = faults(self.page, self.axe)
            if (scrolled := self.page.evaluate("document.documentElement.scrollWidth")) > width:
                found.append(f"{scrolled} wide: {self.page.evaluate(TOO_WIDE)}")
            if found:
                self.faults[f"{urlsplit(self.page.url).path} {scheme} {width}"] = found
        if looks:
            self.page.set_viewport_size(DESK)  # type: ignore[arg-type]

    def press(self, sentence: str, *, within: Locator | None = None, look: bool = True, **said: object) -> None:
        """Press the button with this label, and check the page it leads to."""
        place = within or self.main
        self.take(place.get_by_role("button", name=self.say(sentence, **said)).first, look=look)

    def follow(self, sentence: str, **said: object) -> None:
        """Follow the link with this text, and check the page it leads to."""
        self.take(self.main.get_by_role("link", name=self.say(sentence, **said)).first)

    def take(self, way: Locator, *, look: bool = True) -> None:
        """Click a link or button that leads to another page, and check that page.

        Pass `look=False` where that page reloads itself: a reload in the middle of a check ends it with an error.
        """
        with self.page.expect_navigation():
            way.click()
        if look:
            self.look()

    def fill(self, **answers: str) -> None:
        """Fill in form fields by name; each name must occur in only one form of the page."""
        for name, answer in answers.items():
            self.main.locator(f'[name="{name}"]:not([type="hidden"])').fill(answer)

    def choose(self, **answers: str) -> None:
        for name, answer in answers.items():
            self.main.locator(f'select[name="{name}"]').select_option(answer)

    def reads(self, sentence: str, **said: object) -> bool:
        """Return whether the page shows this sentence in the visitor's language."""
        return self.sees(self.say(sentence, **said))

    def sees(self, text: str) -> bool:
        """Return whether the page shows this text; any white space is as good as another."""
        return " ".join(text.split()) in " ".join(self.main.inner_text().split())

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    @property
    def path(self) -> str:
        """The visitor's current path, without the language."""
        return urlsplit(self.page.url).path.removeprefix(f"/{self.language}/")

    # --- Signing in ---------------------------------------------------------------------------------------------------

    def sign_in(self, role: str) -> None:
        """Sign in with the demonstration’s button for a role or address, with an authenticator code if it has one."""
        self.go("sign-in/")
        account = ACCOUNTS.get(role) or ACCOUNTS_BY_EMAIL[role]
        line = self.main.locator(".demo-accounts li", has_text=account["email"])
        self.press("Sign in", within=line)
        if "code" in account:
            assert self.path == "sign-in/second-factor/"
            self.press("Use this code")
        assert not self.path.startswith("sign-in"), self.main.inner_text()

    def open_staff_session(self) -> None:
        """Open a staff session, on the page the visitor was redirected to or by going there."""
        if not self.path.startswith("staff/session/"):
            self.go("staff/session/")
        self.fill(reason=REASON)
        self.press("Start session")
        assert self.page.locator(".staff-banner").is_visible()

    def sign_out(self) -> None:
        """Sign out through the account menu, and check that the account page then asks to sign in."""
        self.page.locator(".account summary").click()
        with self.page.expect_navigation():
            self.page.locator(".account").get_by_role("button", name=self.say("Sign out")).click()
        assert self.page.locator(".account").count() == 0
        self.page.goto(f"{self.site}/{self.language}/account/")
        assert self.path.startswith("sign-in/")

    def become(self, role: str) -> None:
        """Use a saved session of this role, with a staff session for staff, where signing in is not tested."""
        key = (self.site, role)
        if key not in _COOKIES:
            quiet = Visitor(self.page, self.site, self.language)
            quiet.sign_in(role)
            if role in ("secretariat", "administrator"):
                quiet.open_staff_session()
            _COOKIES[key] = self.page.context.cookies()
        self.page.context.add_cookies(_COOKIES[key])


@dataclass(frozen=True)
class Journey:
    """The visitors of a journey, and the faults found on the pages they opened."""

    open_page: Callable[..., Page]
    site: str
    axe: str
    visitors: list[Visitor] = field(default_factory=list)

    def visitor(self, language: str = "en", *, looks: bool = True, site: str = "", **how: Any) -> Visitor:
        page = self.open_page(language=language, **how)
        visitor = Visitor(page, site or self.site, language, self.axe if looks else "")
        visitor.looks = LOOKS if language == "en" else OTHER_LOOKS
        if connection.vendor == "postgresql":  # the run on SQLite checks the same pages: check fewer here
            visitor.looks = visitor.looks[:1] if language == "en" else ()
        self.visitors.append(visitor)
        return visitor

    def faults(self) -> dict[str, list[str]]:
        return {where: found for visitor in self.visitors for where, found in visitor.faults.items()}
