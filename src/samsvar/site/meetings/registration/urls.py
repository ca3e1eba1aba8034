"""URLs for registration."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.registration.views import invitations, own, questions, registrations

INVITATION = "<slug:slug>/manage/invitations/<str:public_id>/"
DELEGATION = "<slug:slug>/manage/delegations/<str:public_id>/"
REGISTRATIONS = "<slug:slug>/manage/registrations/"
QUESTIONS = f"{REGISTRATIONS}questions/"

urlpatterns: list[URLPattern] = [
    path("lost-link/", own.resend_link, name="resend-link"),
    path("<slug:slug>/register/", own.register, name="register"),
    path("<slug:slug>/invitation/<str:token>/", own.answer_invitation, name="invitation"),
    path("<slug:slug>/registration/<str:token>/", own.registration_by_link, name="registration-link"),
    path("<slug:slug>/delegation/<str:token>/", own.delegation_by_link, name="delegation"),
    path("<slug:slug>/mine/registration/", own.my_registration, name="my-registration"),
    path("<slug:slug>/mine/delegation/<str:public_id>/", own.my_delegation, name="my-delegation"),
    path("<slug:slug>/manage/invitations/", invitations.manage_invitations, name="manage-invitations"),
    path(f"{INVITATION}resend/", invitations.resend_invitation, name="resend-invitation"),
    path(f"{INVITATION}withdraw/", invitations.withdraw_invitation, name="withdraw-invitation"),
    path("<slug:slug>/manage/delegations/", invitations.manage_delegations, name="manage-delegations"),
    path(f"{DELEGATION}email/", invitations.email_delegation_head, name="email-delegation-head"),
    path(f"{DELEGATION}change/", invitations.change_delegation, name="change-delegation"),
    path(f"{DELEGATION}end/", invitations.close_nominations, name="end-nominations"),
    path(REGISTRATIONS, registrations.manage_registrations, name="manage-registrations"),
    path(f"{REGISTRATIONS}export/", registrations.export_registrations, name="export-registrations"),
    path(f"{REGISTRATIONS}quota/", registrations.set_quota, name="set-quota"),
    path(f"{REGISTRATIONS}quota/remove/", registrations.remove_quota, name="remove-quota"),
    path(QUESTIONS, questions.manage_questions, name="manage-questions"),
    path(f"{QUESTIONS}remind/", questions.send_question_reminders, name="send-question-reminders"),
    path(f"{QUESTIONS}<str:public_id>/", questions.change_question, name="change-question"),
    path(f"{QUESTIONS}<str:public_id>/move/", questions.move_question, name="move-question"),
    path(f"{QUESTIONS}<str:public_id>/remove/", questions.remove_question, name="remove-question"),
    path(f"{REGISTRATIONS}summary/", questions.registration_summary, name="registration-summary"),
    path(f"{REGISTRATIONS}table/", registrations.register_group, name="register-group"),
    path(f"{REGISTRATIONS}<str:public_id>/", registrations.manage_registration, name="manage-registration"),
]
