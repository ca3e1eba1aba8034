"""Factory for a fictional activity of the fictional state Nordmark, with its funding."""

from __future__ import annotations

from decimal import Decimal

from samsvar.site.funding import models


def make_activity(slug: str = "xa-lamps", state: str = "XA") -> models.Transaction:
    """Create an activity and return its only transaction; the activity itself is `.activity`."""
    activity = models.Activity.objects.create(
        slug=slug,
        kind="programme",
        title="Lamps (fictional)",
        period="2021-2028",
        currency="EUR",
        grant=Decimal(1000),
        confidence="single-source",
        source="https://nordmark.example/",
        fictional=True,
        keeper="person",
    )
    models.ActivityState.objects.create(activity=activity, state_id=state, side="beneficiary")
    sourced = {"confidence": "single-source", "source": "https://nordmark.example/"}
    models.Partner.objects.create(activity=activity, name="Lamp House", role="promoter", side="beneficiary")
    models.Result.objects.create(activity=activity, what="Lamps lit", promised="Twelve", **sourced)
    models.Link.objects.create(activity=activity, kind="meeting", key="spring")
    models.FactsheetTotal.objects.create(
        slug=slug, kind="area", code="PA0", name="Lamps", period="2021-2028", currency="EUR", value=1, **sourced
    )
    return models.Transaction.objects.create(
        activity=activity,
        step="spent",
        value=Decimal(10),
        currency="EUR",
        confidence="single-source",
        source="https://nordmark.example/",
    )
