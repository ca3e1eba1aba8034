"""django-allauth's views under our own URLs, each with the permission it requires; the URL names are allauth's.

They are listed one by one rather than included, so that a page added by a new allauth version stays inaccessible until
someone has reviewed it.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from django.urls import path, re_path

from samsvar.network.rights import Claim
from samsvar.site.network.accounts.views import accounts as account_views
from samsvar.site.network.accounts.views import sign_in as sign_in_views
from samsvar.site.shell.view_permissions import public, requires

own_account = requires(Claim.OWN_ACCOUNT)

urlpatterns = [
    path("sign-in/", public(sign_in_views.sign_in), name="account_login"),
    path("sign-in/second-factor/", public(sign_in_views.second_factor_at_sign_in), name="mfa_authenticate"),
    path("sign-in/passkey/", public(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("sign-in/cancelled/", public(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("sign-in/failed/", public(social.login_error), name="socialaccount_login_error"),
    path("sign-in/inactive/", public(account.account_inactive), name="account_inactive"),
    path("sign-in/code/", public(account.confirm_login_code), name="account_confirm_login_code"),
    path("sign-out/", public(account.logout), name="account_logout"),
    path("join/", public(sign_in_views.sign_up), name="account_signup"),
    path("join/provider/", public(social.signup), name="socialaccount_signup"),
    path("password/reset/", public(account.password_reset), name="account_reset_password"),
    path("password/reset/sent/", public(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        public(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("email/confirm/", public(account.email_verification_sent), name="account_email_verification_sent"),
    re_path(r"^email/confirm/(?P<key>[-:\w]+)/$", public(account.confirm_email), name="account_confirm_email"),
    path("account/confirm/", own_account(sign_in_views.confirm_with_password), name="account_reauthenticate"),
    path("account/confirm/code/", own_account(sign_in_views.confirm_with_code), name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey/", own_account(sign_in_views.confirm_with_passkey), name="mfa_reauthenticate_webauthn"
    ),
    path("account/email/", own_account(account.email), name="account_email"),
    path("account/password/", own_account(account.password_change), name="account_change_password"),
    path("account/password/set/", own_account(account.password_set), name="account_set_password"),
    path("account/second-factor/", own_account(sign_in_views.second_factors), name="mfa_index"),
    path("account/second-factor/app/", own_account(sign_in_views.set_up_app), name="mfa_activate_totp"),
    path("account/second-factor/app/remove/", own_account(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/recovery-codes/", own_account(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "account/recovery-codes/new/",
        own_account(sign_in_views.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("account/recovery-codes/download/", account_views.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/passkeys/", own_account(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("account/passkeys/add/", own_account(sign_in_views.add_passkey), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", own_account(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("account/passkeys/<int:pk>/name/", own_account(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("account/sessions/", own_account(sign_in_views.own_sessions), name="usersessions_list"),
    path("account/providers/", own_account(sign_in_views.connections), name="socialaccount_connections"),
]
