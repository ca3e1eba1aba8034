"""What `samsvar-site check` says about accounts and letters before a site is opened."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution


@register(Tags.security, deploy=True)
def letters_leave(**_: Any) -> list[CheckMessage]:
    """Without a mail server nobody can be invited, and nobody who forgot a password comes back."""
    if settings.SAMSVAR_SMTP or settings.SAMSVAR_DEMO:
        return []
    return [
        Caution(
            "SAMSVAR_SMTP is not set: letters stay in the table and reach nobody.",
            hint="Set it, then run `samsvar-site send_letters`. See docs/how-to/sign-in-and-accounts.md.",
            id="samsvar.W001",
        )
    ]


@register(Tags.security, deploy=True)
def no_demo_accounts(**_: Any) -> list[CheckMessage]:
    """Accounts whose passwords are printed on the sign-in page belong to a demonstration only."""
    if settings.SAMSVAR_DEMO_ACCOUNTS and not settings.SAMSVAR_DEMO:
        return [Error("SAMSVAR_DEMO_ACCOUNTS is set on a real site.", id="samsvar.E001")]
    return []


@register(Tags.security, deploy=True)
def sign_in_elsewhere_is_protected(**_: Any) -> list[CheckMessage]:
    """A provider that is asked over http could be anybody."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return [
        Error("SAMSVAR_OIDC_SERVER has to begin with https://.", id="samsvar.E002")
        for app in apps
        if not app["settings"]["server_url"].startswith("https://")
    ]


@register()
def periods_are_of_kinds_that_exist(**_: Any) -> list[CheckMessage]:
    """A misspelt kind would keep what somebody believes to be gone; found at the start and not in the night."""
    from samsvar.site.network.data_inventory import UnknownKind, periods

    try:
        periods()
    except UnknownKind as error:
        return [Error(f"SAMSVAR_RETENTION: {error.message}", hint=error.advice, id="samsvar.E004")]
    return []


@register(Tags.security, deploy=True)
def somebody_answers_for_the_data(**_: Any) -> list[CheckMessage]:
    """The privacy notice has to name who is responsible, and where to ask (Article 13 of the GDPR)."""
    missing = [name for name in ("SAMSVAR_CONTROLLER", "SAMSVAR_PRIVACY_CONTACT") if not getattr(settings, name)]
    if not missing or settings.SAMSVAR_DEMO:
        return []
    return [
        Caution(
            f"{' and '.join(missing)} not set: the privacy notice names nobody.",
            hint="See docs/how-to/answer-data-requests.md.",
            id="samsvar.W004",
        )
    ]
