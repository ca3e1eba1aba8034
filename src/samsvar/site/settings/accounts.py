"""Accounts: how people sign in, how long a session lasts, how often a thing may be tried.

Sign-in is django-allauth's. Whatever it leaves to a default that we rely on is said here, so that a new edition of it
changes nothing unseen. The limits stand in docs/explanation/security.md too; a change here is a change there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from samsvar.site.settings.environment import environment
from samsvar.site.settings.mail import mail

AUTH_USER_MODEL = "samsvar_network.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    # length is what protects; no rule asks for capitals or signs, and none ends a password after some months
    {"NAME": "samsvar.site.network.accounts.passwords.LengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "samsvar.site.network.accounts.passwords.CommonPasswordValidator"},
    {"NAME": "samsvar.site.network.accounts.passwords.PlacePasswordValidator"},
    {"NAME": "samsvar.site.network.accounts.passwords.BreachedPasswordValidator"},
]
# the sorted file of SHA-1 hashes that Have I Been Pwned hands out, on this machine; "": leaked passwords are not known
SAMSVAR_BREACHED_PASSWORDS = os.environ.get("SAMSVAR_BREACHED_PASSWORDS", "")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "pages:home"
LOGOUT_REDIRECT_URL = "pages:home"

# --- How people sign in -----------------------------------------------------------------------------------------------

ACCOUNT_ADAPTER = "samsvar.site.network.accounts.adapters.Accounts"
MFA_ADAPTER = "samsvar.site.network.accounts.adapters.SecondFactors"
SOCIALACCOUNT_ADAPTER = "samsvar.site.network.accounts.adapters.Elsewhere"

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 2
ACCOUNT_CONFIRM_EMAIL_ON_GET = False  # mail programs follow links on their own to look for viruses
ACCOUNT_CHANGE_EMAIL = True  # one address an account: the new one takes the old one's place once it is confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of every change of password, address, passkey and codes, to the address before
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # our subjects say "Samsvar" themselves
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True  # the same work for an unknown address: a letter, that says there is no account
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # ends every other session, and lets the one in hand go on
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False  # who resets a password still needs their second factor
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before address and password are changed
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_TIMEOUT = 15 * 60  # between the password and the second factor
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_FORMS = {
    "login": "samsvar.site.network.accounts.forms.SignIn",
    "signup": "samsvar.site.network.accounts.forms.Join",
    "add_email": "samsvar.site.network.accounts.forms.ChangeAddress",
    "change_password": "samsvar.site.network.accounts.forms.ChangePassword",
    "set_password": "samsvar.site.network.accounts.forms.SetPassword",
    "reset_password": "samsvar.site.network.accounts.forms.AskForReset",
    "reset_password_from_key": "samsvar.site.network.accounts.forms.ResetPassword",
    "reauthenticate": "samsvar.site.network.accounts.forms.ConfirmPassword",
}

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey is two factors only where it asks for a finger or a PIN
MFA_TOTP_ISSUER = "Samsvar"
MFA_TOTP_TOLERANCE = 0  # a code counts for its own half minute: telephones set their clocks by the network
MFA_RECOVERY_CODES_SHOW_ONCE = True
# asked of staff always; "all": of every account, before it may more than read what is public and keep itself
SAMSVAR_SECOND_FACTOR_OF_ALL = environment.get("SAMSVAR_SECOND_FACTOR", "") == "all"
MFA_TRUST_ENABLED = False  # no browser is excused from the second factor
MFA_FORMS = {
    "authenticate": "samsvar.site.network.accounts.forms.SecondFactorCode",
    "reauthenticate": "samsvar.site.network.accounts.forms.ConfirmCode",
    "activate_totp": "samsvar.site.network.accounts.forms.ActivateApp",
    "authenticate_webauthn": "samsvar.site.network.accounts.forms.ShowPasskey",
    "reauthenticate_webauthn": "samsvar.site.network.accounts.forms.ConfirmWithPasskey",
    "login_webauthn": "samsvar.site.network.accounts.forms.SignInWithPasskey",
    "add_webauthn": "samsvar.site.network.accounts.forms.AddPasskey",
    "edit_webauthn": "samsvar.site.network.accounts.forms.NamePasskey",
}

# --- How often a thing may be tried: number/time/of what, kept in the cache below -------------------------------------

ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",  # sign-in forms sent
    # wrong passwords, and wrong codes of the second factor: of one address on the network, and for one account
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "10/m/ip",
    "reset_password": "10/m/ip,3/10m/key",  # letters to one address
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
}

# One cache for all processes and machines: the record's own database, so that a limit is a limit. Its table is made
# after `migrate`, is nobody's page, and raises no change number (samsvar.site.network.apps).
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "samsvar_cache",
        # far above what honest use needs: an overflow would make limits forget
        "OPTIONS": {"MAX_ENTRIES": 200_000, "CULL_FREQUENCY": 10},
    }
}

# The address on the network of who asks: the last but n of X-Forwarded-For, n machines in front being ours. With 0 the
# header is not believed, because then anybody can write it.
ALLAUTH_TRUSTED_PROXY_COUNT = 0
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 64

# --- How long a session lasts -----------------------------------------------------------------------------------------

SESSION_ENGINE = "django.contrib.sessions.backends.db"  # one place for all machines; ended means gone
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
ACCOUNT_SESSION_REMEMBER = False
SAMSVAR_SESSION_SECONDS = 12 * 3600  # from sign-in, whatever is done meanwhile
SAMSVAR_IDLE_SECONDS = 4 * 3600  # without a request so long, signed out
SAMSVAR_STAFF_IDLE_SECONDS = 30 * 60  # the same for secretariat, auditor and administrator
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
USERSESSIONS_TRACK_ACTIVITY = True
USERSESSIONS_ADAPTER = "samsvar.site.network.accounts.adapters.Sessions"

# --- Invitations, and what a demonstration adds -----------------------------------------------------------------------

SAMSVAR_OPEN_SIGN_UP = os.environ.get("SAMSVAR_OPEN_SIGN_UP", "") == "yes"  # False: by invitation only
SAMSVAR_INVITATION_DAYS = 14
SAMSVAR_DEMO_ACCOUNTS: Path | None = None  # accounts that the sign-in page offers: data of a demonstration only

# --- Outgoing mail ----------------------------------------------------------------------------------------------------

SAMSVAR_SMTP = False  # whether letters leave; the next line knows
globals().update(mail(environment.get("SAMSVAR_SMTP", "")))

# --- Signing in elsewhere: one provider that speaks OpenID Connect ----------------------------------------------------


def oidc(environment: Any) -> dict[str, Any]:
    """allauth's settings for the one provider that `SAMSVAR_OIDC_…` name; empty without one."""
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


SOCIALACCOUNT_PROVIDERS = oidc(environment)
# how strongly the provider has to authenticate; one of these
SAMSVAR_OIDC_ACR = environment.get("SAMSVAR_OIDC_ACR", "")
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # an address alone never opens an account
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_AUTO_SIGNUP = True  # within an accepted invitation only (adapters.Elsewhere)
SOCIALACCOUNT_EMAIL_VERIFICATION = "mandatory"
SOCIALACCOUNT_STORE_TOKENS = False  # we ask the provider who somebody is, once, and nothing afterwards
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
