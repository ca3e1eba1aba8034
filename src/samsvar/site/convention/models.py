"""Models for states and their treaty events. No status is stored: the library computes it for a given day."""

from __future__ import annotations

from django.db import models


class State(models.Model):
    """A state, the European Union, or a fictional state. Names come from `samsvar.territories`."""

    code = models.CharField(max_length=3, primary_key=True)  # ISO 3166-1 alpha-2, "EU", or XA–XZ for fictional states
    kind = models.CharField(max_length=20)  # one of the kinds in samsvar.territories
    column = models.PositiveSmallIntegerField(null=True)  # position on the tile map
    row = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["code"]

    @property
    def fictional(self) -> bool:
        return self.kind == "fictional"


class TreatyEvent(models.Model):
    """A treaty event with its source, which `samsvar.convention.status` uses to compute statuses."""

    public_id = models.CharField(max_length=16, unique=True)  # computed from the source values by ids.stable_id
    state = models.ForeignKey(State, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=40)
    # ISO, as precise as the source: "2019-06-04", "2019-06", "2019", ""
    day = models.CharField(max_length=10, blank=True)
    effective = models.CharField(max_length=10, blank=True)
    provisions = models.CharField(max_length=200, blank=True)  # "30(2);44(1)(e)"
    basis = models.CharField(max_length=200, blank=True)  # the clauses under which it was made: "78(3)"
    note = models.TextField(blank=True)
    source = models.TextField(blank=True)
    second_source = models.TextField(blank=True)
    confidence = models.CharField(max_length=20)

    class Meta:
        ordering = ["state_id", "day", "id"]
