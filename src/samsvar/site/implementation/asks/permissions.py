"""Permissions for asks: a state's desk sends them, and the holder of a link answers one in one browser."""

from __future__ import annotations

from datetime import date

from django.utils.crypto import constant_time_compare

from samsvar.ids import hash_secret
from samsvar.implementation.asks import AskStatus, is_link_valid
from samsvar.site.implementation.asks.models import Ask
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.network.access.permissions import User


def can_manage_asks(user: User, state: str) -> bool:
    """Return whether a user can send the asks of a state and decide on the answers: its national desk can."""
    return can_manage_country(user, state)


def can_open_by_link(ask: Ask, day: date) -> bool:
    """Return whether the link of an ask still works. The asks of a person whose data was deleted have none."""
    return bool(ask.official_email) and is_link_valid(AskStatus(ask.status), ask.due, day)


def is_own_device(ask: Ask, secret: str) -> bool:
    """Return whether a browser with this secret is the one in which the link was first used."""
    return bool(secret and ask.device_hash) and constant_time_compare(hash_secret(secret), ask.device_hash)
