"""URLs of accounts, invitations and roles."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.network.accounts.views import accounts, invitations, roles

urlpatterns: list[URLPattern] = [
    path("account/", accounts.own_account, name="account"),
    path("account/second-factor/required/", accounts.second_factor_required, name="second-factor"),
    path("account/sessions/<int:pk>/end/", accounts.end_session, name="end-session"),
    path("join/accept/", invitations.accept_invitation, name="accept-invitation"),
    path("join/with/<str:token>/", invitations.open_invitation, name="open-invitation"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/<slug:public_id>/resend/", invitations.resend_invitation, name="resend-invitation"),
    path("invitations/<slug:public_id>/withdraw/", invitations.withdraw_invitation, name="withdraw-invitation"),
    path("people/<slug:public_id>/invite/", invitations.invite_member, name="invite-person"),
    path("outbox/", accounts.outbox, name="outbox"),
    path("staff/roles/", roles.roles, name="roles"),
    path("staff/roles/<slug:public_id>/", roles.account_rights, name="account-rights"),
    path("staff/roles/<slug:public_id>/give/", roles.give_role, name="give-role"),
    path("staff/roles/<slug:public_id>/roles/<int:grant>/end/", roles.end_role, name="end-role"),
    path("staff/roles/<slug:public_id>/refuse/", roles.refuse_claim, name="refuse-claim"),
    path("staff/roles/<slug:public_id>/refusals/<int:refusal>/end/", roles.end_refusal, name="end-refusal"),
    path("staff/roles/<slug:public_id>/deactivate/", roles.deactivate_account, name="deactivate-account"),
    path("staff/roles/<slug:public_id>/reactivate/", roles.reactivate_account, name="reactivate-account"),
    path("staff/roles/<slug:public_id>/second-factor/", roles.remove_second_factor, name="remove-second-factor"),
    path("staff/roles/<slug:public_id>/sessions/", roles.sign_out_everywhere, name="sign-out-everywhere"),
]
