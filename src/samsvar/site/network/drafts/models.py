"""Model of what someone typed in a form and has not sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class FormDraft(models.Model):
    """The contents of one form of one page, visible to their author only.

    It is kept here and not in the browser, where others who use the same device could find it.
    """

    changes_no_page = True

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    page = models.CharField(max_length=300)  # path of the page
    form = models.CharField(max_length=20)  # number of the form on the page
    fields = models.JSONField(default=dict)  # name of the field → list of its values
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["account", "page", "form"], name="one_draft_of_a_form")]
