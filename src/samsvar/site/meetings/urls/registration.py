"""Invitations, delegations, quotas and places: addresses."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.views import registration
from samsvar.site.meetings.views import registration_organising as organising

urlpatterns: list[URLPattern] = [
    path("lost-link/", registration.link_again, name="link-again"),
    path("<slug:slug>/register/", registration.register, name="register"),
    path("<slug:slug>/invitation/<str:token>/", registration.invitation, name="invitation"),
    path("<slug:slug>/registration/<str:token>/", registration.registration_link, name="registration-link"),
    path("<slug:slug>/delegation/<str:token>/", registration.delegation, name="delegation"),
    path("<slug:slug>/mine/registration/", registration.mine_registration, name="mine-registration"),
    path("<slug:slug>/mine/delegation/<str:public_id>/", registration.my_delegation, name="my-delegation"),
    path("<slug:slug>/manage/opening/", organising.open_registration, name="open-registration"),
    path("<slug:slug>/manage/invitations/", organising.manage_invitations, name="manage-invitations"),
    path("<slug:slug>/manage/invitations/<str:public_id>/again/", organising.invite_again, name="invite-again"),
    path(
        "<slug:slug>/manage/invitations/<str:public_id>/withdraw/",
        organising.withdraw_invitation,
        name="withdraw-invitation",
    ),
    path("<slug:slug>/manage/delegations/", organising.manage_delegations, name="manage-delegations"),
    path("<slug:slug>/manage/delegations/<str:public_id>/write/", organising.write_to_head, name="write-to-head"),
    path(
        "<slug:slug>/manage/delegations/<str:public_id>/change/", organising.change_delegation, name="change-delegation"
    ),
    path("<slug:slug>/manage/delegations/<str:public_id>/end/", organising.end_naming, name="end-naming"),
    path("<slug:slug>/manage/registrations/", organising.manage_registrations, name="manage-registrations"),
    path("<slug:slug>/manage/registrations/take-out/", organising.export_registrations, name="export-registrations"),
    path("<slug:slug>/manage/registrations/quota/", organising.set_quota, name="set-quota"),
    path("<slug:slug>/manage/registrations/quota/remove/", organising.remove_quota, name="remove-quota"),
    path("<slug:slug>/manage/registrations/questions/", organising.manage_questions, name="manage-questions"),
    path(
        "<slug:slug>/manage/registrations/questions/remind/", organising.remind_of_questions, name="remind-of-questions"
    ),
    path(
        "<slug:slug>/manage/registrations/questions/<str:public_id>/",
        organising.change_question,
        name="change-question",
    ),
    path(
        "<slug:slug>/manage/registrations/questions/<str:public_id>/move/",
        organising.move_question,
        name="move-question",
    ),
    path(
        "<slug:slug>/manage/registrations/questions/<str:public_id>/remove/",
        organising.remove_question,
        name="remove-question",
    ),
    path("<slug:slug>/manage/registrations/summary/", organising.registration_summary, name="registration-summary"),
    path("<slug:slug>/manage/registrations/table/", organising.register_group, name="register-group"),
    path(
        "<slug:slug>/manage/registrations/<str:public_id>/", organising.manage_registration, name="manage-registration"
    ),
]
