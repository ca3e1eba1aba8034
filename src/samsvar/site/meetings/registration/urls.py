"""URLs for registration."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.registration.views import invitations, own, questions, registrations

urlpatterns: list[URLPattern] = [
    path("lost-link/", own.resend_link, name="resend-link"),
    path("<slug:slug>/register/", own.register, name="register"),
    path("<slug:slug>/invitation/<str:token>/", own.answer_invitation, name="invitation"),
    path("<slug:slug>/registration/<str:token>/", own.registration_by_link, name="registration-link"),
    path("<slug:slug>/delegation/<str:token>/", own.delegation_by_link, name="delegation"),
    path("<slug:slug>/mine/registration/", own.my_registration, name="my-registration"),
    path("<slug:slug>/mine/delegation/<str:public_id>/", own.my_delegation, name="my-delegation"),
    path("<slug:slug>/manage/invitations/", invitations.manage_invitations, name="manage-invitations"),
    path(
        "<slug:slug>/manage/invitations/<str:public_id>/resend/",
        invitations.resend_invitation,
        name="resend-invitation",
    ),
    path(
        "<slug:slug>/manage/invitations/<str:public_id>/withdraw/",
        invitations.withdraw_invitation,
        name="withdraw-invitation",
    ),
    path("<slug:slug>/manage/delegations/", invitations.manage_delegations, name="manage-delegations"),
    path(
        "<slug:slug>/manage/delegations/<str:public_id>/email/",
        invitations.email_delegation_head,
        name="email-delegation-head",
    ),
    path(
        "<slug:slug>/manage/delegations/<str:public_id>/change/",
        invitations.change_delegation,
        name="change-delegation",
    ),
    path("<slug:slug>/manage/delegations/<str:public_id>/end/", invitations.close_nominations, name="end-nominations"),
    path("<slug:slug>/manage/registrations/", registrations.manage_registrations, name="manage-registrations"),
    path("<slug:slug>/manage/registrations/export/", registrations.export_registrations, name="export-registrations"),
    path("<slug:slug>/manage/registrations/quota/", registrations.set_quota, name="set-quota"),
    path("<slug:slug>/manage/registrations/quota/remove/", registrations.remove_quota, name="remove-quota"),
    path("<slug:slug>/manage/registrations/questions/", questions.manage_questions, name="manage-questions"),
    path(
        "<slug:slug>/manage/registrations/questions/remind/",
        questions.send_question_reminders,
        name="send-question-reminders",
    ),
    path(
        "<slug:slug>/manage/registrations/questions/<str:public_id>/", questions.change_question, name="change-question"
    ),
    path(
        "<slug:slug>/manage/registrations/questions/<str:public_id>/move/",
        questions.move_question,
        name="move-question",
    ),
    path(
        "<slug:slug>/manage/registrations/questions/<str:public_id>/remove/",
        questions.remove_question,
        name="remove-question",
    ),
    path("<slug:slug>/manage/registrations/summary/", questions.registration_summary, name="registration-summary"),
    path("<slug:slug>/manage/registrations/table/", registrations.register_group, name="register-group"),
    path(
        "<slug:slug>/manage/registrations/<str:public_id>/",
        registrations.manage_registration,
        name="manage-registration",
    ),
]
