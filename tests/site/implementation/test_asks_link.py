"""An official answers by a link: without an account, from one browser, on the page or in a file."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from samsvar.implementation.asks import AskAct, AskAnswer, AskStatus
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.implementation import models
from samsvar.site.implementation.asks import queries
from samsvar.site.implementation.asks.actions import answers as actions
from samsvar.site.implementation.asks.actions import asks
from samsvar.site.implementation.asks.documents import WRITERS, _document_texts
from samsvar.site.monitoring.models import Finding
from tests.factories.asks import EMAIL, accept, answer_all, in_days, make_ask
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db


def path_of(ask: models.Ask, name: str = "ask-link", *more: str) -> str:
    return reverse(f"implementation:{name}", args=[queries.link_token(ask), *more])


def opened(ask: models.Ask) -> Client:
    """Return a browser in which the official has opened the link."""
    client = Client()
    assert client.post(path_of(ask), {"email": EMAIL}).status_code == 302
    return client


def answer_data(ask: models.Ask, **values: str) -> dict[str, str]:
    """Return what the answer form posts, with the same values for each question."""
    data = {"signed_by": "Kari Holm, adviser", "via": "link"}
    for question in ask.questions.all():
        for name in ("text", "figures", "evidence", "no_answer_because"):
            data[f"{name}_{question.public_id}"] = values.get(name, "")
    return data


# --- Opening the link -------------------------------------------------------------------------------------------------


def test_the_link_opens_for_the_address_to_which_it_was_sent_and_then_only_in_that_browser(client):
    ask = make_ask()
    before = client.get(path_of(ask))
    assert before.status_code == 200
    assert "How many orders" not in before.content.decode()  # the page of a link scanner shows and binds nothing
    ask.refresh_from_db()
    assert ask.device_hash == ""
    wrong = client.post(path_of(ask), {"email": "someone@else.example"})
    assert wrong.status_code == 409
    assert "was not sent to this email address" in wrong.content.decode()
    assert client.post(path_of(ask), {"email": f" {EMAIL.upper()} "}).status_code == 302
    assert "How many orders" in client.get(path_of(ask)).content.decode()
    other = Client()
    for response in (other.get(path_of(ask)), other.post(path_of(ask), {"email": EMAIL})):
        assert response.status_code == 403
        assert "How many orders" not in response.content.decode()
    for name, more in (("ask-link-file", ["xlsx"]), ("ask-link-file", ["docx"])):
        assert other.get(path_of(ask, name, *more)).status_code == 404
        assert client.get(path_of(ask, name, *more)).status_code == 200
    assert other.post(path_of(ask, "ask-link-upload"), {}).status_code == 404


def test_the_cookie_of_the_browser_is_for_the_server_only_and_ends_with_the_link(client):
    ask = make_ask(due=in_days(10))
    client.post(path_of(ask), {"email": EMAIL})
    cookie = client.cookies[f"request-{ask.public_id}-1"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert int(cookie["max-age"]) == 365 * 24 * 3600  # the link ends earlier, on a day that the desk can change
    assert cookie.value not in {ask.token_hash, ask.device_hash}
    assert "sessionid" not in client.cookies  # a session would end after twelve hours


def test_a_desk_lets_the_official_use_another_browser_once():
    ask = make_ask()
    first = opened(ask)
    asks.allow_another_browser(by=make_account(Role.NATIONAL_DESK, state="XA"), ask=ask)
    second = opened(ask)
    assert second.get(path_of(ask)).status_code == 200
    assert first.get(path_of(ask)).status_code == 403


def test_a_link_opens_one_ask_only():
    ask, other = make_ask(), make_ask(title="Other request")
    browser = opened(ask)
    assert "Other request" not in browser.get(path_of(ask)).content.decode()
    browser.cookies[f"request-{other.public_id}-1"] = browser.cookies[f"request-{ask.public_id}-1"].value
    assert "How many" not in browser.get(path_of(other)).content.decode()
    assert browser.get(reverse("implementation:ask", args=["XA", ask.public_id])).status_code == 302  # to sign in


def test_a_link_ends_fourteen_days_after_the_due_day():
    ask = make_ask()
    browser = opened(ask)
    models.Ask.objects.update(due=in_days(-14))
    assert browser.get(path_of(ask)).status_code == 200
    models.Ask.objects.update(due=in_days(-15))
    assert browser.get(path_of(ask)).status_code == 404
    assert browser.post(path_of(ask), answer_data(ask, text="Late.") | {"send": "1"}).status_code == 404


@pytest.mark.parametrize("act", [AskAct.LAPSE, AskAct.WITHDRAW])
def test_the_link_of_a_closed_ask_no_longer_works(act):
    ask = make_ask()
    browser = opened(ask)
    asks.close_ask(by=None, ask=ask, act=act, note="No longer needed.")
    assert browser.get(path_of(ask)).status_code == 404


def test_an_ask_that_was_not_sent_or_whose_official_was_deleted_has_no_link(client):
    draft, ask = make_ask(sent=False), make_ask()
    models.Ask.objects.filter(pk=ask.pk).update(official_email="")
    assert client.get(path_of(draft)).status_code == 404
    assert client.get(path_of(ask)).status_code == 404


def test_guessed_links_and_guessed_addresses_are_limited(client, settings):
    ask = make_ask()
    statuses = [client.get(reverse("implementation:ask-link", args=[f"guess-{n}"])).status_code for n in range(25)]
    assert set(statuses) == {404, 429}
    tried = [client.post(path_of(ask), {"email": f"a{n}@b.example"}).status_code for n in range(12)]
    assert tried.count(409) == 10
    assert tried[-1] == 429


def test_the_page_is_never_stored_or_indexed_and_the_token_is_not_in_a_referrer():
    ask = make_ask()
    browser = opened(ask)
    for response in (browser.get(path_of(ask)), Client().get(path_of(make_ask()))):
        assert "no-store" in response["Cache-Control"]
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in browser.get(path_of(ask, "ask-link-file", "xlsx"))["Cache-Control"]


def test_every_reading_by_the_link_is_in_the_audit_log():
    ask = make_ask()
    browser = opened(ask)
    browser.get(path_of(ask))
    browser.get(path_of(ask, "ask-link-file", "docx"))
    verbs = list(AuditEntry.objects.filter(subject=f"ask {ask.public_id}").values_list("verb", flat=True))
    assert verbs.count("opened a request for information by its link") == 1
    assert verbs.count("read a request for information by its link") == 2


# --- Answering --------------------------------------------------------------------------------------------------------


def test_an_official_saves_a_draft_and_sends_the_answers_later():
    ask = make_ask()
    browser, question = opened(ask), ask.questions.get()
    assert browser.post(path_of(ask), answer_data(ask, text="About 400") | {"save": "1"}).status_code == 302
    ask.refresh_from_db()
    assert ask.status == AskStatus.SENT
    assert "About 400" in browser.get(path_of(ask)).content.decode()
    data = answer_data(
        ask, text="412 orders.", figures="2025: 412", evidence="https://xa.example/a\nhttps://xa.example/b"
    )
    assert browser.post(path_of(ask), data | {"send": "1"}).status_code == 302
    ask.refresh_from_db()
    submission = ask.submissions.get()
    assert (ask.status, submission.number, submission.signed_by) == (AskStatus.ANSWERED, 1, "Kari Holm, adviser")
    assert queries.get_answers(submission) == {
        question.public_id: AskAnswer("412 orders.", "2025: 412", ("https://xa.example/a", "https://xa.example/b"))
    }


def test_answers_with_an_open_question_are_not_sent_but_saved_as_a_draft():
    make_report(reading=make_reading([make_finding(7), make_finding(8)]))
    ask = make_ask(findings=list(Finding.objects.all()))
    browser, first = opened(ask), ask.questions.first()
    data = answer_data(ask) | {f"text_{first.public_id}": "Only this one."}
    refused = browser.post(path_of(ask), data | {"send": "1"})
    assert refused.status_code == 422
    assert refused.content.decode().count("Answer this question, or give a reason for no answer.") == 2  # and summary
    assert not ask.submissions.exists()
    assert browser.post(path_of(ask), data | {"save": "1"}).status_code == 302
    assert ask.submissions.get().number is None


def test_a_reason_for_no_answer_is_an_answer():
    ask = make_ask()
    data = answer_data(ask, no_answer_because="Not collected before 2027.") | {"send": "1"}
    assert opened(ask).post(path_of(ask), data).status_code == 302
    ask.refresh_from_db()
    assert ask.status == AskStatus.ANSWERED


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"text": "Yes.", "no_answer_because": "No."}, "not both"),
        ({"evidence": "javascript:alert(1)"}, "one web address per line"),
        ({"text": "x" * 10_001}, "too long"),
    ],
)
def test_a_fault_is_named_at_its_field_and_nothing_is_saved(values, message):
    ask = make_ask()
    response = opened(ask).post(path_of(ask), answer_data(ask, **values) | {"save": "1"})
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not ask.submissions.exists()


def test_an_official_corrects_answers_until_the_desk_has_decided():
    ask = make_ask()
    browser = opened(ask)
    browser.post(path_of(ask), answer_data(ask, text="One.") | {"send": "1"})
    page = browser.get(path_of(ask)).content.decode()
    assert "You can correct them here until the desk has decided." in page
    browser.post(path_of(ask), answer_data(ask, text="Two.") | {"send": "1"})
    assert ask.submissions.count() == 2
    accept(ask)
    page = browser.get(path_of(ask)).content.decode()
    assert "has accepted your answers" in page
    assert "<textarea" not in page
    assert browser.post(path_of(ask), answer_data(ask, text="Three.") | {"send": "1"}).status_code == 404


def test_the_note_of_a_desk_that_sent_answers_back_is_on_the_page():
    ask = make_ask()
    browser = opened(ask)
    answer_all(ask, "Many.")
    asks.send_back(by=None, ask=ask, version=1, note="Please give the number.", due=in_days(9))
    page = browser.get(path_of(ask)).content.decode()
    assert "Please give the number." in page
    assert "Many." in page  # the earlier answer, to go on with


@pytest.mark.parametrize("file_format", ["xlsx", "docx"])
def test_a_file_is_downloaded_filled_in_and_uploaded_with_a_preview_of_its_changes(file_format):
    ask = make_ask(language="nb")
    browser, question = opened(ask), ask.questions.get()
    browser.post(path_of(ask), answer_data(ask, text="About 400") | {"save": "1"})
    content = browser.get(path_of(ask, "ask-link-file", file_format)).content
    answers, _via = actions.read_returned_file(ask=ask, content=content)
    assert answers[question.public_id].text == "About 400"  # the draft goes along
    filled = {question.public_id: AskAnswer("412 orders.", "", ("https://xa.example/a",))}
    content = WRITERS[file_format](queries.build_form(ask), filled, _document_texts(ask))
    file = SimpleUploadedFile("any name", content)
    preview = browser.post(path_of(ask, "ask-link-upload"), {"file": file})
    page = preview.content.decode()
    assert preview.status_code == 200
    assert "About 400" in page
    assert "412 orders." in page
    assert queries.current_answers(ask)[question.public_id].text == "About 400"  # nothing is saved yet
    data = {field.html_name: field.value() or "" for field in preview.context["preview"].form}
    assert browser.post(path_of(ask), data | {"save": "1"}).status_code == 302
    assert queries.current_answers(ask) == filled
    assert queries.find_draft(ask).via == file_format


def test_a_file_that_does_not_belong_or_has_faults_is_refused_and_the_draft_is_kept():
    ask, other = make_ask(), make_ask(title="Other")
    browser, question = opened(ask), ask.questions.get()
    browser.post(path_of(ask), answer_data(ask, text="About 400") | {"save": "1"})
    texts = _document_texts(ask)
    faulty = {question.public_id: AskAnswer("Yes.", no_answer_because="No.")}
    for content, status, text in (
        (WRITERS["xlsx"](queries.build_form(other), {}, texts), 409, "made for another request for information"),
        (b"PK\x03\x04 damaged", 409, "not one of the accepted types"),
        (b"%PDF-1.7 a scan", 409, "not one of the accepted types"),
        (WRITERS["docx"](queries.build_form(ask), faulty, texts), 200, "cannot be saved"),
        (b"PK" + bytes(3 * 1024 * 1024), 422, "larger than"),
    ):
        response = browser.post(path_of(ask, "ask-link-upload"), {"file": SimpleUploadedFile("f", content)})
        page = response.content.decode()
        assert (response.status_code, text in page) == (status, True), page[-3000:]
        assert "Save as draft" not in page
    assert queries.current_answers(ask)[question.public_id].text == "About 400"


def test_a_file_with_macros_is_refused():
    import io
    import zipfile

    ask = make_ask()
    buffer = io.BytesIO(WRITERS["xlsx"](queries.build_form(ask), {}, _document_texts(ask)))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    response = opened(ask).post(
        path_of(ask, "ask-link-upload"), {"file": SimpleUploadedFile("f.xlsx", buffer.getvalue())}
    )
    assert response.status_code == 409
    assert "macros" in response.content.decode()


def test_texts_of_an_answer_are_escaped_on_every_page(client):
    ask = make_ask()
    browser = opened(ask)
    attack = "<script>alert(1)</script>"
    browser.post(path_of(ask), answer_data(ask, text=attack, figures=attack) | {"send": "1"})
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    for response in (browser.get(path_of(ask)), client.get(reverse("implementation:ask", args=["XA", ask.public_id]))):
        assert attack not in response.content.decode()
        assert "&lt;script&gt;" in response.content.decode()


def test_the_page_of_a_link_takes_few_queries(django_assert_max_num_queries):
    make_report(reading=make_reading([make_finding(number) for number in range(1, 21)]))
    ask = make_ask(findings=list(Finding.objects.all()))
    browser = opened(ask)
    with django_assert_max_num_queries(20):
        browser.get(path_of(ask))
