"""Forms for a question, a message and the reason for declining a question."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from samsvar.site.network.messages.queries import MAX_TEXT_LENGTH


class MemberQuestionForm(forms.Form):
    """A form for a question to a member."""

    subject = forms.CharField(label=_("Subject"), max_length=150)
    text = forms.CharField(
        label=_("Your question"),
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=_("Maximum 4,000 characters. Leave out anything that could reveal the identity of a person at risk."),
    )


class MessageForm(forms.Form):
    """A form for a further message."""

    text = forms.CharField(
        label=_("Your message"), max_length=MAX_TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 6})
    )


class DeclineForm(forms.Form):
    """A form for the reason for declining a question."""

    reason = forms.CharField(
        label=_("Reason for not forwarding"),
        max_length=300,
        help_text=_("The person who asked will read this. Do not say anything about the member."),
    )
