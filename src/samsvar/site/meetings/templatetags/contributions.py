"""Words of the call for contributions: `{% load contributions %}`."""

from __future__ import annotations

from functools import partial

from django import template

from samsvar.site.meetings import models
from samsvar.site.meetings.contributions import queries
from samsvar.site.meetings.contributions.labels import STATES
from samsvar.site.meetings.programme.exchange_labels import COLUMNS, DOUBTS, FATES, FORMS_OUT, SYSTEMS
from samsvar.site.shell.labels import word

register = template.Library()
register.filter("contribution_word", partial(word, STATES))
register.filter("system_word", partial(word, {str(key): said for key, said in SYSTEMS.items()}))
register.filter("exchange_word", partial(word, FORMS_OUT))
register.filter("doubt_word", partial(word, {str(key): said for key, said in DOUBTS.items()}))
register.filter("fate_word", partial(word, FATES))
register.filter("column_word", partial(word, COLUMNS))


@register.simple_tag(takes_context=True)
def reviews_here(context: template.Context, meeting: models.Meeting) -> queries.Progress | None:
    """How far the reader is with the contributions to this meeting that they judge; None for whoever judges none."""
    user = context["request"].user
    return queries.progress_of(user, meeting) if user.is_authenticated else None


@register.simple_tag
def has_call(meeting: models.Meeting) -> bool:
    """Whether this meeting has called for contributions."""
    return queries.call_of(meeting) is not None
