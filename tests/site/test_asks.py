"""Questions through the secretariat: neither side learns the other's address, and no one else reads them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from samsvar.network.consent import LegalBasis, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Claim, Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.network import models
from samsvar.site.network.access.permissions import clear_cached_access
from samsvar.site.network.emails.actions import send_email
from samsvar.site.network.messages import actions, queries
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"
QUESTION = "Which form do your police fill in at the door?"
ANSWER = "The one of 2021, in two pages."


@dataclass
class World:
    """A network, its secretariat, a member and a sender: each with an address that the others must not see."""

    network: models.Network
    asker: models.Account
    member: models.Account
    secretariat: models.Account
    person: models.Person  # the member's
    asker_person: models.Person

    def client(self, account: models.Account) -> Client:
        return sign_in(Client(), account, staff_session="questions" if account == self.secretariat else "")

    def ask(self, **how: str) -> models.MemberQuestion:
        clear_cached_access(self.asker)
        said = {"subject": "Forms at the door", "text": QUESTION} | how
        return actions.ask_member(by=self.asker, person=self.person, **said)

    def forwarded(self) -> models.MemberQuestion:
        """Send a question and have the secretariat forward it on its page."""
        ask = self.ask()
        answer = self.client(self.secretariat).post(reverse("network:forward-question", args=[ask.public_id]))
        assert answer.status_code == 302
        ask.refresh_from_db()
        assert ask.progress == "forwarded"
        return ask


SENDER_SECRETS = ("asker-signs-in@ostria.example", "asker-contact@ostria.example", "+990 11 22", "Ulvine Torvak")
MEMBER_SECRETS = ("member-signs-in@sudmar.example", "member-contact@sudmar.example", "+990 33 44")


@pytest.fixture
def world() -> World:
    network = make_network()
    asker = make_account(Role.READER, email=SENDER_SECRETS[0])
    member = make_account(Role.READER, email=MEMBER_SECRETS[0])
    secretariat = make_account(Role.SECRETARIAT, network=network)
    asker_person = make_person(
        account=asker,
        details={
            Field.NAME: SENDER_SECRETS[3],
            Field.EMAIL: SENDER_SECRETS[1],
            Field.TELEPHONE: SENDER_SECRETS[2],
        },
    )
    person = make_person(
        account=member,
        visibility=Visibility.SIGNED_IN,
        consents=(Purpose.DIRECTORY, Purpose.CONTACT),
        details={Field.NAME: "Brisk Halvane"},
    )
    for field, value in ((Field.EMAIL, MEMBER_SECRETS[1]), (Field.TELEPHONE, MEMBER_SECRETS[2])):
        models.Detail.objects.create(person=person, field=field, value=value, visibility=Visibility.SECRETARIAT)
    make_membership(network, person)
    return World(network, asker, member, secretariat, person, asker_person)


def question_pages_text(client: Client, *asks: models.MemberQuestion) -> str:
    """Return everything that one side can see about questions, as one text."""
    addresses = [
        reverse("network:my-questions"),
        *(reverse("network:my-question", args=[ask.public_id]) for ask in asks),
    ]
    answers = [client.get(address) for address in addresses]
    assert [answer.status_code for answer in answers] == [200] * len(addresses)
    return "\n".join(answer.content.decode() + str(answer.headers) for answer in answers)


def text_of(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


# --- Concurrency ------------------------------------------------------------------------------------------------------


def test_a_question_goes_through_the_secretariat_and_the_answer_comes_back(world: World):
    asker, member, secretariat = (world.client(one) for one in (world.asker, world.member, world.secretariat))
    answer = asker.post(
        reverse("network:ask-member", args=[world.person.public_id]), {"subject": "Forms at the door", "text": QUESTION}
    )
    ask = models.MemberQuestion.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("network:my-question", args=[ask.public_id]))
    assert (ask.progress, ask.network, ask.to, ask.by) == ("waiting", world.network, world.person, world.asker)
    assert QUESTION not in text_of(member.get(reverse("network:my-questions")))
    assert member.get(reverse("network:my-question", args=[ask.public_id])).status_code == 404

    page = secretariat.get(reverse("network:pending-question", args=[ask.public_id]))
    assert QUESTION in text_of(page)
    assert secretariat.post(reverse("network:forward-question", args=[ask.public_id])).status_code == 302

    assert QUESTION in text_of(member.get(reverse("network:my-question", args=[ask.public_id])))
    assert member.post(reverse("network:my-question", args=[ask.public_id]), {"text": ANSWER}).status_code == 302
    assert ANSWER in text_of(asker.get(reverse("network:my-question", args=[ask.public_id])))
    assert asker.post(reverse("network:my-question", args=[ask.public_id]), {"text": "Thank you."}).status_code == 302
    ask.refresh_from_db()
    assert (ask.progress, [line.side for line in ask.lines.all()]) == ("answered", ["asker", "member", "asker"])

    said = [(entry.verb, entry.actor, entry.subject, entry.person) for entry in AuditEntry.objects.filter(saw=False)]
    subject, person = f"ask {ask.public_id}", world.person.public_id
    assert said[::-1] == [
        ("sent a question to a member", world.asker, subject, person),
        ("forwarded a question", world.secretariat, subject, person),
        ("answered a question", world.member, subject, person),
        ("continued a question", world.asker, subject, person),
    ]


def test_the_secretariat_cannot_read_what_is_written_after_forwarding(world: World):
    ask = world.forwarded()
    clear_cached_access(world.member)
    actions.reply(question=ask, by=world.member, text=ANSWER)
    assert ANSWER in text_of(world.client(world.asker).get(reverse("network:my-question", args=[ask.public_id])))
    page = world.client(world.secretariat).get(reverse("network:pending-question", args=[ask.public_id]))
    assert QUESTION in text_of(page)
    assert ANSWER not in text_of(page)


def test_the_member_reads_the_clarification_that_the_secretariat_requested(world: World):
    ask = world.ask()
    secretariat, asker = world.client(world.secretariat), world.client(world.asker)
    assert not text_of(asker.get(reverse("network:my-question", args=[ask.public_id]))).count("Your message")
    secretariat.post(reverse("network:ask-sender", args=[ask.public_id]), {"text": "In which year?"})
    assert "In which year?" in text_of(asker.get(reverse("network:my-question", args=[ask.public_id])))
    asker.post(reverse("network:my-question", args=[ask.public_id]), {"text": "In 2021."})
    assert models.MemberQuestion.objects.get().progress == "waiting"
    assert "In 2021." in text_of(secretariat.get(reverse("network:pending-question", args=[ask.public_id])))
    secretariat.post(reverse("network:forward-question", args=[ask.public_id]))
    read = text_of(world.client(world.member).get(reverse("network:my-question", args=[ask.public_id])))
    assert [sentence in read for sentence in (QUESTION, "In which year?", "In 2021.")] == [True] * 3


def test_a_question_that_is_not_forwarded_is_never_visible_to_the_member(world: World):
    ask = world.ask()
    secretariat = world.client(world.secretariat)
    answer = secretariat.post(
        reverse("network:decline-question", args=[ask.public_id]), {"reason": "It names a child."}
    )
    assert answer.status_code == 302
    assert "It names a child." in text_of(
        world.client(world.asker).get(reverse("network:my-question", args=[ask.public_id]))
    )
    member = world.client(world.member)
    assert ask.subject not in text_of(member.get(reverse("network:my-questions")))
    assert [
        member.get(reverse("network:my-question", args=[ask.public_id])).status_code,
        member.post(reverse("network:my-question", args=[ask.public_id]), {"text": "?"}).status_code,
        member.post(reverse("network:decline-to-answer", args=[ask.public_id])).status_code,
    ] == [404, 404, 404]
    assert not models.OutgoingEmail.objects.filter(account=world.member).exists()


def test_declining_to_forward_a_question_requires_a_reason(world: World):
    ask = world.ask()
    answer = world.client(world.secretariat).post(
        reverse("network:decline-question", args=[ask.public_id]), {"reason": " "}
    )
    assert (answer.status_code, models.MemberQuestion.objects.get().progress) == (422, "waiting")


def test_a_member_can_decline_a_question_without_a_reason(world: World):
    ask = world.forwarded()
    assert (
        world.client(world.member).post(reverse("network:decline-to-answer", args=[ask.public_id])).status_code == 302
    )
    ask.refresh_from_db()
    assert (ask.progress, ask.reason) == ("declined", "")
    read = text_of(world.client(world.asker).get(reverse("network:my-question", args=[ask.public_id])))
    assert "declined by the member" in read
    assert "Your message" not in read
    assert queries.can_receive_questions(world.person)


def test_either_side_can_close_an_exchange(world: World):
    for who in ("asker", "member"):
        ask = world.forwarded()
        client = world.client(getattr(world, who))
        assert client.post(reverse("network:close-question", args=[ask.public_id])).status_code == 302
        ask.refresh_from_db()
        assert ask.progress == "closed"
        for side in (world.asker, world.member):
            page = world.client(side).post(reverse("network:my-question", args=[ask.public_id]), {"text": "One more"})
            assert page.status_code == 409
        assert ask.lines.count() == 1


def test_a_withdrawn_question_reaches_no_one(world: World):
    ask = world.ask()
    secretariat = world.client(world.secretariat)
    assert QUESTION in text_of(secretariat.get(reverse("network:pending-question", args=[ask.public_id])))
    world.client(world.asker).post(reverse("network:close-question", args=[ask.public_id]))
    assert world.client(world.member).get(reverse("network:my-question", args=[ask.public_id])).status_code == 404
    answer = secretariat.post(reverse("network:forward-question", args=[ask.public_id]))
    assert answer.status_code == 409
    assert "has withdrawn this question" in text_of(answer)
    assert [one for one in (QUESTION, ask.subject) if one in text_of(answer)] == []
    assert models.MemberQuestion.objects.get().progress == "closed"


# --- No one's address -------------------------------------------------------------------------------------------------


def test_neither_side_sees_the_others_address_in_any_page_or_email(world: World):
    ask = world.forwarded()
    for account, text in ((world.member, ANSWER), (world.asker, "Thank you.")):
        clear_cached_access(account)
        actions.reply(question=ask, by=account, text=text)
    stored = {
        *models.Account.objects.values_list("email", flat=True),
        *models.Detail.objects.values_list("value", flat=True),
    }
    assert {*SENDER_SECRETS, *MEMBER_SECRETS} <= stored  # there is something to leak

    letters = models.OutgoingEmail.objects.all()
    assert {letter.account for letter in letters} == {world.asker, world.member, world.secretariat}

    def letters_to(account: models.Account) -> str:
        return "\n".join(f"{one.subject}\n{one.body}\n{one.html}" for one in letters.filter(account=account))

    member_reads = question_pages_text(world.client(world.member), ask) + letters_to(world.member)
    asker_reads = question_pages_text(world.client(world.asker), ask) + letters_to(world.asker)
    asker_reads += (
        world.client(world.asker).get(reverse("network:ask-member", args=[world.person.public_id])).content.decode()
    )
    assert QUESTION in member_reads
    assert ANSWER in asker_reads
    assert [secret for secret in SENDER_SECRETS if secret in member_reads] == []
    assert [secret for secret in MEMBER_SECRETS if secret in asker_reads] == []
    assert [letter.account_id for letter in letters if letter.to != letter.account.email] == []


def test_an_email_says_that_a_message_is_waiting_but_not_what_or_from_whom(world: World):
    ask = world.forwarded()
    clear_cached_access(world.member)
    actions.reply(question=ask, by=world.member, text=ANSWER)
    letters = "\n".join(f"{one.subject}\n{one.body}\n{one.html}" for one in models.OutgoingEmail.objects.all())
    assert len(models.OutgoingEmail.objects.all()) == 3
    held = [QUESTION, ANSWER, ask.subject, "Brisk Halvane", "Ulvine Torvak", world.network.name]
    assert [secret for secret in held if secret in letters] == []


def test_an_email_links_to_the_question_in_the_language_of_its_recipient(world: World):
    models.Account.objects.filter(pk=world.member.pk).update(language="nb")
    ask = world.forwarded()
    letter = models.OutgoingEmail.objects.get(account=world.member)
    assert f"/nb/questions/{ask.public_id}/" in letter.body
    to_decide = models.OutgoingEmail.objects.get(account=world.secretariat)
    assert f"{SITE}en/questions/pending/" in to_decide.body


def test_email_headers_contain_no_other_persons_address(world: World):
    ask = world.forwarded()
    clear_cached_access(world.member)
    actions.reply(question=ask, by=world.member, text=ANSWER)
    letters = models.OutgoingEmail.objects.filter(account__in=[world.asker, world.member])
    assert letters.count() == 2
    for letter in letters:
        send_email(email=letter)
    sent = {message.to[0]: message for message in mail.outbox}
    assert set(sent) == {world.asker.email, world.member.email}
    for to, others in (
        (world.member.email, [*SENDER_SECRETS, world.secretariat.email]),
        (world.asker.email, [*MEMBER_SECRETS, world.secretariat.email]),
    ):
        raw = sent[to].message().as_string()
        assert (sent[to].to, sent[to].reply_to, sent[to].cc, sent[to].bcc) == ([to], [], [], [])
        assert [one for one in others if one in raw] == []


def test_the_sender_is_named_only_where_their_own_profile_shows_their_name(world: World):
    ask = world.forwarded()
    assert "Ulvine Torvak" not in question_pages_text(world.client(world.member), ask)
    models.Detail.objects.filter(person=world.asker_person, field=Field.NAME).update(visibility=Visibility.SIGNED_IN)
    models.Basis.objects.create(
        person=world.asker_person,
        purpose=Purpose.DIRECTORY,
        ground=LegalBasis.CONSENT,
        since=timezone.now(),
        text_version="tests",
    )
    assert "Ulvine Torvak" in question_pages_text(world.client(world.member), ask)


def test_withdrawing_consent_removes_a_members_name_from_the_senders_pages(world: World):
    ask = world.forwarded()
    assert "Brisk Halvane" in question_pages_text(world.client(world.asker), ask)
    world.person.bases.filter(purpose=Purpose.DIRECTORY).update(until=timezone.now())
    assert "Brisk Halvane" not in question_pages_text(world.client(world.asker), ask)


def test_access_by_the_secretariat_to_personal_data_is_in_the_audit_log(world: World):
    ask = world.ask()
    world.client(world.secretariat).get(reverse("network:pending-question", args=[ask.public_id]))
    seen = AuditEntry.objects.filter(saw=True, actor=world.secretariat, person=world.person.public_id).get()
    assert (seen.subject, seen.details, seen.why) == (f"ask {ask.public_id}", {"fields": ["name"]}, "questions")


# --- Who can be asked -------------------------------------------------------------------------------------------------


def test_a_hidden_person_a_person_at_risk_and_an_unknown_id_get_the_same_answer(world: World):
    hidden = make_person(account=make_account(Role.READER), consents=(Purpose.DIRECTORY, Purpose.CONTACT))
    at_risk = make_person(
        account=make_account(Role.READER),
        visibility=Visibility.PUBLIC,
        consents=(Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY, Purpose.CONTACT),
        at_risk=True,
        pseudonym="A. N.",
    )
    make_membership(world.network, hidden)
    make_membership(world.network, at_risk)
    assert models.Detail.objects.filter(person__in=[hidden, at_risk], field=Field.NAME).count() == 2
    client = world.client(world.asker)
    assert client.get(reverse("network:ask-member", args=[world.person.public_id])).status_code == 200
    answers = []
    for public_id in (hidden.public_id, at_risk.public_id, "0123456789abcdef"):
        address = reverse("network:ask-member", args=[public_id])
        for answer in (client.get(address), client.post(address, {"subject": "a", "text": "b"})):
            body = re.sub(r'value="[^"]{64}"', "", answer.content.decode()).replace(public_id, "…")
            answers.append((answer.status_code, body))
    assert {answer[0] for answer in answers} == {404}
    assert len(set(answers)) == 1
    for person in (hidden, at_risk):
        with pytest.raises(actions.PermissionDenied):
            actions.ask_member(by=world.asker, person=person, subject="a", text="b")


def test_not_even_the_secretariat_can_send_a_question_to_a_person_at_risk(world: World):
    client = world.client(world.secretariat)
    address = reverse("network:ask-member", args=[world.person.public_id])
    assert client.get(address).status_code == 200
    models.Person.objects.filter(pk=world.person.pk).update(at_risk=True, pseudonym="B. H.")
    assert client.get(address).status_code == 404


def test_members_cannot_send_questions_to_themselves(world: World):
    assert (
        world.client(world.member).get(reverse("network:ask-member", args=[world.person.public_id])).status_code == 404
    )


def test_the_page_says_when_a_member_does_not_accept_questions(world: World):
    asker, member = world.client(world.asker), world.client(world.member)
    address = reverse("network:ask-member", args=[world.person.public_id])
    assert "Send to the secretariat" in text_of(asker.get(address))
    assert member.post(reverse("network:stop-questions")).status_code == 302
    answer = asker.get(address)
    assert "This member does not accept questions." in text_of(answer)
    assert "Send to the secretariat" not in text_of(answer)
    assert asker.post(address, {"subject": "a", "text": "b"}).status_code == 409
    assert not models.MemberQuestion.objects.exists()


def test_the_page_says_that_a_member_without_an_account_does_not_accept_questions(world: World):
    models.Person.objects.filter(pk=world.person.pk).update(account=None)
    answer = world.client(world.asker).get(reverse("network:ask-member", args=[world.person.public_id]))
    assert "This member does not accept questions." in text_of(answer)


def test_opting_out_of_questions_applies_to_every_open_question_at_once(world: World):
    waiting, first, second = world.ask(subject="third"), world.forwarded(), world.forwarded()
    member = world.client(world.member)
    address = reverse("network:decline-to-answer", args=[first.public_id])
    assert member.post(address, {"leave_in_peace": "1"}).status_code == 302
    assert not queries.can_receive_questions(world.person)
    letters = models.OutgoingEmail.objects.filter(account=world.member).count()
    asker = world.client(world.asker)
    page = asker.get(reverse("network:my-question", args=[second.public_id]))
    assert "no longer accepts questions" in text_of(page)
    assert asker.post(reverse("network:my-question", args=[second.public_id]), {"text": "Please"}).status_code == 409
    secretariat = world.client(world.secretariat)
    assert secretariat.post(reverse("network:forward-question", args=[waiting.public_id])).status_code == 409
    assert models.OutgoingEmail.objects.filter(account=world.member).count() == letters
    # The member may still answer a message that had already reached them.
    assert member.post(reverse("network:my-question", args=[second.public_id]), {"text": ANSWER}).status_code == 302


def test_a_member_who_becomes_at_risk_accepts_no_questions_and_no_page_says_why(world: World):
    ask = world.forwarded()
    models.Person.objects.filter(pk=world.person.pk).update(at_risk=True, pseudonym="B. H.")
    read = question_pages_text(world.client(world.asker), ask)
    assert "no longer accepts questions" in read
    assert [one for one in ("Brisk Halvane", "B. H.", "risk") if one in read] == []


# --- No one else ------------------------------------------------------------------------------------------------------


def test_others_cannot_read_or_change_an_exchange_by_its_address(world: World):
    waiting, forwarded = world.ask(), world.forwarded()
    routes = [
        "my-question",
        "decline-to-answer",
        "close-question",
        "pending-question",
        "forward-question",
        "decline-question",
        "ask-sender",
    ]
    others = {
        "a member of the same network": make_account(Role.READER),
        "the secretariat of another": make_account(Role.SECRETARIAT, network=make_network("beacon")),
        "an administrator": make_account(Role.ADMINISTRATOR),
        "an auditor": make_account(Role.AUDITOR),
        "nobody": None,
    }
    make_membership(world.network, make_person(account=others["a member of the same network"]))
    before = list(models.MemberQuestion.objects.order_by("pk").values()), models.QuestionMessage.objects.count()
    assert QUESTION in question_pages_text(world.client(world.asker), waiting, forwarded)
    for who, account in others.items():
        client = sign_in(Client(), account, staff_session="looking around") if account else Client()
        for ask in (waiting, forwarded):
            for route in routes:
                address = reverse(f"network:{route}", args=[ask.public_id])
                for answer in (client.get(address), client.post(address, {"text": "mine", "reason": "mine"})):
                    assert answer.status_code in ({403, 404, 405} if account else {302, 405}), (who, route)
                    assert QUESTION not in answer.content.decode()
        for route in ("my-questions", "pending-questions"):
            page = client.get(reverse(f"network:{route}"))
            assert waiting.subject not in page.content.decode(), (who, route)
    assert (
        list(models.MemberQuestion.objects.order_by("pk").values()),
        models.QuestionMessage.objects.count(),
    ) == before


def test_the_secretariat_can_decide_only_in_a_staff_session(world: World):
    ask = world.ask()
    client = sign_in(Client(), world.secretariat)
    for address in (
        reverse("network:pending-questions"),
        reverse("network:pending-question", args=[ask.public_id]),
    ):
        answer = client.get(address)
        assert (answer.status_code, QUESTION in answer.content.decode()) == (302, False)
    assert client.post(reverse("network:forward-question", args=[ask.public_id])).status_code == 302
    assert models.MemberQuestion.objects.get().progress == "waiting"


def test_no_one_can_decide_on_their_own_question(world: World):
    client = world.client(world.secretariat)
    client.post(reverse("network:ask-member", args=[world.person.public_id]), {"subject": "Mine", "text": QUESTION})
    ask = models.MemberQuestion.objects.get()
    assert "Mine" not in text_of(client.get(reverse("network:pending-questions")))
    assert client.get(reverse("network:pending-question", args=[ask.public_id])).status_code == 404
    assert client.post(reverse("network:forward-question", args=[ask.public_id])).status_code == 404
    assert models.MemberQuestion.objects.get().progress == "waiting"


def test_a_refused_permission_to_ask_overrides_the_role_even_within_an_exchange(world: World):
    ask = world.forwarded()
    models.Refusal.objects.create(account=world.asker, claim=Claim.ASK_QUESTION, since=timezone.now(), reason="misuse")
    client = world.client(world.asker)
    assert client.get(reverse("network:ask-member", args=[world.person.public_id])).status_code == 403
    assert client.post(reverse("network:my-question", args=[ask.public_id]), {"text": "More"}).status_code == 403
    assert ask.lines.count() == 1


def test_a_refusal_for_one_network_applies_only_to_its_members(world: World):
    elsewhere = make_person(
        account=make_account(Role.READER),
        visibility=Visibility.SIGNED_IN,
        consents=(Purpose.DIRECTORY, Purpose.CONTACT),
    )
    both = [reverse("network:ask-member", args=[one.public_id]) for one in (world.person, elsewhere)]
    client = world.client(world.asker)
    assert [client.get(address).status_code for address in both] == [200, 200]
    models.Refusal.objects.create(
        account=world.asker, claim=Claim.ASK_QUESTION, network=world.network, since=timezone.now(), reason="misuse"
    )
    assert [client.get(address).status_code for address in both] == [404, 200]


def test_lists_need_the_same_number_of_queries_for_few_and_for_many_questions(world: World):
    def cost(account: models.Account, name: str) -> int:
        client = world.client(account)
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as queries_made:
            assert client.get(reverse(name)).status_code == 200
        return len(queries_made)

    pages = ((world.asker, "network:my-questions"), (world.secretariat, "network:pending-questions"))
    world.ask()
    few = [cost(*page) for page in pages]
    for number in range(8):
        world.ask(subject=f"question {number}")
    assert [cost(*page) for page in pages] == few


def test_a_question_to_someone_in_no_network_waits_for_the_secretariat_of_the_site(world: World):
    world.person.memberships.all().delete()
    ask = world.ask()
    of_the_site = make_account(Role.SECRETARIAT)
    assert ask.network is None
    assert (
        world.client(world.secretariat).get(reverse("network:pending-question", args=[ask.public_id])).status_code
        == 404
    )
    client = sign_in(Client(), of_the_site, staff_session="questions")
    assert client.get(reverse("network:pending-question", args=[ask.public_id])).status_code == 200


def test_the_network_that_both_belong_to_decides(world: World):
    other = make_network("beacon")
    make_membership(other, world.person)
    assert queries.deciding_network(world.asker, world.person) == world.network
    make_membership(other, world.asker_person)
    assert queries.deciding_network(world.asker, world.person) == other
    models.Membership.objects.filter(network=other, person=world.person).update(
        begins=timezone.now().date() - timedelta(days=9), ends=timezone.now().date() - timedelta(days=2)
    )
    assert queries.deciding_network(world.asker, world.person) == world.network


def test_the_senders_page_does_not_say_which_network_the_member_belongs_to(world: World):
    ask = world.ask()
    assert world.network.name == "Lantern"
    read = question_pages_text(world.client(world.asker), ask)
    read += text_of(world.client(world.asker).get(reverse("network:ask-member", args=[world.person.public_id])))
    assert "Lantern" not in read


def test_only_those_who_may_decide_are_notified_of_a_waiting_question(world: World):
    of_the_site = make_account(Role.SECRETARIAT)
    make_account(Role.SECRETARIAT, network=make_network("beacon"))
    refused = make_account(Role.SECRETARIAT, network=world.network)
    models.Refusal.objects.create(
        account=refused, claim=Claim.ANSWER_QUESTIONS, since=timezone.now(), reason="conflict"
    )
    world.ask()
    assert {letter.account for letter in models.OutgoingEmail.objects.all()} == {world.secretariat, of_the_site}


# --- Concurrency ------------------------------------------------------------------------------------------------------


def run_concurrently(*calls: Callable[[], object]) -> list[str]:
    """Run the calls at the same time, each on its own connection, and return their sorted results."""
    start, ends = threading.Barrier(len(calls)), list[str]()

    def run(call: Callable[[], object]) -> None:
        start.wait(timeout=30)
        try:
            call()
            ends.append("done")
        except actions.QuestionError as refusal:
            ends.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(ends)


@pytest.mark.django_db(transaction=True)
def test_the_last_question_of_the_day_is_accepted_once_even_if_sent_concurrently(world: World):
    for number in range(queries.QUESTIONS_PER_DAY - 1):
        world.ask(subject=f"question {number}")
    again = [models.Account.objects.get(pk=world.asker.pk) for _ in range(4)]
    person = models.Person.objects.get(pk=world.person.pk)
    ends = run_concurrently(
        *(lambda by=by: actions.ask_member(by=by, person=person, subject="The tenth", text=QUESTION) for by in again)
    )
    assert ends == ["daily_limit_reached"] * 3 + ["done"]
    assert models.MemberQuestion.objects.count() == queries.QUESTIONS_PER_DAY


@pytest.mark.django_db(transaction=True)
def test_only_one_of_two_concurrent_decisions_takes_effect(world: World):
    ask = world.ask()
    session = models.StaffSession.objects.create(
        account=world.secretariat, browser="-", reason="questions", ends_at=timezone.now() + timedelta(minutes=30)
    )
    deciding = [models.Account.objects.get(pk=world.secretariat.pk) for _ in range(2)]
    for account in deciding:
        account.second_factor, account.staff_session = True, session
    ends = run_concurrently(
        lambda: actions.forward_question(question=ask, by=deciding[0]),
        lambda: actions.decline_question(question=ask, by=deciding[1], reason="It names a child."),
    )
    ask.refresh_from_db()
    assert ends == ["done", "question_already_decided"]
    assert (ask.progress, ask.reason) in {("forwarded", ""), ("declined", "It names a child.")}
    told = {letter.account for letter in models.OutgoingEmail.objects.exclude(account=world.secretariat)}
    assert told == ({world.member} if ask.progress == "forwarded" else {world.asker})


# --- Limits -----------------------------------------------------------------------------------------------------------


def test_an_account_can_send_ten_questions_a_day(world: World):
    for number in range(queries.QUESTIONS_PER_DAY):
        world.ask(subject=f"question {number}")
    with pytest.raises(actions.DailyLimitReached):
        world.ask()
    answer = world.client(world.asker).post(
        reverse("network:ask-member", args=[world.person.public_id]), {"subject": "one more", "text": QUESTION}
    )
    assert (answer.status_code, models.MemberQuestion.objects.count()) == (409, 10)
    models.MemberQuestion.objects.update(at=timezone.now() - timedelta(hours=24, minutes=1))
    world.ask()
    assert models.MemberQuestion.objects.count() == 11


def test_each_side_can_write_twenty_messages_a_day(world: World):
    ask = world.forwarded()
    for _ in range(queries.MESSAGES_PER_DAY - 1):  # the question itself counts as one
        actions.reply(question=ask, by=world.asker, text="And?")
    with pytest.raises(actions.DailyLimitReached):
        actions.reply(question=ask, by=world.asker, text="And?")
    actions.reply(question=ask, by=world.member, text=ANSWER)


@pytest.mark.parametrize(("length", "status"), [(4_000, 302), (4_001, 422), (0, 422)])
def test_a_text_has_at_most_four_thousand_characters(world: World, length: int, status: int):
    address = reverse("network:ask-member", args=[world.person.public_id])
    answer = world.client(world.asker).post(address, {"subject": "long", "text": "x" * length})
    assert (answer.status_code, models.MemberQuestion.objects.count()) == (status, int(status == 302))


def test_the_action_itself_rejects_empty_and_overlong_texts(world: World):
    for text in ("", "   ", "x" * 4_001):
        with pytest.raises(actions.InvalidTextLength):
            world.ask(text=text)
    assert not models.MemberQuestion.objects.exists()


def test_extra_form_fields_are_ignored(world: World):
    world.client(world.asker).post(
        reverse("network:ask-member", args=[world.person.public_id]),
        {"subject": "s", "text": "t", "progress": "forwarded", "to": "1", "by": "1", "handled_at": "2026-01-01"},
    )
    ask = models.MemberQuestion.objects.get()
    assert (ask.progress, ask.to, ask.by, ask.handled_at) == ("waiting", world.person, world.asker, None)


def test_html_in_a_question_is_escaped(world: World):
    ask = world.ask(subject="<b onclick=x>S</b>", text="<script>alert(1)</script>\n<img src=x onerror=y>")
    pages = [
        world.client(world.asker).get(reverse("network:my-question", args=[ask.public_id])),
        world.client(world.secretariat).get(reverse("network:pending-question", args=[ask.public_id])),
        world.client(world.secretariat).get(reverse("network:pending-questions")),
    ]
    for page in pages:
        body = page.content.decode()
        assert "&lt;b onclick=x&gt;" in body
        assert [one for one in ("<b onclick", "<script>alert", "<img src=x") if one in body] == []
