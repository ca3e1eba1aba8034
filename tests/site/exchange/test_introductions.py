"""Introductions: both sides are asked, neither sees the other before both agree, and everything ends by itself."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser

from samsvar.exchange.introductions import IntroductionActNotPossible, IntroductionStatus
from samsvar.exchange.requests import HelpForm, ShownAs
from samsvar.network.consent import Purpose
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.exchange.introductions import actions, queries
from samsvar.site.exchange.introductions.queries import FrozenMatch
from samsvar.site.exchange.models import Introduction
from samsvar.site.network import models as network
from samsvar.site.network.access.permissions import clear_cached_access
from samsvar.site.network.directory.actions.consent import withdraw_consent
from tests.factories.exchange_introductions import (
    make_introduction,
    make_member,
    make_practice,
    make_request,
    make_state,
)
from tests.factories.implementation import make_organisation
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db

SECRETS = ("Asta Asker", "Hanna Helper", "asta@asker.example", "hanna@helper.example")


@pytest.fixture
def asker(db: None) -> Any:
    return make_member("Asta Asker", email="asta@asker.example")


@pytest.fixture
def helper(db: None) -> Any:
    return make_member("Hanna Helper", email="hanna@helper.example")


@pytest.fixture
def secretariat(db: None) -> Any:
    return sign_in(Client(), make_account(Role.SECRETARIAT), staff_session="the helpdesk")


def page_of(introduction: Introduction) -> str:
    return reverse("exchange:introduction", args=[introduction.public_id])


def post(client: Client, name: str, introduction: Introduction, **data: str) -> Any:
    return client.post(reverse(f"exchange:{name}", args=[introduction.public_id]), data)


def read(account: network.Account, introduction: Introduction) -> str:
    answer = sign_in(Client(), account).get(page_of(introduction))
    assert answer.status_code == 200
    return answer.content.decode().partition("<main")[2]  # without the notice about fictional states


def emails() -> list[network.OutgoingEmail]:
    return list(network.OutgoingEmail.objects.order_by("pk"))


# --- Who sees whom ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown_as", list(ShownAs))
def test_before_both_accept_each_side_sees_the_country_at_most(asker: Any, helper: Any, shown_as: ShownAs) -> None:
    introduction = make_introduction(asker=asker, helper=helper, invited=True, shown_as=shown_as)
    for_helper, for_asker = read(helper, introduction), read(asker, introduction)
    assert [secret for secret in (*SECRETS[::2], "Nordmark") if secret in for_helper] == (
        [] if shown_as is ShownAs.NO_ONE else ["Nordmark"]
    )
    assert not [secret for secret in SECRETS[1::2] if secret in for_asker]
    assert "Sudmar" in for_asker
    assert "Article 53" in for_helper
    assert introduction.request is not None
    assert introduction.request.problem not in for_helper


def test_after_both_accept_names_are_shown_as_each_chose_and_addresses_never(asker: Any, helper: Any) -> None:
    introduction = make_introduction(asker=asker, helper=helper, invited=True)
    post(sign_in(Client(), asker), "accept-introduction", introduction, shown_as="name")
    assert "Asta Asker" not in read(helper, introduction)
    post(sign_in(Client(), helper), "accept-introduction", introduction, shown_as="organisation")
    introduction.refresh_from_db()
    assert introduction.status == IntroductionStatus.INTRODUCED
    for_helper, for_asker = read(helper, introduction), read(asker, introduction)
    assert "Asta Asker" in for_helper
    assert "asta@asker.example" not in for_helper
    assert "Hanna Helper" not in for_asker
    assert "Lighthouse 0" in for_asker
    assert "hanna@helper.example" not in for_asker


def test_that_a_side_reads_the_others_name_is_in_the_audit_log(asker: Any, helper: Any) -> None:
    introduction = make_introduction(asker=asker, helper=helper, invited=True)
    read(helper, introduction)
    seen = AuditEntry.objects.filter(saw=True, subject=f"introduction {introduction.public_id}")
    assert not seen.exists()  # there is nothing to see before both accept
    for account in (asker, helper):
        actions.accept_introduction(by=account, introduction=introduction, shown_as=ShownAs.NAME)
    read(helper, introduction)
    assert [(entry.actor, entry.person, entry.details) for entry in seen] == [
        (helper, asker.person.public_id, {"fields": ["name"]})
    ]


def test_someone_at_risk_is_shown_as_no_one_whatever_they_chose(helper: Any) -> None:
    asker = make_member("Asta Asker", at_risk=True)
    introduction = make_introduction(asker=asker, helper=helper, introduced=True)
    assert introduction.asker_shown_as == ShownAs.NAME
    page = read(helper, introduction)
    assert "Asta Asker" not in page
    assert "Nordmark" not in page


def test_no_one_else_can_open_an_introduction(asker: Any, helper: Any) -> None:
    proposed = make_introduction(asker=asker, helper=helper)
    member, other_helpdesk = (
        make_member("Mona Member"),
        make_account(
            Role.SECRETARIAT, network=network.Network.objects.create(slug="harbour", name="Harbour", fictional=True)
        ),
    )
    assert sign_in(Client(), member).get(page_of(proposed)).status_code == 404
    assert sign_in(Client(), other_helpdesk, staff_session="x").get(page_of(proposed)).status_code == 404
    # nor the helper, before anyone is asked
    assert sign_in(Client(), helper).get(page_of(proposed)).status_code == 404
    assert "Study visit" not in sign_in(Client(), helper).get(reverse("exchange:own-introductions")).content.decode()


def test_the_secretariat_sees_both_sides_only_in_a_staff_session_and_that_is_logged(
    asker: Any, helper: Any, secretariat: Client
) -> None:
    introduction = make_introduction(asker=asker, helper=helper, introduced=True)
    actions.write_message(by=asker, introduction=introduction, text="A secret between the two of us.")
    page = secretariat.get(page_of(introduction)).content.decode()
    assert "Asta Asker" in page
    assert "Hanna Helper" in page
    assert "A secret between" not in page
    seen = AuditEntry.objects.filter(saw=True, subject=f"introduction {introduction.public_id}")
    assert set(seen.values_list("person", flat=True)) == {asker.person.public_id, helper.person.public_id}
    assert sign_in(Client(), make_account(Role.SECRETARIAT)).get(page_of(introduction)).status_code == 404


def test_emails_say_only_that_something_is_waiting(asker: Any, helper: Any) -> None:
    introduction = make_introduction(asker=asker, helper=helper, introduced=True)
    actions.write_message(by=asker, introduction=introduction, text="Would Tuesday suit you?")
    sent = emails()
    assert [email.to for email in sent] == [
        "asta@asker.example", "hanna@helper.example", "asta@asker.example", "hanna@helper.example",
        "hanna@helper.example",
    ]  # fmt: skip
    for email in sent:
        body = re.sub(r"https://\S+", "", email.subject + email.body)
        assert not re.search(r"Asta|Hanna|alarm|visit|Tuesday|Nordmark|Sudmar|help", body), body


# --- Proposing --------------------------------------------------------------------------------------------------------


def test_the_secretariat_proposes_asks_both_and_no_one_knows_before(asker: Any, secretariat: Client) -> None:
    owner = make_organisation(state=make_state("XB").code)
    helper, practice, request = (
        make_member("Hanna Helper", owner),
        make_practice(organisation=owner),
        make_request(asker),
    )
    url = reverse("exchange:propose-introduction", args=[request.public_id])
    answer = secretariat.post(url, {"whom": f"practice:{practice.public_id}", "help": "study_visit"})
    introduction = Introduction.objects.get()
    assert answer.url == page_of(introduction)
    assert not emails()
    assert (introduction.helper, introduction.asker, introduction.helper_state_id) == (helper, asker, "XB")
    post(secretariat, "invite-introduction", introduction)
    introduction.refresh_from_db()
    assert introduction.status == IntroductionStatus.INVITED
    assert len(emails()) == 2
    again = secretariat.post(url, {"whom": f"practice:{practice.public_id}", "help": "study_visit"})
    assert again.status_code == 409
    assert "already been proposed" in again.content.decode()


def test_reasons_stay_as_they_were_on_the_day_of_the_proposal(asker: Any, helper: Any, secretariat: Client) -> None:
    match = FrozenMatch(
        reasons=[
            {"feature": "same_topic", "values": {"topic": "protection orders"}, "weight": 3},
            {"feature": "language", "values": {}, "weight": 1.5, "text": "You both read English."},
        ],
        weights={"same_topic": 3, "language": 1.5, "recency": 0},
        score=0.82,
    )
    introduction = make_introduction(asker=asker, helper=helper, match=match)
    introduction.refresh_from_db()
    assert (introduction.score, introduction.weights["recency"]) == (0.82, 0)
    page = secretariat.get(page_of(introduction)).content.decode()
    assert "same topic: protection orders" in page
    assert "You both read English." in page
    with pytest.raises(ValueError, match="not a reason"):
        FrozenMatch(reasons=[{"weight": 1}])


@pytest.mark.parametrize("who", ["asker", "secretariat"])
def test_a_proposal_keeps_the_weights_with_which_the_match_was_seen(asker: Any, secretariat: Client, who: str) -> None:
    """From the page of matches to the introduction: what was switched off there gives no reason a year later either."""
    owner = make_organisation(state=make_state("XB").code)
    make_member("Hanna Helper", owner)
    practice, request = make_practice(organisation=owner), make_request(asker)
    client = secretariat if who == "secretariat" else sign_in(Client(), asker)
    settings = {"off": ["topic", "recency"], "weight-article": "40", "weight-words": "30"}
    matches = client.get(reverse("exchange:matches"), {"request": request.public_id, **settings})
    (link,) = [
        one.attributes["href"] or ""
        for one in LexborHTMLParser(matches.content).css("main a")
        if "whom=practice" in (one.attributes["href"] or "")
    ]
    form = client.get(link).content.decode()
    assert "Same article (weight 40)" in " ".join(form.split())
    assert "Same topic (switched off)" in " ".join(form.split())
    assert client.post(link, {"whom": f"practice:{practice.public_id}", "help": "study_visit"}).status_code == 302
    introduction = Introduction.objects.get()
    weights = {reason["feature"]: reason["weight"] for reason in introduction.reasons}
    assert weights["article"] == 40
    assert not {"topic", "recency"} & weights.keys()
    assert introduction.changed_weights == ["topic", "article", "recency"]
    assert [introduction.weights[name] for name in ("topic", "article", "words")] == [0, 40, 30]
    kept = " ".join(client.get(page_of(introduction)).content.decode().split())
    assert 'Same article: 53. <span class="quiet">(weight 40)' in kept
    assert "Same topic (switched off)" in kept
    assert "Same topic:" not in kept


def test_a_proposal_with_the_usual_weights_has_its_reasons_and_says_nothing_of_changes(asker: Any) -> None:
    owner = make_organisation(state=make_state("XB").code)
    make_member("Hanna Helper", owner)
    practice, request, client = make_practice(organisation=owner), make_request(asker), sign_in(Client(), asker)
    url = reverse("exchange:ask-for-introduction", args=[request.public_id])
    client.post(url, {"whom": f"practice:{practice.public_id}", "help": "call"})
    introduction = Introduction.objects.get()
    assert {"topic", "article"} <= {reason["feature"] for reason in introduction.reasons}
    assert introduction.changed_weights == []
    page = client.get(page_of(introduction)).content.decode()
    assert "Same article: 53." in page
    assert "changed weights" not in page


def test_the_asker_asks_for_an_introduction_which_is_a_proposal_at_the_helpdesk(
    asker: Any, secretariat: Client
) -> None:
    request = make_request(asker)
    owner = make_organisation(state=make_state("XB").code)
    make_member("Hanna Helper", owner)
    practice = make_practice(organisation=owner)
    url = reverse("exchange:ask-for-introduction", args=[request.public_id])
    sign_in(Client(), asker).post(url, {"whom": "", "help": "call"})
    introduction = Introduction.objects.get()
    assert (introduction.status, introduction.helper) == (IntroductionStatus.PROPOSED, None)
    assert sign_in(Client(), asker).post(url, {"whom": "", "help": "call"}).status_code == 409  # it waits already
    assert [email.subject for email in emails()] == ["Samsvar: A proposal is waiting for the helpdesk"]
    listed = secretariat.get(reverse("exchange:arranged-introductions")).content.decode()
    assert page_of(introduction) in listed
    assert "Asta Asker" not in listed
    chosen = post(secretariat, "choose-helper", introduction, whom=f"practice:{practice.public_id}")
    introduction.refresh_from_db()
    assert chosen.status_code == 302
    assert introduction.helper is not None
    assert sign_in(Client(), make_member("Mona Member")).get(url).status_code == 404


def test_a_retired_practice_is_not_offered_for_an_introduction(asker: Any, secretariat: Client) -> None:
    url = reverse("exchange:propose-introduction", args=[make_request(asker).public_id])
    owner = make_organisation(state=make_state("XB").code)
    make_member("Olga Owner", owner)
    practice = make_practice("A retired alarm", organisation=owner)
    assert "A retired alarm" in secretariat.get(url).content.decode()
    practice.status, practice.status_reason, practice.retired_reason = "retired", "It is over.", "It is over."
    practice.save()
    assert "A retired alarm" not in secretariat.get(url).content.decode()


def test_an_owner_whom_no_account_represents_is_left_to_the_secretariat(asker: Any, secretariat: Client) -> None:
    practice, request = make_practice(organisation=make_organisation(state=make_state("XB").code)), make_request(asker)
    url = reverse("exchange:ask-for-introduction", args=[request.public_id])
    sign_in(Client(), asker).post(url, {"whom": f"practice:{practice.public_id}", "help": "call"})
    introduction = Introduction.objects.get()
    assert (introduction.practice, introduction.helper, introduction.helper_state_id) == (practice, None, "XB")
    assert introduction.reasons
    page = secretariat.get(page_of(introduction)).content.decode()
    assert "not chosen yet" in page
    assert "Ask both sides" not in page
    with pytest.raises(actions.HelperNotAvailable):
        actions.propose_introduction(
            by=None, request=make_request(asker), form_of_help=HelpForm.CALL, practice=practice
        )


def test_a_match_leads_the_asker_and_the_secretariat_to_the_form_with_the_choice_made(
    asker: Any, secretariat: Client
) -> None:
    request = make_request(asker)
    owner = make_organisation(state=make_state("XB").code)
    make_member("Olga Owner", owner)
    practice = make_practice(organisation=owner)
    matches = f"{reverse('exchange:matches')}?request={request.public_id}"
    own = sign_in(Client(), asker)
    for client, name in ((own, "ask-for-introduction"), (secretariat, "propose-introduction")):
        address = f"{reverse(f'exchange:{name}', args=[request.public_id])}?whom=practice:{practice.public_id}"
        assert address in client.get(matches).content.decode()
        form = LexborHTMLParser(client.get(address).content)
        assert [one.attributes["value"] for one in form.css("#id_whom option[selected]")] == [
            f"practice:{practice.public_id}"
        ]
    assert "?whom=" not in sign_in(Client(), make_member("Mona Member")).get(matches).content.decode()


def test_the_secretariat_chooses_among_owners_who_can_be_asked_and_the_asker_among_all_but_their_own_state(
    asker: Any, secretariat: Client
) -> None:
    request = make_request(asker)
    far, silent, near = (
        make_organisation(name, state=make_state(state).code)
        for name, state in (("Far House", "XB"), ("Silent House", "XB"), ("Near House", "XA"))
    )
    make_member("Fia Far", far)
    make_member("Nora Near", near)
    reachable = make_practice(organisation=far)
    unreachable = make_practice(organisation=silent)
    make_practice(state="XA", organisation=near)
    for client, name, practices in (
        (sign_in(Client(), asker), "ask-for-introduction", {reachable, unreachable}),
        (secretariat, "propose-introduction", {reachable}),
    ):
        form = LexborHTMLParser(client.get(reverse(f"exchange:{name}", args=[request.public_id])).content)
        offered = {one.attributes["value"] for one in form.css("#id_whom option")} - {"", None}
        assert offered == {f"practice:{practice.public_id}" for practice in practices}


def test_only_people_who_consent_and_have_an_account_are_suggested(asker: Any) -> None:
    expertise = ["article:53", "concept:shelters"]
    consent = {"consents": (Purpose.MATCHING,), "expertise": expertise}
    far = make_organisation("Far House", state=make_state("XB").code)
    near = make_organisation("Near House", state=make_state("XA").code)
    fitting = make_member("Fia Fitting", far, **consent)
    make_member("Nora No-consent", far, expertise=expertise)
    make_member("Rita At-risk", far, at_risk=True, **consent)
    make_member("Ove Own-state", near, **consent)
    make_member("Olga Other-topic", far, consents=(Purpose.MATCHING,), expertise=["article:20"])
    make_member("Ina Inactive", far, **consent)
    network.Account.objects.filter(person__details__value="Ina Inactive").update(is_active=False)
    desk = make_account(Role.SECRETARIAT)
    client = sign_in(Client(), desk, staff_session="the helpdesk")
    request = make_request(asker)
    page = client.get(reverse("exchange:propose-introduction", args=[request.public_id]))
    assert [one.name for one in page.context["people"]] == ["Fia Fitting"]
    withdraw_consent(person=fitting.person, purpose=Purpose.MATCHING, by=None)
    page = client.get(reverse("exchange:propose-introduction", args=[request.public_id]))
    assert page.context["people"] == []
    assert "Fia Fitting" not in page.content.decode()
    refused = client.post(
        reverse("exchange:propose-introduction", args=[request.public_id]),
        {"whom": f"person:{fitting.public_id}", "help": "call"},
    )
    assert refused.status_code == 422
    with pytest.raises(actions.HelperNotAvailable):
        actions.propose_introduction(by=None, request=request, form_of_help=HelpForm.CALL, helper=fitting)


def test_a_withdrawn_consent_ends_what_waits_for_it_at_once_but_no_conversation(asker: Any) -> None:
    request = make_request(asker)
    person = make_member("Fia Fitting", consents=(Purpose.MATCHING,))
    first, second = (
        actions.propose_introduction(by=None, request=request, form_of_help=form, helper=person)
        for form in (HelpForm.CALL, HelpForm.ANSWER)
    )
    for introduction in (first, second):
        actions.invite_both(by=None, introduction=introduction)
    for account in (asker, person):
        actions.accept_introduction(by=account, introduction=second, shown_as=ShownAs.COUNTRY)
    withdraw_consent(person=person.person, purpose=Purpose.MATCHING, by=None)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (IntroductionStatus.LEFT, IntroductionStatus.INTRODUCED)


# --- Accepting, leaving, ending ---------------------------------------------------------------------------------------


def test_a_side_accepts_once_and_no_one_accepts_for_the_other(asker: Any, helper: Any, secretariat: Client) -> None:
    introduction = make_introduction(asker=asker, helper=helper, invited=True)
    actions.accept_introduction(by=asker, introduction=introduction, shown_as=ShownAs.NAME)
    with pytest.raises(IntroductionActNotPossible):
        actions.accept_introduction(by=asker, introduction=introduction, shown_as=ShownAs.NAME)
    assert post(secretariat, "accept-introduction", introduction, shown_as="name").status_code == 404
    introduction.refresh_from_db()
    assert introduction.status == IntroductionStatus.HALF_ACCEPTED
    assert introduction.introduced_at is None


def test_messages_wait_until_both_have_accepted_and_are_not_an_acceptance(asker: Any, helper: Any) -> None:
    introduction = make_introduction(asker=asker, helper=helper, invited=True)
    actions.accept_introduction(by=asker, introduction=introduction, shown_as=ShownAs.NAME)
    answer = sign_in(Client(), helper).post(page_of(introduction), {"text": "Yes, gladly."})
    introduction.refresh_from_db()
    assert answer.status_code == 409
    assert not introduction.messages.exists()
    assert introduction.status == IntroductionStatus.HALF_ACCEPTED


@pytest.mark.parametrize("who", ["asker", "helper"])
def test_either_side_leaves_without_a_reason(asker: Any, helper: Any, who: str) -> None:
    introduction = make_introduction(asker=asker, helper=helper, introduced=True)
    leaving, staying = (asker, helper) if who == "asker" else (helper, asker)
    post(sign_in(Client(), leaving), "leave-introduction", introduction)
    introduction.refresh_from_db()
    assert introduction.status == IntroductionStatus.LEFT
    page = read(staying, introduction)
    assert "No one is asked for a reason" in page
    assert "Send message" not in page
    with pytest.raises(IntroductionActNotPossible):
        actions.write_message(by=staying, introduction=introduction, text="But why?")


def test_silence_brings_one_reminder_and_then_ends_with_a_kind_note(asker: Any, helper: Any) -> None:
    introduction = make_introduction(asker=asker, helper=helper, invited=True)
    actions.accept_introduction(by=asker, introduction=introduction, shown_as=ShownAs.NAME)
    network.OutgoingEmail.objects.all().delete()
    invited = introduction.invited_at
    assert invited is not None
    done = [actions.run_introductions(now=invited + timedelta(days=days)) for days in (6, 7, 8, 13, 14, 15)]
    assert done == [{}, {"introductions_reminded": 1}, {}, {}, {"introductions_ended": 1}, {}]
    assert [email.to for email in emails()] == [
        "hanna@helper.example", "asta@asker.example", "hanna@helper.example"
    ]  # fmt: skip
    introduction.refresh_from_db()
    assert introduction.status == IntroductionStatus.NO_ANSWER
    assert "That happens: people are busy" in read(asker, introduction)
    with pytest.raises(IntroductionActNotPossible):
        actions.record_held(by=asker, introduction=introduction, held_on=timezone.localdate())


def test_nothing_stays_pending_for_ever(asker: Any, helper: Any) -> None:
    now = timezone.now()
    proposed = make_introduction(asker=asker, helper=helper)
    introduced = make_introduction(
        asker=asker, helper=helper, request=proposed.request, introduced=True, form_of_help=HelpForm.CALL
    )
    counts = [actions.run_introductions(now=now + timedelta(days=days)) for days in (59, 61, 62, 181, 182)]
    assert counts == [
        {}, {"introductions_ended": 1, "introductions_asked": 1}, {}, {"introductions_ended": 1}, {}
    ]  # fmt: skip
    # and a past one can still be closed
    introduced.refresh_from_db()
    assert introduced.status == IntroductionStatus.NO_ANSWER
    actions.record_not_held(by=helper, introduction=introduced)
    introduced.refresh_from_db()
    assert introduced.status == IntroductionStatus.DID_NOT_TAKE_PLACE


def test_what_did_not_take_place_is_never_asked_about(asker: Any, helper: Any) -> None:
    introduction = make_introduction(asker=asker, helper=helper, introduced=True)
    post(sign_in(Client(), asker), "introduction-not-held", introduction)
    network.OutgoingEmail.objects.all().delete()
    assert actions.run_introductions(now=timezone.now() + timedelta(days=400)) == {}
    page = read(asker, introduction)
    assert not emails()
    assert "No one is asked to rate it" in page
    assert "Save outcome" not in page
    answer = post(sign_in(Client(), asker), "introduction-outcome", introduction, outcome="Five stars.")
    assert answer.status_code == 409


def test_a_month_after_it_took_place_the_asker_is_asked_once(asker: Any, helper: Any, secretariat: Client) -> None:
    introduction = make_introduction(asker=asker, helper=helper, introduced=True)
    today = timezone.localdate()
    future = post(sign_in(Client(), helper), "introduction-held", introduction, held_on=f"{today + timedelta(days=1)}")
    assert future.status_code == 409
    post(sign_in(Client(), helper), "introduction-held", introduction, held_on=f"{today}")
    network.OutgoingEmail.objects.all().delete()
    done = [actions.run_introductions(now=timezone.now() + timedelta(days=days)) for days in (29, 30, 31, 90)]
    assert done == [{}, {"introduction_outcomes_asked": 1}, {}, {}]
    assert [email.to for email in emails()] == ["asta@asker.example"]
    post(sign_in(Client(), asker), "introduction-outcome", introduction, outcome="We wrote a tender.")
    introduction.refresh_from_db()
    assert (introduction.outcome, introduction.held_on) == ("We wrote a tender.", today)
    assert "We wrote a tender." in secretariat.get(page_of(introduction)).content.decode()
    assert post(sign_in(Client(), helper), "introduction-outcome", introduction, outcome="Mine.").status_code == 409


def test_the_secretariat_drops_it_only_before_both_have_accepted(asker: Any, helper: Any, secretariat: Client) -> None:
    introduction = make_introduction(asker=asker, helper=helper, invited=True)
    post(secretariat, "drop-introduction", introduction)
    introduction.refresh_from_db()
    assert introduction.status == IntroductionStatus.DROPPED
    made = make_introduction(asker=asker, helper=helper, introduced=True, form_of_help=HelpForm.CALL)
    post(secretariat, "drop-introduction", made)
    made.refresh_from_db()
    assert made.status == IntroductionStatus.INTRODUCED


def test_the_secretariat_arranges_nothing_for_itself(asker: Any, helper: Any) -> None:
    both = make_account(Role.SECRETARIAT, Role.CONTRIBUTOR)
    client = sign_in(Client(), both, staff_session="x")
    request = make_request(both)
    assert client.get(reverse("exchange:propose-introduction", args=[request.public_id])).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.propose_introduction(by=both, request=request, form_of_help=HelpForm.CALL, helper=helper)


def test_someone_who_is_at_risk_from_now_on_is_no_longer_asked(asker: Any, helper: Any) -> None:
    introduction = make_introduction(asker=asker, helper=helper, invited=True)
    actions.end_introductions_of(person=helper.person)
    introduction.refresh_from_db()
    assert introduction.status == IntroductionStatus.LEFT


def test_an_offer_reaches_the_person_who_made_it_while_they_still_act_for_it(asker: Any) -> None:
    from samsvar.site.exchange.models import Offer

    organisation = make_organisation(state=make_state("XB").code)
    make_member("Anna First", organisation)
    maker = make_member("Britt Maker", organisation)
    offer = Offer.objects.create(
        by=maker, organisation=organisation, state_id="XB", title="Come and see", help=["study_visit"]
    )
    assert queries.contact_for(None, offer) == maker
    maker.person.memberships.update(ends=timezone.localdate() - timedelta(days=1))
    clear_cached_access(maker)
    contact = queries.contact_for(None, offer)
    assert contact is not None
    assert contact != maker


def test_an_offer_whose_limit_is_reached_is_not_proposed(asker: Any, secretariat: Client) -> None:
    from samsvar.site.exchange.models import Offer

    organisation = make_organisation(state=make_state("XB").code)
    make_member("Anna First", organisation)
    offer = Offer.objects.create(
        organisation=organisation, state_id="XB", title="Come and see", help=["study_visit"], per_year=1
    )
    request = make_request(asker)
    url = reverse("exchange:propose-introduction", args=[request.public_id])
    assert "Come and see" in secretariat.get(url).content.decode()
    actions.propose_introduction(by=None, request=request, offer=offer, form_of_help=HelpForm.STUDY_VISIT)
    now = timezone.now()
    Introduction.objects.update(status="introduced", introduced_at=now, asker_accepted_at=now, helper_accepted_at=now)
    assert "Come and see" not in secretariat.get(url).content.decode()
