"""What two members of the demonstration follow, and the digest that each of them has got."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from samsvar.site.demo.helpers import load_demo_file, record_demo_data
from samsvar.site.following import models
from samsvar.site.following.actions import change_digest, follow, send_digests
from samsvar.site.following.targets import FollowTarget, find_search, find_target
from samsvar.site.network.models import Account

FOLLOWED_FOR = timedelta(days=30)  # before today, so that what the demonstration publishes is news


def make_demo_following() -> None:
    """Let members follow something and send their digests, unless someone follows something already."""
    if models.Follow.objects.exists():
        return
    members = load_demo_file("following.toml")["member"]
    now = timezone.now()
    for member in members:
        account = Account.objects.get(email=member["email"])
        for entry in member["follow"]:
            _follow(account, entry)
        change_digest(account=account, frequency=member["frequency"])
    models.Follow.objects.update(since=now - FOLLOWED_FOR)
    send_digests(now=now)
    for member in members:
        account = Account.objects.get(email=member["email"])
        for entry in member["later"]:
            _follow(account, entry)
    record_demo_data("following", members=len(members))


def _follow(account: Account, entry: Mapping[str, Any]) -> None:
    follow(account=account, target=_find_target(entry), note=entry.get("note", ""))


def _find_target(entry: Mapping[str, Any]) -> FollowTarget:
    target = find_search(QueryDict(entry["query"])) if "query" in entry else find_target(entry["kind"], entry["key"])
    if target is None:
        raise LookupError(f"The demonstration has no {entry}.")
    return target
