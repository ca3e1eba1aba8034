"""Panels of requests for help on the pages of findings, measures and articles, and on the page of the exchange."""

from __future__ import annotations

from functools import partial
from typing import Any

from samsvar.site.monitoring.models import Finding

type Panel = tuple[str, dict[str, Any]]


def _ask_panel(kind: str, key: Any) -> Panel:
    return "exchange/requests/_ask_panel.html", {"kind": kind, "key": str(key)}


measure_panel = partial(_ask_panel, "measure")
article_panel = partial(_ask_panel, "article")


def finding_panel(finding: Finding) -> Panel:
    return _ask_panel("finding", finding.public_id)


def exchange_panel(_key: str) -> Panel:
    return "exchange/requests/_exchange_panel.html", {}
