"""A desk asks several bodies, reads the answers, sends them back or accepts them, and uses them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from samsvar.implementation.asks import ActNotPossible, AskAct, AskAnswer, AskStatus
from samsvar.implementation.evidence import EvidenceStatus, Side
from samsvar.implementation.measures import MeasureVisibility, ReasonRequired, Stage
from samsvar.interchange.ask_documents import write_ask_docx, write_ask_xlsx
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.models import State
from samsvar.site.implementation import models
from samsvar.site.implementation.asks import queries
from samsvar.site.implementation.asks.actions import answers as answer_actions
from samsvar.site.implementation.asks.actions import asks as actions
from samsvar.site.implementation.asks.actions import uses
from samsvar.site.implementation.asks.documents import _document_texts
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.data_inventory import find_retention_rule, retention_days
from samsvar.site.network.models import Organisation
from samsvar.site.network.privacy.actions.retention import run_retention
from tests.factories.asks import accept, answer_all, in_days, make_ask
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    for code in ("XA", "XB"):
        State.objects.get_or_create(code=code, defaults={"kind": "fictional"})
    return make_account(Role.NATIONAL_DESK, state="XA")


@pytest.fixture
def findings():
    make_report(reading=make_reading([make_finding(7), make_finding(8)]))
    return list(Finding.objects.order_by("ordinal"))


def address(name: str, ask: models.Ask, *more) -> str:
    return reverse(f"implementation:{name}", args=[ask.state_id, ask.public_id, *more])


def recipient(number: int, **values: str) -> dict[str, str]:
    row = {"body_name": f"Region {number}", "name": "A. Berg", "email": f"r{number}@xa.example", "language": "nb"}
    return {f"recipients-{number}-{name}": value for name, value in {**row, **values}.items()}


def new_ask_data(*recipients: dict[str, str], total: int = 3, **values: str) -> dict[str, str]:
    data = {
        "title": "Shelters",
        "message": "",
        "question": "What is planned?",
        "due": in_days(20).isoformat(),
        "recipients-TOTAL_FORMS": str(total),
        "recipients-INITIAL_FORMS": "0",
        "recipients-MIN_NUM_FORMS": "1",
        "recipients-MAX_NUM_FORMS": "30",
        **values,
    }
    for one in recipients:
        data |= one
    return data


# --- Making asks ------------------------------------------------------------------------------------------------------


def test_a_desk_drafts_one_ask_per_body_from_the_findings_it_chose_and_sends_them_together(client, desk, findings):
    sign_in(client, desk)
    page = reverse("implementation:new-ask", args=["XA"])
    assert findings[0].text[:40] in client.get(page).content.decode()
    chosen = f"{page}?" + "&".join(f"finding={finding.public_id}" for finding in findings)
    assert client.get(chosen).status_code == 200
    response = client.post(chosen, new_ask_data(recipient(0), recipient(2)))
    assert response.status_code == 302
    drafts = list(models.Ask.objects.all())
    assert [ask.body_text for ask in drafts] == ["Region 0", "Region 2"]
    assert {ask.status for ask in drafts} == {AskStatus.DRAFTED}
    for ask in drafts:
        assert [(q.finding_id, q.quotation, q.text) for q in ask.questions.all()] == [
            (finding.public_id, finding.text, "What is planned?") for finding in findings
        ]
        assert "s. 1" in ask.questions.first().citation  # cited in the official's language
    ids = [ask.public_id for ask in drafts]
    assert client.post(reverse("implementation:send-asks", args=["XA"]), {"ask": ids}).status_code == 302
    assert set(models.Ask.objects.values_list("status", flat=True)) == {AskStatus.SENT}


def test_findings_of_another_state_cannot_be_asked_about(client, desk, findings):
    foreign = Finding.objects.last()
    Finding.objects.filter(pk=foreign.pk).update(state="XB")
    sign_in(client, desk)
    page = reverse("implementation:new-ask", args=["XA"])
    client.post(f"{page}?finding={foreign.public_id}", new_ask_data(recipient(0)))
    assert models.Ask.objects.get().questions.get().finding_id is None


def test_more_rows_for_officials_keep_what_was_typed(client, desk):
    sign_in(client, desk)
    page = reverse("implementation:new-ask", args=["XA"]) + "?free=1"
    response = client.post(page.replace("/en/", "/ro/"), new_ask_data(recipient(0), more="1"))
    body = response.content.decode()
    assert response.status_code == 200
    assert 'name="recipients-5-name"' in body
    assert 'value="Region 0"' in body
    assert 'value="Shelters"' in body
    languages = [form["language"].value() for form in response.context["recipients"]]
    assert languages == ["nb", None, None, "ro", "ro", "ro"]  # a browser posts the language of each row that it shows
    assert not models.Ask.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        new_ask_data(),
        new_ask_data(recipient(0, email="no address")),
        new_ask_data(recipient(0, body_name="")),
        new_ask_data(recipient(0), question=" "),
        new_ask_data(recipient(0), **{"recipients-TOTAL_FORMS": "x"}),
    ],
)
def test_an_incomplete_ask_is_not_saved(client, desk, data):
    sign_in(client, desk)
    assert client.post(reverse("implementation:new-ask", args=["XA"]) + "?free=1", data).status_code == 422
    assert not models.Ask.objects.exists()


def test_a_draft_is_edited_question_by_question_and_deleted(client, desk, findings):
    ask = make_ask(sent=False, findings=findings)
    first, second = ask.questions.all()
    sign_in(client, desk)
    data = {
        "title": "New title",
        "message": "",
        "due": in_days(9).isoformat(),
        "official_name": "B. Dahl",
        "official_email": "B.Dahl@xa.example",
        "language": "fr",
        f"question_{first.pk}": "Only this?",
        f"question_{second.pk}": "",
        "new_question": "And anything else?",
    }
    assert client.post(address("edit-ask", ask), data).status_code == 302
    ask.refresh_from_db()
    assert (ask.title, ask.official_email, ask.language) == ("New title", "b.dahl@xa.example", "fr")
    assert [question.text for question in ask.questions.all()] == ["Only this?", "And anything else?"]
    assert client.post(address("delete-ask", ask)).status_code == 302
    assert not models.Ask.objects.exists()


def test_an_ask_without_a_question_or_with_a_due_day_in_the_past_is_not_sent(desk):
    past = make_ask(sent=False, due=in_days(0))
    with pytest.raises(actions.DueDayPast):
        actions.send_asks(by=desk, asks=[past])
    empty = make_ask(sent=False)
    empty.questions.all().delete()
    with pytest.raises(actions.NoQuestions):
        actions.send_asks(by=desk, asks=[make_ask(sent=False), empty])
    assert set(models.Ask.objects.values_list("status", flat=True)) == {AskStatus.DRAFTED}  # all or none


# --- Deciding ---------------------------------------------------------------------------------------------------------


def test_answers_are_sent_back_answered_again_and_accepted_and_each_version_is_kept(client, desk):
    ask = make_ask()
    answer_all(ask, "Many.")
    sign_in(client, desk)
    data = {"note": "Please give the number.", "due": in_days(10).isoformat(), "version": "1"}
    assert client.post(address("send-ask-back", ask), data).status_code == 302
    ask.refresh_from_db()
    assert (ask.status, ask.edition, ask.due) == (AskStatus.SENT_BACK, 2, in_days(10))
    answer_all(ask, "412 orders.")
    page = client.get(address("ask", ask)).content.decode()
    assert "412 orders." in page
    assert "Please give the number." in page
    assert "changed in this version" in page
    assert "Many." in client.get(address("ask", ask) + "?version=1").content.decode()
    assert client.get(address("ask", ask) + "?version=3").status_code == 404
    assert client.post(address("accept-ask", ask), {"version": "2"}).status_code == 302
    ask.refresh_from_db()
    assert (ask.status, ask.accepted_version) == (AskStatus.ACCEPTED, 2)
    assert [(event.act, event.actor, event.version) for event in ask.events.all()] == [
        ("send", "desk", None),
        ("answer", "official", 1),
        ("send_back", "desk", 1),
        ("answer", "official", 2),
        ("accept", "desk", 2),
    ]
    verbs = set(AuditEntry.objects.filter(subject=f"ask {ask.public_id}").values_list("verb", flat=True))
    assert {"sent back a request for information", "accepted the answers to a request for information"} <= verbs


def test_a_desk_cannot_decide_on_a_version_of_which_there_is_a_newer_one(desk):
    ask = make_ask()
    answer_all(ask, "One.")
    answer_all(ask, "Two.")
    with pytest.raises(actions.NewerAnswers):
        actions.accept_answers(by=desk, ask=ask, version=1)
    with pytest.raises(actions.NewerAnswers):
        actions.send_back(by=desk, ask=ask, version=1, note="No.", due=in_days(5))
    ask.refresh_from_db()
    assert (ask.status, ask.edition) == (AskStatus.ANSWERED, 1)


def test_sending_back_and_withdrawing_need_a_reason(desk):
    ask = make_ask()
    with pytest.raises(ReasonRequired):
        actions.close_ask(by=desk, ask=ask, act=AskAct.WITHDRAW, note=" ")
    answer_all(ask)
    with pytest.raises(ReasonRequired):
        actions.send_back(by=desk, ask=ask, version=1, note="", due=in_days(5))


def test_an_answered_ask_can_be_neither_withdrawn_nor_marked_as_lapsed(client, desk):
    ask = make_ask()
    answer_all(ask)
    sign_in(client, desk)
    with pytest.raises(ActNotPossible):
        actions.close_ask(by=desk, ask=ask, act=AskAct.WITHDRAW, note="A mistake.")
    assert client.post(address("lapse-ask", ask)).status_code == 302
    ask.refresh_from_db()
    assert ask.status == AskStatus.ANSWERED


def test_a_lapsed_ask_is_sent_again_with_a_new_link_and_edition(client, desk):
    ask = make_ask()
    token = queries.link_token(ask)
    sign_in(client, desk)
    client.post(address("lapse-ask", ask))
    assert queries.find_ask_by_token(token, in_days(0)) is None
    assert client.post(address("send-ask-again", ask), {"due": in_days(12).isoformat()}).status_code == 302
    ask.refresh_from_db()
    assert (ask.status, ask.edition, ask.due) == (AskStatus.SENT, 2, in_days(12))
    assert queries.find_ask_by_token(token, in_days(0)) is None
    assert queries.find_ask_by_token(queries.link_token(ask), in_days(0)) == ask


def test_another_official_gets_a_new_link_and_never_sees_the_draft_of_the_first(client, desk):
    ask = make_ask()
    token = queries.link_token(ask)
    answer_actions.save_draft(ask=ask, answers={ask.questions.get().public_id: AskAnswer(text="Half an answer")})
    sign_in(client, desk)
    data = {"name": "B. Dahl", "email": "b.dahl@xa.example"}
    assert client.post(address("change-ask-official", ask), data).status_code == 302
    ask.refresh_from_db()
    assert queries.find_ask_by_token(token, in_days(0)) is None
    assert queries.find_ask_by_token(queries.link_token(ask), in_days(0)) == ask
    assert queries.current_answers(ask) == {}


def test_the_desk_never_sees_a_draft(client, desk):
    ask = make_ask()
    answer_actions.save_draft(ask=ask, answers={ask.questions.get().public_id: AskAnswer(text="Half an answer")})
    sign_in(client, desk)
    assert queries.current_answers(ask)  # there is something to leak
    for path in (address("ask", ask), reverse("implementation:asks", args=["XA"]), address("enter-ask-answers", ask)):
        assert "Half an answer" not in client.get(path).content.decode()
    file = client.get(address("ask-file", ask, "xlsx")).content
    answers, _via = answer_actions.read_returned_file(ask=ask, content=file)
    assert all(answer.is_empty for answer in answers.values())


# --- The table --------------------------------------------------------------------------------------------------------


def test_the_table_shows_all_asks_with_those_first_that_wait_for_the_desk(client, desk):
    drafted, sent = make_ask(sent=False, body="Drafted body"), make_ask(body="Sent body")
    overdue, answered = make_ask(body="Overdue body"), make_ask(body="Answered body")
    models.Ask.objects.filter(pk=overdue.pk).update(due=in_days(-2))
    answer_all(answered)
    make_ask(state="XB", body="Foreign body")
    table = queries.ask_table("XA", in_days(0))
    assert [line.ask for line in table.lines] == [answered, overdue, sent, drafted]
    assert (table.overdue, table.counts["sent"], table.counts["answered"]) == (1, 2, 1)
    assert [line.ask for line in queries.ask_table("XA", in_days(0), overdue=True).lines] == [overdue]
    assert [line.ask for line in queries.ask_table("XA", in_days(0), status="drafted").lines] == [drafted]
    assert [line.ask for line in queries.ask_table("XA", in_days(0), body="Sent body").lines] == [sent]
    page = sign_in(client, desk).get(reverse("implementation:asks", args=["XA"])).content.decode()
    assert "Answered body" in page
    assert "Foreign body" not in page


def test_the_table_takes_one_query_for_forty_asks(desk, django_assert_num_queries):
    for number in range(40):
        make_ask(sent=False, body=f"Body {number}")
    with django_assert_num_queries(1):
        assert len(queries.ask_table("XA", in_days(0)).lines) == 40


def test_the_desk_shows_the_asks_that_wait_for_it_or_are_overdue(client, desk, django_assert_num_queries):
    answer_all(make_ask(title="Answered request"))
    late = make_ask(title="Late request")
    models.Ask.objects.filter(pk=late.pk).update(due=in_days(-1))
    make_ask(title="Other request")
    make_ask(state="XB", title="Foreign request")
    page = sign_in(client, desk).get(reverse("implementation:desk", args=["XA"])).content.decode()
    assert reverse("implementation:asks", args=["XA"]) in page
    assert "Answers to decide on: 1. Awaiting an answer: 2. Overdue: 1." in page
    shown = [title for title in ("Answered", "Late", "Other", "Foreign") if f"{title} request" in page]
    assert shown == ["Answered", "Late"]
    with django_assert_num_queries(1):
        queries.desk_panel("XA")


# --- Returned files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("write", "via"), [(write_ask_xlsx, "xlsx"), (write_ask_docx, "docx")])
def test_a_file_returned_by_email_is_entered_after_a_preview(client, desk, write, via, tmp_path):
    ask = make_ask()
    question = ask.questions.get().public_id
    given = {question: AskAnswer("412 orders.", "2025: 412", ("https://xa.example/orders",))}
    path = tmp_path / f"returned.{via}"
    path.write_bytes(write(queries.build_form(ask), given, _document_texts(ask)))
    sign_in(client, desk)
    with path.open("rb") as file:
        preview = client.post(address("enter-ask-answers", ask), {"file": file})
    page = preview.content.decode()
    assert preview.status_code == 200
    assert "412 orders." in page
    assert "Nothing is saved yet" in page
    assert not ask.submissions.exists()
    form = preview.context["preview"].form
    data = {field.html_name: field.value() or "" for field in form}
    assert client.post(address("enter-ask-answers", ask), data).status_code == 302
    submission = ask.submissions.get()
    assert queries.get_answers(submission) == given
    assert (submission.via, submission.entered_by, submission.signed_by) == (via, desk, "Kari Holm")
    ask.refresh_from_db()
    assert ask.status == AskStatus.ANSWERED
    assert ask.events.last().actor == "desk"


def test_a_file_of_another_ask_or_of_an_older_edition_is_refused_by_name(client, desk, tmp_path):
    ask, other = make_ask(), make_ask(title="Other")
    sign_in(client, desk)
    files = {
        "This file was made for another request for information.": client.get(
            address("ask-file", other, "docx")
        ).content,
        "The request for information was sent again or sent back": client.get(address("ask-file", ask, "xlsx")).content,
    }
    answer_all(ask)
    actions.send_back(by=desk, ask=ask, version=1, note="More.", due=in_days(9))
    for text, content in files.items():
        path = tmp_path / "file"
        path.write_bytes(content)
        with path.open("rb") as file:
            response = client.post(address("enter-ask-answers", ask), {"file": file})
        assert response.status_code == 409
        assert text in response.content.decode()


# --- Uses -------------------------------------------------------------------------------------------------------------


def test_an_accepted_answer_becomes_evidence_of_the_state_signed_by_the_body(client, desk, findings):
    body = Organisation.objects.create(name="Police Directorate", state_id="XA", kind="police")
    ask = make_ask(findings=findings)
    models.Ask.objects.filter(pk=ask.pk).update(organisation=body, body_name="")
    ask.refresh_from_db()
    answer_all(ask, "A helpline opened.\nIt is free.", evidence=("https://xa.example/helpline",))
    accept(ask, by=desk)
    question = ask.questions.first()
    sign_in(client, desk)
    assert client.post(address("use-ask-answer", ask, question.pk), {"make": "evidence"}).status_code == 302
    evidence = models.Evidence.objects.get()
    assert (evidence.finding_id, evidence.side, evidence.status) == (
        question.finding_id,
        Side.STATE,
        EvidenceStatus.OFFERED,  # not public before the desk releases it
    )
    assert (evidence.organisation, evidence.title, evidence.link, evidence.given_by) == (
        body,
        "A helpline opened.",
        "https://xa.example/helpline",
        desk,
    )
    with pytest.raises(uses.AnswerNotUsable):
        uses.make_evidence(by=desk, ask=ask, question=question.pk)
    page = client.get(address("ask", ask)).content.decode()
    assert reverse("implementation:evidence", args=[evidence.public_id]) in page


def test_an_accepted_answer_becomes_a_proposed_measure_that_answers_its_finding(client, desk, findings):
    ask = make_ask(findings=findings, body="Region North")
    answer_all(ask, "A shelter with 20 places is planned.")
    accept(ask, by=desk)
    question = ask.questions.first()
    sign_in(client, desk)
    assert client.post(address("use-ask-answer", ask, question.pk), {"make": "measure"}).status_code == 302
    measure = models.Measure.objects.get()
    assert (measure.stage, measure.lead_text, measure.title) == (
        Stage.PROPOSED,
        "Region North",
        "A shelter with 20 places is planned.",
    )
    assert measure.answers.get().finding_id == question.finding_id
    assert measure.visibility == MeasureVisibility.DESK
    assert (
        reverse("implementation:measure", args=[measure.public_id]) in client.get(address("ask", ask)).content.decode()
    )
    assert {change.cause for change in models.Change.objects.all()} == {"ask"}


def test_an_answer_that_is_not_accepted_or_says_nothing_cannot_be_used(desk, findings):
    ask = make_ask(findings=findings)
    first, second = ask.questions.all()
    given = {first.public_id: AskAnswer(text="Yes."), second.public_id: AskAnswer(no_answer_because="Not known.")}
    answer_actions.submit_answers(ask=ask, answers=given, signed_by="K. Holm")
    for question in (first.pk, second.pk, 0):
        with pytest.raises(uses.AnswerNotUsable):
            uses.make_evidence(by=desk, ask=ask, question=question)
    ask.refresh_from_db()
    accept(ask, by=desk)
    with pytest.raises(uses.AnswerNotUsable):
        uses.propose_measure(by=desk, ask=ask, question=second.pk)


# --- Strangers --------------------------------------------------------------------------------------------------------


def test_only_the_desk_of_the_state_can_act_on_its_asks(desk, findings):
    ask = make_ask(findings=findings)
    answer_all(ask)
    strangers = [
        make_account(Role.NATIONAL_DESK, state="XB"),
        make_account(Role.REVIEWER),
        make_account(Role.EDITOR),
        make_account(Role.CONTRIBUTOR),
    ]
    for stranger in strangers:
        attempts = (
            lambda by: actions.accept_answers(by=by, ask=ask, version=1),
            lambda by: actions.send_back(by=by, ask=ask, version=1, note="x", due=in_days(3)),
            lambda by: actions.send_asks(by=by, asks=[ask]),
            lambda by: actions.close_ask(by=by, ask=ask, act=AskAct.LAPSE),
            lambda by: actions.change_official(by=by, ask=ask, name="x", email="x@xa.example"),
            lambda by: actions.allow_another_browser(by=by, ask=ask),
            lambda by: actions.delete_draft(by=by, ask=ask),
            lambda by: uses.make_evidence(by=by, ask=ask, question=ask.questions.first().pk),
            lambda by: uses.propose_measure(by=by, ask=ask, question=ask.questions.first().pk),
        )
        for attempt in attempts:
            with pytest.raises(PermissionDenied):
                attempt(stranger)
    ask.refresh_from_db()
    assert ask.status == AskStatus.ANSWERED


def test_a_desk_finds_no_ask_of_another_state_at_any_address(client, desk):
    ask = make_ask()
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XB"))
    for state in ("XA", "XB"):  # also not below its own state's address
        for name in ("ask", "edit-ask", "send-ask-back", "enter-ask-answers", "change-ask-official", "withdraw-ask"):
            path = reverse(f"implementation:{name}", args=[state, ask.public_id])
            assert client.get(path).status_code == 404, path
    assert client.get(reverse("implementation:asks", args=["XA"])).status_code == 404


# --- Retention --------------------------------------------------------------------------------------------------------


def test_a_year_after_the_due_day_the_official_is_forgotten_and_the_answers_are_kept():
    old, young = make_ask(), make_ask(title="Young")
    for ask in (old, young):
        answer_all(ask)
    period = retention_days(find_retention_rule("asks_received"))
    models.Ask.objects.filter(pk=old.pk).update(due=in_days(-period - 2))
    models.Ask.objects.filter(pk=young.pk).update(due=in_days(-period + 1))
    assert run_retention(by=None, now=timezone.now())["asks_received"] == 1
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.official_name, old.official_email, old.token_hash, old.device_hash) == ("", "", "", "")
    assert old.body_text == "Ministry of Justice"
    submission = old.submissions.get()
    assert (submission.signed_by, submission.answers.count()) == ("", 1)
    assert young.official_email
    assert young.submissions.get().signed_by


# --- Words ------------------------------------------------------------------------------------------------------------


def texts_of(path: Path) -> list[str]:
    """Return the English texts of a module or template, and the verbs of its lines in the audit log."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        return re.findall(r"\{% translate \"([^\"]+)|_\(\"([^\"]+)|blocktranslate[^%]*%\}([^{]+)", source)
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    given = {"_": 0, "gettext": 0, "ngettext": 0, "pgettext": 1, "pgettext_lazy": 1, "record": 0, "_record": 0}
    return [
        constant.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in given
        for argument in [*call.args[given[call.func.id] :], *(one.value for one in call.keywords if one.arg == "verb")]
        for constant in ast.walk(argument)
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    ]


def test_no_text_says_request_alone_because_the_network_has_requests_for_help_too():
    """A desk asks a body for information; someone asks the network for help."""
    folder = Path(queries.__file__).parent
    texts = [
        "".join(text)
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".py", ".html"}
        for text in texts_of(path)
    ]
    assert sum("for information" in text for text in texts) > 40
    assert [text for text in texts if re.search(r"\brequests?\b(?! for information)", text, re.IGNORECASE)] == []
