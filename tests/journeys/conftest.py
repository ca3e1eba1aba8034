"""A browser for the journeys: it sees our own server only, and a page that breaks its own policy fails the journey."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.site.conftest import the_trail_may_be_emptied_between_tests
from tools.chromium import flags

__all__ = ["the_trail_may_be_emptied_between_tests"]  # a fixture: live servers end in a flush too

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all journeys of a process."""
    # Playwright keeps an event loop in this thread; Django would take a journey's own queries for asynchronous ones
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=chromium, args=flags())
        yield program
        program.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens pages as a visitor has them: `open_page(width=320, scheme="dark", language="fr", javascript=False)`.

    At the end of the journey: nothing was asked of another host, no policy was broken, no script failed.
    """
    contexts, complaints = [], []

    def is_foreign(address: str) -> bool:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in {"localhost", "127.0.0.1"}

    def meet(route: Any) -> None:
        if is_foreign(route.request.url):
            if (
                not route.request.is_navigation_request()
            ):  # a visitor may follow a link out; a page may not load from there
                complaints.append(f"asked of another host: {route.request.url}")
            route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>elsewhere</title>")
        else:
            route.continue_()

    def listen(message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            complaints.append(message.text)

    def opened(
        *, width: int = 1280, height: int = 900, scheme: str = "light", language: str = "en", javascript: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            locale=language,
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.route("**/*", meet)
        context.set_default_timeout(10_000)  # milliseconds; two busy cores are slow
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(f"a script failed: {error}"))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
