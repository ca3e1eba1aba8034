"""URLs of practices, and of the exchange's home page."""

from __future__ import annotations

from django.urls import path

from samsvar.site.exchange.practices.views import leads, own, published, review

urlpatterns = [
    path("", published.home, name="home"),
    path("practices/", published.practices, name="practices"),
    path("practices/new/", own.add_practice, name="add-practice"),
    path("practices/own/", own.practices, name="own-practices"),
    path("practices/own/<slug:public_id>/", own.practice, name="own-practice"),
    path("practices/own/<slug:public_id>/edit/", own.edit_practice, name="edit-practice"),
    path("practices/own/<slug:public_id>/texts/", own.add_translation, name="add-practice-text"),
    path("practices/own/<slug:public_id>/texts/<slug:language>/", own.edit_translation, name="edit-practice-text"),
    path(
        "practices/own/<slug:public_id>/texts/<slug:language>/delete/",
        own.delete_translation,
        name="delete-practice-text",
    ),
    path("practices/own/<slug:public_id>/submit/", own.submit_practice, name="submit-practice"),
    path("practices/own/<slug:public_id>/revise/", own.revise_practice, name="revise-practice"),
    path("practices/own/<slug:public_id>/confirm/", own.confirm_practice, name="confirm-practice"),
    path("practices/own/<slug:public_id>/reopen/", own.take_up_practice, name="reopen-practice"),
    path("practices/own/<slug:public_id>/delete/", own.delete_practice, name="delete-practice"),
    path("practices/review/", review.waiting, name="practices-to-review"),
    path("practices/review/<slug:public_id>/", review.review, name="review-practice"),
    path("practices/publish/", review.to_publish, name="practices-to-publish"),
    path("practices/publish/<slug:public_id>/", review.publish, name="publish-practice"),
    path("practices/publish/<slug:public_id>/send-back/", review.send_back, name="send-practice-back"),
    path("practices/<slug:public_id>/", published.practice, name="practice"),
    path("practices/<slug:public_id>/v/<int:number>/", published.practice, name="practice-version"),
    path("practices/<slug:public_id>/retire/", own.retire_practice, name="retire-practice"),
    path("leads/<slug:code>/", leads.leads, name="practice-leads"),
    path("leads/<slug:code>/<slug:finding>/", leads.decide_lead, name="decide-lead"),
    path("leads/<slug:code>/<slug:finding>/withdraw/", leads.withdraw_lead_decision, name="withdraw-lead-decision"),
]
