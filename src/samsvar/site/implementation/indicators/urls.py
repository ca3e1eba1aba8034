"""URLs of a state's figures."""

from __future__ import annotations

from django.urls import path

from samsvar.site.implementation.indicators import views

urlpatterns = [
    path("figures/<slug:code>/", views.figures, name="figures"),
    path("figures/<slug:code>/to-fill/", views.figures_to_fill, name="figures-to-fill"),
    path("figures/<slug:code>/new/", views.add_indicator, name="add-indicator"),
    path("figures/<slug:code>/table.<str:form>", views.export_all_figures, name="all-figures-table"),
    path("figures/<slug:code>/<slug:name>/", views.show_indicator, name="indicator"),
    path("figures/<slug:code>/<slug:name>/table.<str:form>", views.export_figures, name="figures-table"),
    path("figures/<slug:code>/<slug:name>/change/", views.edit_indicator, name="edit-indicator"),
    path("figures/<slug:code>/<slug:name>/enter/", views.enter_figures, name="enter-figures"),
    path("figures/<slug:code>/<slug:name>/template.xlsx", views.download_template, name="figures-template"),
    path("figures/<slug:code>/<slug:name>/import/", views.import_figures, name="import-figures"),
    path("figures/<slug:code>/<slug:name>/publish/", views.publish_figures, name="publish-figures"),
]
