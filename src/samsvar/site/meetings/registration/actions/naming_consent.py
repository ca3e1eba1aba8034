"""Actions that give and withdraw consent to be named in the programme, with an account or a personal link.

The consent is stored with its text and time, like every consent in the network app (`Purpose.PROGRAMME`), and listed
among the person's other consents once they have an account. The caller has verified who the person is, because no one
can consent for someone else.
"""

from __future__ import annotations

from samsvar.network.consent import Purpose, current_consent_text
from samsvar.site.network.access.permissions import Account, Person, clear_cached_access
from samsvar.site.network.directory.actions.consent import give_consent, withdraw_consent


def give_naming_consent(*, person: Person, version: str, by: Account | None) -> None:
    """Save a person's consent to be named in the programme, given to this version of the consent text."""
    if by is not None:
        clear_cached_access(by)  # the cached access of someone just registering has no person yet
    give_consent(person=person, purpose=Purpose.PROGRAMME, version=version, by=by)


def withdraw_naming_consent(*, person: Person, by: Account | None) -> None:
    """Withdraw naming consent in every programme at once. Names are looked up when pages and feeds are rendered."""
    withdraw_consent(person=person, purpose=Purpose.PROGRAMME, by=by)


def current_consent_version() -> str:
    """Return the version of the consent text in force; "" if there is none."""
    text = current_consent_text(Purpose.PROGRAMME)
    return text.version if text is not None else ""
