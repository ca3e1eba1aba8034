"""Give and withdraw consent to be named in the programme, with an account or by one's own link.

It is a consent of the network (`Purpose.PROGRAMME`), with its text and time, and appears among one's other consents
once there is an account. The caller has verified the identity: no one can consent for another.
"""

from __future__ import annotations

from samsvar.network.consent import Purpose, current_consent_text
from samsvar.site.network.access.permissions import Account, Person, forget_access
from samsvar.site.network.directory.actions.consent import give_consent, withdraw_consent


def give_naming_consent(*, person: Person, version: str, by: Account | None) -> None:
    """Record consent to be named in the programme, to this version of the text."""
    if by is not None:
        forget_access(by)  # a person who is just registering had no person record before
    give_consent(person=person, purpose=Purpose.PROGRAMME, version=version, by=by)


def withdraw_naming_consent(*, person: Person, by: Account | None) -> None:
    """Withdraw naming consent, at once and in every programme; pages and feeds look names up when they are rendered."""
    withdraw_consent(person=person, purpose=Purpose.PROGRAMME, by=by)


def current_consent_version() -> str:
    """Return the version of the consent text in force; "" if there is none."""
    text = current_consent_text(Purpose.PROGRAMME)
    return text.version if text is not None else ""
