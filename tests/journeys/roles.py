"""How journeys walk through the demonstration as somebody: signing in on the page, in a language, looking at each page.

Sentences are looked up as the site looks them up, so that a journey in French presses the French button.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.utils.translation import gettext, override
from playwright.sync_api import Locator, Page

from tests.journeys.test_pages import faults

DEMO = files("samsvar.site.demo")
ACCOUNTS = {
    account["role"]: account for account in tomllib.loads(DEMO.joinpath("accounts.toml").read_text())["account"]
}
LOOKS = (("light", 1280), ("dark", 320))  # of each page of a journey in English
OTHER_LOOKS = (("light", 320),)  # in the other language, where longer words have the least room
WHY = "A journey of the tests through the demonstration"  # said at every staff session and decision
A_PASSWORD = "nine quiet lanterns over the harbour"

DESK = {"width": 1280, "height": 900}
NUMBER = re.compile(r"[0-9a-f]{16}|[0-9a-f-]{36}|(?<=/)[0-9]+(?=/)|(?<=findings/)[^/]+(?=/)")

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")  # "": the run is one process
# cookies of who is signed in once in a process, where signing in is not what a journey claims, by site and role
_COOKIES: dict[tuple[str, str], list[Any]] = {}


def is_first_look(kind: tuple[str, bool], look: tuple[str, int]) -> bool:
    """Whether no process of this run has had axe look at this kind of page in this way; from now on one has."""
    own = Path(os.environ["SAMSVAR_DATA"])  # the run's folder, or below it the process's
    folder = (own.parent if _WORKER else own) / "looked"
    folder.mkdir(exist_ok=True)
    try:
        (folder / hashlib.sha256(repr((kind, look)).encode()).hexdigest()).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@dataclass
class Visitor:
    """A browser on the demonstration in one language; it remembers what axe found and what was too wide."""

    page: Page
    site: str
    language: str = "en"
    axe: str = ""  # "" : this visitor looks at nothing closely
    looks: tuple[tuple[str, int], ...] = LOOKS
    faults: dict[str, list[str]] = field(default_factory=dict)

    def say(self, sentence: str, **said: object) -> str:
        """A sentence of ours in this visitor's language."""
        with override(self.language):
            return gettext(sentence) % said if said else gettext(sentence)

    def go(self, path: str) -> None:
        """Open a page, by its address without the language."""
        self.page.goto(f"{self.site}/{self.language}/{path}")
        self.look()

    def look(self) -> None:
        """What axe finds on the page as it stands, light and dark, wide and narrow; and what is wider than the window.

        A page of one kind is looked at once in a run, and once more where it says something that it did not.
        """
        kind = (NUMBER.sub("*", self.path), self.page.locator(".messages, .errorlist, .notice").count() > 0)
        looks = [look for look in self.looks if is_first_look(kind, look)] if self.axe else []
        for scheme, width in looks:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = faults(self.page, self.axe)
            if (scrolled := self.page.evaluate("document.documentElement.scrollWidth")) > width:
                found.append(f"{scrolled} wide")
            if found:
                self.faults[f"{urlsplit(self.page.url).path} {scheme} {width}"] = found
        if looks:
            self.page.set_viewport_size(DESK)  # type: ignore[arg-type]

    def press(self, sentence: str, *, within: Locator | None = None, **said: object) -> None:
        """Press the button that says so, and look at where it leads."""
        place = within or self.main
        self.take(place.get_by_role("button", name=self.say(sentence, **said)).first)

    def follow(self, sentence: str, **said: object) -> None:
        """Follow the link that says so, and look at where it leads."""
        self.take(self.main.get_by_role("link", name=self.say(sentence, **said)).first)

    def take(self, way: Locator) -> None:
        """A link or a button that leads to another page."""
        with self.page.expect_navigation():
            way.click()
        self.look()

    def fill(self, **answers: str) -> None:
        """Fill fields of a form by their names, in the one form of the page that has them."""
        for name, answer in answers.items():
            self.main.locator(f'[name="{name}"]:not([type="hidden"])').fill(answer)

    def choose(self, **answers: str) -> None:
        for name, answer in answers.items():
            self.main.locator(f'select[name="{name}"]').select_option(answer)

    def reads(self, sentence: str, **said: object) -> bool:
        """Whether the page says this sentence."""
        return self.sees(self.say(sentence, **said))

    def sees(self, text: str) -> bool:
        return text in " ".join(self.main.inner_text().split())

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    @property
    def path(self) -> str:
        """Where the visitor is, without the language."""
        return urlsplit(self.page.url).path.removeprefix(f"/{self.language}/")

    # --- Signing in ---------------------------------------------------------------------------------------------------

    def sign_in(self, role: str) -> None:
        """By the button of the demonstration's account, and with the code of its telephone where it has one."""
        self.go("sign-in/")
        account = ACCOUNTS[role]
        line = self.main.locator(".demo-accounts li", has_text=account["email"])
        self.press("Sign in", within=line)
        if "code" in account:
            assert self.path == "sign-in/second-factor/"
            self.press("Use this code")
        assert not self.path.startswith("sign-in"), self.main.inner_text()

    def open_staff_session(self) -> None:
        """In the page that the gate has led to, or by going there."""
        if not self.path.startswith("staff/session/"):
            self.go("staff/session/")
        self.fill(reason=WHY)
        self.press("Open it")
        assert self.page.locator(".staff-banner").is_visible()

    def sign_out(self) -> None:
        """By the entry of the account's menu; afterwards the browser is nobody's."""
        self.page.locator(".account summary").click()
        with self.page.expect_navigation():
            self.page.locator(".account").get_by_role("button", name=self.say("Sign out")).click()
        assert self.page.locator(".account").count() == 0
        self.page.goto(f"{self.site}/{self.language}/account/")
        assert self.path.startswith("sign-in/")

    def become(self, role: str) -> None:
        """Somebody who is signed in already, staff with a session open: where signing in is not the claim."""
        key = (self.site, role)
        if key not in _COOKIES:
            quiet = Visitor(self.page, self.site, self.language)
            quiet.sign_in(role)
            if role in ("secretariat", "administrator"):
                quiet.open_staff_session()
            _COOKIES[key] = self.page.context.cookies()
        self.page.context.add_cookies(_COOKIES[key])


@dataclass(frozen=True)
class Walks:
    """Opens visitors, and at the end says what was wrong with the pages they saw."""

    open_page: Callable[..., Page]
    site: str
    axe: str
    visitors: list[Visitor] = field(default_factory=list)

    def visitor(self, language: str = "en", *, looks: bool = True, site: str = "", **how: Any) -> Visitor:
        page = self.open_page(language=language, **how)
        visitor = Visitor(page, site or self.site, language, self.axe if looks else "")
        visitor.looks = LOOKS if language == "en" else OTHER_LOOKS
        if connection.vendor == "postgresql":  # the same pages were looked at on SQLite: walked again
            visitor.looks = visitor.looks[:1] if language == "en" else ()
        self.visitors.append(visitor)
        return visitor

    def faults(self) -> dict[str, list[str]]:
        return {where: found for visitor in self.visitors for where, found in visitor.faults.items()}
