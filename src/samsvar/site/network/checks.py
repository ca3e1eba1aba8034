"""System checks for accounts, email and privacy settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution


@register(Tags.security, deploy=True)
def check_email_is_configured(**_: Any) -> list[CheckMessage]:
    """Warn if no mail server is configured: without one, invitations and password resets are not delivered."""
    if settings.SAMSVAR_SMTP or settings.SAMSVAR_DEMO:
        return []
    return [
        Caution(
            "SAMSVAR_SMTP is not set: emails are saved but not sent.",
            hint="Set it, then run `samsvar-site send_letters`. See docs/how-to/sign-in-and-accounts.md.",
            id="samsvar.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_no_demo_accounts(**_: Any) -> list[CheckMessage]:
    """Reject demo accounts on a production site, because their passwords are shown on the sign-in page."""
    if settings.SAMSVAR_DEMO_ACCOUNTS and not settings.SAMSVAR_DEMO:
        return [Error("SAMSVAR_DEMO_ACCOUNTS is set on a production site.", id="samsvar.E001")]
    return []


@register(Tags.security, deploy=True)
def check_oidc_uses_https(**_: Any) -> list[CheckMessage]:
    """Require https for the OpenID Connect provider, because over http anyone could impersonate it."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return [
        Error("SAMSVAR_OIDC_SERVER must start with https://.", id="samsvar.E002")
        for app in apps
        if not app["settings"]["server_url"].startswith("https://")
    ]


@register()
def check_retention_settings(**_: Any) -> list[CheckMessage]:
    """Check SAMSVAR_RETENTION at startup: with a misspelt key, data would be kept longer than intended."""
    from samsvar.site.network.data_inventory import UnknownRetentionRule, retention_periods

    try:
        retention_periods()
    except UnknownRetentionRule as error:
        return [Error(f"SAMSVAR_RETENTION: {error.message}", hint=error.advice, id="samsvar.E004")]
    return []


@register(Tags.security, deploy=True)
def check_privacy_contact(**_: Any) -> list[CheckMessage]:
    """Warn if the privacy notice does not name a controller and a contact (Article 13 of the GDPR)."""
    missing = [name for name in ("SAMSVAR_CONTROLLER", "SAMSVAR_PRIVACY_CONTACT") if not getattr(settings, name)]
    if not missing or settings.SAMSVAR_DEMO:
        return []
    return [
        Caution(
            f"{' and '.join(missing)} not set: the privacy notice is incomplete.",
            hint="See docs/how-to/answer-data-requests.md.",
            id="samsvar.W004",
        )
    ]
