"""A speaker agrees that the programme names them, or takes that back: with an account or by a link of their own.

It is the consent of the network (`Purpose.PROGRAMME`), with its text and its moment, so that it reads the same among
one's consents once one has an account. The caller has made sure that it is them: nobody agrees for another.
"""

from __future__ import annotations

from samsvar.network.consent import Purpose, current_text
from samsvar.site.network.access.permissions import Account, Person, forget_access
from samsvar.site.network.directory.actions.consent import give_consent, withdraw_consent


def agree_to_be_named(*, person: Person, version: str, by: Account | None) -> None:
    """From now on the programme names them, in the words of this version of the text."""
    if by is not None:
        forget_access(by)  # who registers just now had no person before
    give_consent(person=person, purpose=Purpose.PROGRAMME, version=version, by=by)


def be_named_no_more(*, person: Person, by: Account | None) -> None:
    """At once and in every programme; pages and feeds ask for names when they are made."""
    withdraw_consent(person=person, purpose=Purpose.PROGRAMME, by=by)


def text_of_today() -> str:
    """The version that is asked for."""
    text = current_text(Purpose.PROGRAMME)
    return text.version if text is not None else ""
