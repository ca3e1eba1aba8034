"""The tables of all features of exchange, which form one Django app with one migration history."""

from __future__ import annotations

from samsvar.site.exchange.adoptions.models import Adoption, AdoptionEvent
from samsvar.site.exchange.introductions.models import Introduction, IntroductionMessage
from samsvar.site.exchange.practices.models import (
    LeadDecision,
    Practice,
    PracticeEvent,
    PracticeReview,
    PracticeText,
    PracticeVersion,
)
from samsvar.site.exchange.requests.models import HelpRequest, Offer, Reply

__all__ = [
    "Adoption",
    "AdoptionEvent",
    "HelpRequest",
    "Introduction",
    "IntroductionMessage",
    "LeadDecision",
    "Offer",
    "Practice",
    "PracticeEvent",
    "PracticeReview",
    "PracticeText",
    "PracticeVersion",
    "Reply",
]
