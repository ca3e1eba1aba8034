"""Personal data in rooms: who can open them. Sections and their versions do not store who wrote them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis
from samsvar.site.implementation import models
from samsvar.site.network.data_inventory import (
    DELETED,
    INTERNAL_ID,
    NoPersonalData,
    RetentionRule,
    data_category,
)

DATA_CATEGORIES = (
    data_category(
        models.RoomMember, "room_memberships", _("Rooms of organisations that the person can open"),
        exported="at",
        withheld={"room": INTERNAL_ID},
        legal_bases=(LegalBasis.LEGITIMATE_INTERESTS,),
        recipients=_("the other members of the room"),
        retention=_("until the person leaves the room, or it is deleted"),
        erasure=DELETED,
    ),
)  # fmt: skip

RETENTION_RULES = (
    RetentionRule(
        models.Room, "updated_at", "rooms", _("Rooms of organisations"),
        days=5 * 365, after=_("after the last change"),
        why=_("a room that no one has used for longer than a round of monitoring"),
    ),
)  # fmt: skip

_OF_AN_ORGANISATION = "an organisation's own text; the form asks not to name anyone"
NO_PERSONAL_DATA = {
    "samsvar_implementation.Room": NoPersonalData("an organisation's room", {"title": "a report's"}),
    "samsvar_implementation.RoomSection": NoPersonalData(
        "a section of an organisation's comment", {"text": _OF_AN_ORGANISATION}
    ),
    "samsvar_implementation.RoomSectionVersion": NoPersonalData(
        "earlier versions of it", {"text": _OF_AN_ORGANISATION}
    ),
    "samsvar_implementation.RoomPublication": NoPersonalData(
        "what an organisation has published", {"title": "a report's", "sections": _OF_AN_ORGANISATION}
    ),
}
