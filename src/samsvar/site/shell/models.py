"""The model that counts requests for rate limits."""

from __future__ import annotations

from django.db import models


class RateLimitCounter(models.Model):
    """How full one limit is for one account, network address or target: a bucket that empties evenly with time.

    `key` is a keyed hash, from which the address cannot be read.
    """

    changes_no_page = True

    key = models.CharField(max_length=64, primary_key=True)
    empty_at = models.FloatField(db_index=True)  # seconds since 1970; in the past: nothing counts any longer
