"""What somebody writes to a member, to an asker, and why a question is not forwarded."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from samsvar.site.network.messages.queries import LONGEST_TEXT


class AskForm(forms.Form):
    """A question to a member."""

    subject = forms.CharField(label=_("What it is about"), max_length=150)
    text = forms.CharField(
        label=_("Your question"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=_("At most 4,000 characters. Leave out what would tell who a person at risk is."),
    )


class LineForm(forms.Form):
    """One message more."""

    text = forms.CharField(label=_("Your message"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6}))


class ReasonForm(forms.Form):
    """Why a question is not forwarded."""

    reason = forms.CharField(
        label=_("Why it is not forwarded"),
        max_length=300,
        help_text=_("The asker reads this. Say nothing about the member in it."),
    )
