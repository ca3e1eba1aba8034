"""What remains of an introduction once a side's personal data is erased, or once it is old: a count, without names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from samsvar.exchange.introductions import IntroductionStatus
from samsvar.site.exchange.introductions import actions
from samsvar.site.exchange.models import Introduction, IntroductionMessage
from samsvar.site.network.data_inventory import data_categories, find_retention_rule, resolve_subject, retention_days
from samsvar.site.network.privacy.actions.privacy import erase_personal_data
from samsvar.site.network.privacy.actions.retention import run_retention
from tests.factories.exchange_introductions import make_introduction, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def introduction(db: None) -> Any:
    introduction = make_introduction(introduced=True, match=None)
    actions.write_message(by=introduction.asker, introduction=introduction, text="Would Tuesday suit you?")
    return introduction


@pytest.mark.parametrize("side", ["asker", "helper"])
def test_erasure_keeps_the_count_without_the_side(introduction: Any, side: str) -> None:
    account = getattr(introduction, side)
    erase_personal_data(subject=resolve_subject(account=account), by=account, channel="on the site")
    kept = Introduction.objects.get(pk=introduction.pk)
    assert getattr(kept, side) is None
    assert (kept.asker_state_id, kept.helper_state_id, kept.status) == ("XA", "XB", IntroductionStatus.LEFT)
    assert not IntroductionMessage.objects.exists()


def test_what_took_place_still_took_place_after_erasure(introduction: Any) -> None:
    actions.record_held(by=introduction.helper, introduction=introduction, held_on=timezone.localdate())
    actions.record_outcome(by=introduction.asker, introduction=introduction, outcome="We wrote a tender.")
    asker = introduction.asker
    erase_personal_data(subject=resolve_subject(account=asker), by=asker, channel="on the site")
    kept = Introduction.objects.get(pk=introduction.pk)
    assert (kept.status, kept.outcome, kept.request) == (IntroductionStatus.TOOK_PLACE, "", None)


def test_an_old_introduction_is_anonymised_and_still_counts(introduction: Any) -> None:
    rule = find_retention_rule("introductions")
    assert rule is not None
    actions.leave_introduction(by=introduction.asker, introduction=introduction)
    now = timezone.now()
    for days, names in ((retention_days(rule) - 1, 1), (retention_days(rule) + 1, 0)):
        Introduction.objects.update(ended_at=now - timedelta(days=days))
        run_retention(by=None, now=now)
        assert Introduction.objects.filter(asker__isnull=False, helper__isnull=False).count() == names
    kept = Introduction.objects.get()
    assert (kept.asker_state_id, kept.helper_state_id, kept.status) == ("XA", "XB", IntroductionStatus.LEFT)
    assert not IntroductionMessage.objects.exists()
    assert run_retention(by=None, now=now).get("introductions", 0) == 0


def test_a_helper_does_not_learn_of_a_proposal_from_their_own_data() -> None:
    helper = make_member("Hanna Helper")
    introduction = make_introduction(helper=helper)
    category = next(one for one in data_categories() if one.key == "introductions_helping")
    subject = resolve_subject(account=helper)
    assert category.export_rows(subject) == []
    actions.invite_both(by=None, introduction=introduction)
    assert [row["public_id"] for row in category.export_rows(subject)] == [introduction.public_id]
