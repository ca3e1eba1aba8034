"""A practice with care, in a browser: a lead from praise, a review that finds an address, publishing, retirement."""

from __future__ import annotations

import pytest

from tests.journeys.roles import Journey, Visitor

PEERS = ("contributor@ostria.example", "reviewer")  # of two organisations of other states
ADDRESS = "The second photograph shows Lanternegata 7, where the shelter is."


@pytest.fixture
def journey(demo_site, open_page, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    walks = Journey(open_page, demo_site, axe)
    yield walks
    assert walks.faults() == {}


def review(peer: Visitor, title: str, *, comment: str = "") -> None:
    """Read a practice that waits for a review, and approve it, or send it back with a comment."""
    peer.go("exchange/practices/review/")
    peer.take(peer.main.get_by_role("link", name=title))
    peer.main.locator('[name="conflict"][value="no"]').check()
    if comment:
        peer.main.locator('[name="verdict"][value="send_back"]').check()
        peer.fill(comment=comment)
    else:
        for box in peer.main.locator('[name="checks"]').all():
            box.check()
        peer.main.locator('[name="verdict"][value="approve"]').check()
    peer.press("Save review")
    assert peer.reads("Review saved. Thank you.")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_praise_becomes_a_practice_that_two_peers_have_read_and_that_stays_citable(journey, language):
    desk, reader, secretariat = (journey.visitor(language) for _ in range(3))
    peers = [journey.visitor(language, looks=number == 0) for number in range(2)]
    for peer, account in zip(peers, PEERS, strict=True):
        peer.become(account)
    title = f"Judges on call at weekends, in {language}"

    # the desk starts from what a report welcomes; the citation is kept
    desk.become("national_desk")
    desk.go("exchange/leads/XA/")
    citation = desk.main.locator("article h2").first.inner_text()
    desk.follow("Start a practice from this")
    assert desk.sees(citation)
    desk.fill(title=title)
    desk.press("Save practice")
    own = desk.path
    assert desk.sees(desk.say("Before you can submit the practice, fill in:"))
    desk.follow("Edit practice")
    desk.fill(
        problem="No one could decide on a barring order at weekends.",
        solution="One judge is on call, and the police file a form of one page.",
        for_whom="Women at immediate risk.",
        conditions="A law that allows a decision by telephone.",
        went_wrong="Officers did not call, because no one had told them.",
        results=ADDRESS,
        since="2021-03",
        articles="52",
        **{"blocks-0-title": "The form", "blocks-0-text": "It asks for facts."},
    )
    desk.press("Save practice")
    desk.press("Submit for review")

    # a peer finds an address; the owner reads why, and not who
    comment = f"It says where a shelter is ({language})."
    review(peers[0], title, comment=comment)
    desk.go(own)
    assert desk.sees(comment)
    assert not desk.sees("Veilleuse")
    desk.follow("Edit practice")
    desk.fill(results="Officers call every weekend.")
    desk.press("Save practice")
    desk.press("Submit for review")
    for peer in peers:
        review(peer, title)

    secretariat.become("secretariat")
    secretariat.go("exchange/practices/publish/")
    secretariat.take(secretariat.main.get_by_role("link", name=title))
    secretariat.press("Publish practice")
    public = secretariat.path

    # everyone reads it, beside the praise that it came of
    reader.go(public)
    assert reader.reads("Listing is not endorsement.")
    assert reader.sees("Officers did not call, because no one had told them.")
    assert not reader.sees("Lanternegata")
    reader.take(reader.main.get_by_role("link", name=citation))
    reader.take(reader.main.get_by_role("link", name=title))
    reader.go("exchange/practices/?state=XA&article=52")
    reader.go("exchange/")
    assert reader.main.get_by_role("link", name=title).count() == 1

    # the owner confirms it, writes a second version, and later retires it; what was cited stays open
    desk.go(own)
    desk.press("Confirm practice")
    desk.press("Write a new version")
    desk.follow("Edit practice")
    desk.fill(problem="No one could decide at weekends or on public holidays.")
    desk.press("Save practice")
    desk.press("Submit for review")
    for peer in peers:
        review(peer, title)
    secretariat.go("exchange/practices/publish/")
    secretariat.take(secretariat.main.get_by_role("link", name=title))
    secretariat.press("Publish practice")
    desk.go(own)
    desk.follow("Retire practice")
    reason = f"The law was repealed ({language})."
    desk.fill(reason=reason)
    desk.press("Retire practice")
    reader.go(public)
    assert reader.sees(reason)
    assert reader.sees("or on public holidays")
    reader.go(f"{public}v/1/")
    assert reader.sees("No one could decide on a barring order at weekends.")
    reader.go("exchange/practices/")
    assert not reader.sees(title)
