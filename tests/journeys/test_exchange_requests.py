"""Journey 9 in a browser: a shelter worker asks in Romanian, unnamed; a colleague answers in English; it helped."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.roles import Journey, Visitor

SHELTER, COLLEAGUE = "shelter@nordmark.example", "contributor@ostria.example"
PROBLEM = "Cum putem răspunde la telefon și noaptea, cu cinci angajate?"
SITUATION = "Linia telefonică funcționează numai ziua. Am încercat voluntari, dar au plecat după o lună."
REPLY = "Three helplines share one night shift. We started with weekends."
HELPED = "Împărțim acum nopțile cu două orașe."


@pytest.fixture
def journey(demo_site, open_page, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    walks = Journey(open_page, demo_site, axe)
    yield walks
    assert walks.faults() == {}


def first_option(visitor: Visitor, name: str) -> str:
    """Choose the first thing that a select of the reply offers, and return its text."""
    option = visitor.main.locator(f'select[name="{name}"] option:not([value=""])').first
    visitor.choose(**{name: str(option.get_attribute("value"))})
    return " ".join((option.text_content() or "").split())


@pytest.mark.parametrize(("language", "other"), [("ro", "en"), ("en", "fr")])
def test_a_shelter_worker_asks_unnamed_and_a_colleague_of_another_country_helps(journey, language, other):
    shelter, colleague = journey.visitor(language), journey.visitor(other)
    problem = f"{PROBLEM} ({language})"
    public = journey.visitor(language)
    public.go("articles/24/")
    assert public.reads("Ask the network")
    assert public.main.locator('a[href*="/exchange/ask/"]').count() == 0

    # asked in Romanian from the page of an article, in two questions
    shelter.become(SHELTER)
    shelter.go("articles/24/")
    shelter.take(shelter.main.locator('a[href$="/exchange/ask/article/24/"]'))
    assert shelter.main.locator("main form textarea:visible, form textarea:visible").count() == 2
    shelter.fill(problem=problem, situation=SITUATION)
    shelter.main.locator("form details.fold summary").first.click()
    assert shelter.main.locator('[name="articles"]').input_value() == "24"
    assert shelter.main.locator('[name="shown_as"][value="no_one"]').is_checked()
    shelter.choose(language="ro")
    shelter.press("Send request")
    request = shelter.path
    assert shelter.reads("No replies yet.")

    # found by a colleague through the article, without who asks
    colleague.become(COLLEAGUE)
    colleague.go("exchange/requests/?article=24&answered=no")
    colleague.take(colleague.main.get_by_role("link", name=problem))
    assert colleague.path == request
    assert colleague.reads("someone who is shown only to the secretariat")
    text = colleague.main.inner_text()
    assert "Sigvor" not in text
    assert "@" not in text
    assert colleague.main.locator('[lang="ro"]', has_text=problem).count() == 1

    # answered in English with a practice and with praise, cited by its page
    colleague.fill(text=REPLY)
    colleague.choose(language="en")
    practice, praise = first_option(colleague, "practice"), first_option(colleague, "finding")
    colleague.press("Send reply")
    assert colleague.sees(REPLY)

    # read through the site, with the practice and the page of the praise
    shelter.go("exchange/requests/own/")
    shelter.take(shelter.main.get_by_role("link", name=problem))
    assert shelter.main.locator('.ask-text[lang="en"]', has_text=REPLY).count() == 1
    reply = shelter.main.locator(".ask-line", has_text=REPLY)
    assert practice.rpartition(" (")[0] in reply.inner_text() or reply.locator('a[href*="/practices/"]').count() == 1
    assert reply.locator('a[href*="/findings/"]').count() == 1
    assert praise.rpartition(" ")[2] in reply.inner_text()  # the number of the page
    assert "@" not in reply.inner_text()

    # it helped
    shelter.main.locator('[name="verdict"][value="helped"]').check()
    shelter.fill(judgement=HELPED)
    shelter.press("Save outcome")
    assert shelter.reads("Saved. Thank you for telling us.") or shelter.sees(shelter.say("it helped"))
    colleague.go(request)
    assert colleague.sees(HELPED)
    assert colleague.main.locator('[name="text"]').count() == 0  # nothing more to reply to

    if language == "en":
        return
    # the helpdesk sees who asks, and that it helped
    secretariat = journey.visitor("en")
    secretariat.become("secretariat")
    secretariat.go(request.replace("/requests/", "/helpdesk/"))
    assert secretariat.sees("Sigvor Gnistheimlys")
    assert secretariat.sees(HELPED)
    secretariat.go("exchange/helpdesk/")
    secretariat.take(secretariat.main.locator('a[href*="/helpdesk/enter/"]').first)


@pytest.mark.parametrize("language", ["en", "nb"])
def test_an_organisation_offers_help_with_limits_and_pauses_it(journey, language):
    shelter, colleague = journey.visitor(language), journey.visitor(language)
    title = f"A morning at our shelter ({language})"
    shelter.become(SHELTER)
    shelter.go("exchange/offers/")
    shelter.follow("Add offer")
    shelter.fill(title=title, articles="23", per_year="2")
    shelter.main.locator('[name="help"][value="study_visit"]').check()
    shelter.press("Save offer")
    offer = shelter.path
    colleague.become(COLLEAGUE)
    colleague.go("exchange/offers/")
    assert colleague.sees(title)
    colleague.go(offer)
    assert colleague.main.locator("form").count() == 0
    shelter.press("Pause offer")
    colleague.go("exchange/offers/")
    assert not colleague.sees(title)


def test_what_is_typed_is_kept_until_it_is_sent(journey):
    shelter = journey.visitor("en", looks=False)
    shelter.become(SHELTER)
    shelter.go("exchange/ask/article/25/")
    with shelter.page.expect_response(lambda answer: "/account/drafts/" in answer.url and answer.status == 204):
        shelter.fill(problem="Typed in a hurry", situation="And left")
    shelter.go("exchange/ask/article/25/")
    shelter.main.get_by_role("button", name="Restore draft").click()
    expect(shelter.main.locator('[name="problem"]')).to_have_value("Typed in a hurry")
