"""Settings for accounts: sign-in, session lifetimes and rate limits.

Sign-in is handled by django-allauth. Defaults of allauth that we rely on are set explicitly, so that a new version
cannot change them unnoticed. The limits are also documented in docs/explanation/security.md; change both together.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from samsvar.site.settings.environment import environment
from samsvar.site.settings.mail import mail_settings

AUTH_USER_MODEL = "samsvar_network.Account"
AUTHENTICATION_BACKENDS = ["samsvar.site.network.accounts.backends.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    # only length makes a password strong: no capitals or symbols are required, and passwords do not expire
    {"NAME": "samsvar.site.network.accounts.passwords.LengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "samsvar.site.network.accounts.passwords.CommonPasswordValidator"},
    {"NAME": "samsvar.site.network.accounts.passwords.SiteWordsPasswordValidator"},
    {"NAME": "samsvar.site.network.accounts.passwords.BreachedPasswordValidator"},
]
# path of the sorted SHA-1 hashes published by Have I Been Pwned; "": leaked passwords are not checked
SAMSVAR_BREACHED_PASSWORDS = os.environ.get("SAMSVAR_BREACHED_PASSWORDS", "")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "pages:home"
LOGOUT_REDIRECT_URL = "pages:home"

# --- Sign-in ----------------------------------------------------------------------------------------------------------

ACCOUNT_ADAPTER = "samsvar.site.network.accounts.adapters.AccountAdapter"
MFA_ADAPTER = "samsvar.site.network.accounts.adapters.MFAAdapter"
SOCIALACCOUNT_ADAPTER = "samsvar.site.network.accounts.adapters.SocialAccountAdapter"

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 2
ACCOUNT_CONFIRM_EMAIL_ON_GET = False  # mail programs follow links automatically to scan for viruses
ACCOUNT_CHANGE_EMAIL = True  # one address per account: the new one replaces the old one once confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of every change of password, address, passkey and codes, to the previous address
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # our subjects contain "Samsvar"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True  # same work for an unknown address: the email says there is no account
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # ends every other session and keeps the current one
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False  # resetting a password does not bypass the second factor
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before changing address or password
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_TIMEOUT = 15 * 60  # between the password and the second factor
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_FORMS = {
    "login": "samsvar.site.network.accounts.forms.SignInForm",
    "signup": "samsvar.site.network.accounts.forms.SignUpForm",
    "add_email": "samsvar.site.network.accounts.forms.ChangeEmailForm",
    "change_password": "samsvar.site.network.accounts.forms.ChangePasswordForm",
    "set_password": "samsvar.site.network.accounts.forms.SetPasswordForm",
    "reset_password": "samsvar.site.network.accounts.forms.RequestPasswordResetForm",
    "reset_password_from_key": "samsvar.site.network.accounts.forms.ResetPasswordForm",
    "reauthenticate": "samsvar.site.network.accounts.forms.ConfirmPasswordForm",
}

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey counts as two factors only with a fingerprint or PIN
MFA_TOTP_ISSUER = "Samsvar"
MFA_TOTP_TOLERANCE = 0  # accept only the current code: phones synchronise their clocks
MFA_RECOVERY_CODES_SHOW_ONCE = True
# The lowest-memory scrypt parameters in OWASP's cheat sheet, enough for random secrets (2026-11). They are stored
# with the hashes, so that changing them does not invalidate older codes. Each guess costs one scrypt call.
SAMSVAR_RECOVERY_CODE_SCRYPT = {"n": 2**14, "r": 8, "p": 1}
# staff always need a second factor; "all": so does every account, except for reading and its own settings
SAMSVAR_REQUIRE_SECOND_FACTOR = environment.get("SAMSVAR_SECOND_FACTOR", "") == "all"
MFA_TRUST_ENABLED = False  # no browser may skip the second factor
MFA_FORMS = {
    "authenticate": "samsvar.site.network.accounts.forms.SecondFactorCodeForm",
    "reauthenticate": "samsvar.site.network.accounts.forms.ConfirmCodeForm",
    "activate_totp": "samsvar.site.network.accounts.forms.ActivateAppForm",
    "authenticate_webauthn": "samsvar.site.network.accounts.forms.SecondFactorPasskeyForm",
    "reauthenticate_webauthn": "samsvar.site.network.accounts.forms.ConfirmWithPasskeyForm",
    "login_webauthn": "samsvar.site.network.accounts.forms.SignInWithPasskeyForm",
    "add_webauthn": "samsvar.site.network.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "samsvar.site.network.accounts.forms.RenamePasskeyForm",
}

# --- Rate limits: number/period/key; those of allauth are in the cache below, ours in shell/limits.py -----------------

ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",  # submitted sign-in forms
    # wrong passwords and second-factor codes: per IP address, and per account
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "10/m/ip",
    "reset_password": "10/m/ip,3/10m/key",  # emails to one address
    "reset_password_from_key": "10/m/ip",
    "confirm_email": "1/3m/key",
    "change_password": "5/m/user",
    "manage_email": "5/m/user",
    "reauthenticate": "10/m/user",
    "change_phone": "1/m/user",  # not offered
    "request_login_code": "1/m/ip",  # not offered
    "verify_phone": "1/m/ip",  # not offered
}
MFA_RATE_LIMITS = {"webauthn_login": "10/m/ip"}
SAMSVAR_RATE_LIMITS = {
    "invite": "60/h/user",
    "join": "20/m/ip",  # invitation links opened
    "open_ask": "10/h/key,60/h/ip",  # addresses entered to open the link of a request for information
    "report_label": "20/h/ip",  # labels that readers report as wrong
    "answer_ask": "120/h/key",  # drafts, answers and files sent by such a link
}

# One cache for all processes and machines, in the site's own database, so that limits apply everywhere. Its table is
# created after `migrate`; no page shows it, and changes to it do not raise the change number
# (samsvar.site.network.apps).
CACHES = {
    "default": {
        "BACKEND": "samsvar.site.shell.json_cache.JsonDatabaseCache",
        "LOCATION": "samsvar_cache",
        # far above legitimate use: an overflow would reset rate limits
        "OPTIONS": {"MAX_ENTRIES": 200_000, "CULL_FREQUENCY": 10},
    }
}

# Number of trusted proxies: the client's address is that many places from the end of X-Forwarded-For. With 0 the
# header is ignored, because anyone can set it.
ALLAUTH_TRUSTED_PROXY_COUNT = 0
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 64

# --- Session lifetimes ------------------------------------------------------------------------------------------------

# in the database, shared by all machines; sessions that have ended are deleted
SESSION_ENGINE = "samsvar.site.network.accounts.session_store"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
ACCOUNT_SESSION_REMEMBER = False
SAMSVAR_SESSION_SECONDS = 12 * 3600  # from sign-in, regardless of activity
SAMSVAR_IDLE_SECONDS = 4 * 3600  # signed out after this long without a request
SAMSVAR_STAFF_IDLE_SECONDS = 30 * 60  # the same for secretariat, auditor and administrator
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
USERSESSIONS_TRACK_ACTIVITY = True
USERSESSIONS_ADAPTER = "samsvar.site.network.accounts.adapters.UserSessionsAdapter"

# --- Invitations and demo accounts ------------------------------------------------------------------------------------

SAMSVAR_OPEN_SIGN_UP = os.environ.get("SAMSVAR_OPEN_SIGN_UP", "") == "yes"  # False: by invitation only
SAMSVAR_INVITATION_DAYS = 14
SAMSVAR_DEMO_ACCOUNTS: Path | None = None  # accounts that the sign-in page offers; only in the demo

# --- Outgoing email ---------------------------------------------------------------------------------------------------

SAMSVAR_SMTP = False  # whether emails are sent; set by the next line
globals().update(mail_settings(environment.get("SAMSVAR_SMTP", "")))

# --- Sign-in through one OpenID Connect provider ----------------------------------------------------------------------


def oidc_providers(environment: Any) -> dict[str, Any]:
    """Return allauth's settings for the provider in `SAMSVAR_OIDC_…`, or an empty dict if none is configured."""
    name, server = environment.get("SAMSVAR_OIDC_NAME", ""), environment.get("SAMSVAR_OIDC_SERVER", "")
    if not server:
        return {}
    scopes = environment.get("SAMSVAR_OIDC_SCOPES", "openid email").split()
    parameters = {"acr_values": acr} if (acr := environment.get("SAMSVAR_OIDC_ACR", "")) else {}
    return {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "SCOPE": scopes,
            "AUTH_PARAMS": parameters,
            "APPS": [
                {
                    "provider_id": "elsewhere",
                    "name": name or "OpenID Connect",
                    "client_id": environment.get("SAMSVAR_OIDC_CLIENT_ID", ""),
                    "secret": environment.get("SAMSVAR_OIDC_SECRET", ""),
                    "settings": {"server_url": server, "fetch_userinfo": True, "oauth_pkce_enabled": True},
                }
            ],
        }
    }


SOCIALACCOUNT_PROVIDERS = oidc_providers(environment)
# authentication context classes (ACR), one of which the provider must have used
SAMSVAR_OIDC_ACR = environment.get("SAMSVAR_OIDC_ACR", "")
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # an email address alone never grants access to an account
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_AUTO_SIGNUP = True  # only with an accepted invitation (adapters.SocialAccountAdapter)
SOCIALACCOUNT_EMAIL_VERIFICATION = "mandatory"
SOCIALACCOUNT_STORE_TOKENS = False  # each is used only once, to identify the user
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
