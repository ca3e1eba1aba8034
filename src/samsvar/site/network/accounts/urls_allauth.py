"""django-allauth's pages under our addresses, each with its door; the names are allauth's own.

Listed one by one instead of included, so that a new page of a new allauth is open to nobody until somebody has looked.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from django.urls import path, re_path

from samsvar.network.rights import Claim
from samsvar.site.network.accounts.views import accounts as ours
from samsvar.site.network.accounts.views import sign_in as views_sign_in
from samsvar.site.shell.view_permissions import door, open_to_all

mine = door(Claim.OWN_ACCOUNT)

urlpatterns = [
    path("sign-in/", open_to_all(views_sign_in.sign_in), name="account_login"),
    path("sign-in/second-factor/", open_to_all(views_sign_in.second_factor_at_sign_in), name="mfa_authenticate"),
    path("sign-in/passkey/", open_to_all(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("sign-in/cancelled/", open_to_all(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("sign-in/failed/", open_to_all(social.login_error), name="socialaccount_login_error"),
    path("sign-in/inactive/", open_to_all(account.account_inactive), name="account_inactive"),
    path("sign-in/code/", open_to_all(account.confirm_login_code), name="account_confirm_login_code"),
    path("sign-out/", open_to_all(account.logout), name="account_logout"),
    path("join/", open_to_all(views_sign_in.sign_up), name="account_signup"),
    path("join/elsewhere/", open_to_all(social.signup), name="socialaccount_signup"),
    path("password/reset/", open_to_all(account.password_reset), name="account_reset_password"),
    path("password/reset/sent/", open_to_all(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        open_to_all(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        open_to_all(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("email/confirm/", open_to_all(account.email_verification_sent), name="account_email_verification_sent"),
    re_path(r"^email/confirm/(?P<key>[-:\w]+)/$", open_to_all(account.confirm_email), name="account_confirm_email"),
    path("account/confirm/", mine(views_sign_in.confirm_with_password), name="account_reauthenticate"),
    path("account/confirm/code/", mine(views_sign_in.confirm_with_code), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", mine(views_sign_in.confirm_with_passkey), name="mfa_reauthenticate_webauthn"),
    path("account/email/", mine(account.email), name="account_email"),
    path("account/password/", mine(account.password_change), name="account_change_password"),
    path("account/password/set/", mine(account.password_set), name="account_set_password"),
    path("account/second-factor/", mine(views_sign_in.second_factors), name="mfa_index"),
    path("account/second-factor/app/", mine(views_sign_in.set_up_app), name="mfa_activate_totp"),
    path("account/second-factor/app/remove/", mine(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/recovery-codes/", mine(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "account/recovery-codes/new/",
        mine(views_sign_in.make_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/recovery-codes/download/",
        ours.recovery_codes_file,
        name="mfa_download_recovery_codes",
    ),
    path("account/passkeys/", mine(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("account/passkeys/add/", mine(views_sign_in.add_passkey), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", mine(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("account/passkeys/<int:pk>/name/", mine(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("account/sessions/", mine(views_sign_in.own_sessions), name="usersessions_list"),
    path("account/elsewhere/", mine(views_sign_in.connections), name="socialaccount_connections"),
]
