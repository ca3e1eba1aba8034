"""The XLSX and Word files of an ask, in the language of its official."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import override

from samsvar.dates import display_date
from samsvar.interchange.ask_documents import AskDocumentTexts, write_ask_docx, write_ask_xlsx
from samsvar.site.implementation.asks import models
from samsvar.site.implementation.asks.labels import FIELDS
from samsvar.site.implementation.asks.queries import build_form, current_answers, get_answers, latest_submission
from samsvar.site.shell.labels import find_label
from samsvar.site.shell.uploads import file_response
from samsvar.territories import territory_name

WRITERS = {"xlsx": write_ask_xlsx, "docx": write_ask_docx}


def document_response(ask: models.Ask, file_format: str, *, with_draft: bool) -> HttpResponse:
    """Return the file of an ask with the answers given so far; only the official's contains the draft."""
    answers = current_answers(ask) if with_draft else get_answers(latest_submission(ask))
    content = WRITERS[file_format](build_form(ask), answers, _document_texts(ask))
    return file_response(content, file_format, f"{ask.public_id}.{file_format}")


def _document_texts(ask: models.Ask) -> AskDocumentTexts:
    with override(ask.language):
        due = display_date(ask.due, ask.language)
        return AskDocumentTexts(
            language=ask.language,
            title=ask.title,
            instructions=(
                _("Request for information from %(state)s to %(body)s")
                % {"state": territory_name(ask.state_id, ask.language), "body": ask.body_text},
                *ask.message.splitlines(),
                _("Please answer by %(due)s, then upload this file at the link in the email, or return it by email.")
                % {"due": due},
                _("Fill in only the fields for answers. Do not change the questions or the reference."),
            ),
            number=_("No."),
            finding=_("Finding"),
            question=_("Question"),
            fields={name: str(find_label(FIELDS, name)) for name in FIELDS},
            key=_("Key"),
            reference=_("Reference"),
        )
