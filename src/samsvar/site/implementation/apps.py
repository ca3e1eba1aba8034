from django.apps import AppConfig


class ImplementationConfig(AppConfig):
    name = "samsvar.site.implementation"
    label = "samsvar_implementation"
    verbose_name = "Implementation"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from samsvar.site.implementation import labels
        from samsvar.site.implementation.asks import emails as asks_emails
        from samsvar.site.implementation.asks import labels as asks_labels
        from samsvar.site.implementation.asks import queries as asks
        from samsvar.site.implementation.asks.digest_lines import digest_lines as ask_digest_lines
        from samsvar.site.implementation.asks.models import AskQuestion
        from samsvar.site.implementation.asks.scheduled import run_ask_tasks
        from samsvar.site.implementation.digest import emails as digest_emails
        from samsvar.site.implementation.duties.queries import desk_panel as duties_panel
        from samsvar.site.implementation.evidence.models import Evidence
        from samsvar.site.implementation.evidence.queries import measure_panel
        from samsvar.site.implementation.imports import labels as import_labels
        from samsvar.site.implementation.indicators import queries as indicators
        from samsvar.site.implementation.measures.models import Answer, Change, Triage
        from samsvar.site.implementation.measures.search_provider import MeasureSource
        from samsvar.site.implementation.progress import story
        from samsvar.site.implementation.reports import labels as report_labels
        from samsvar.site.implementation.reports import queries as reports
        from samsvar.site.implementation.reports.models import Draft, DraftSection
        from samsvar.site.implementation.rooms.models import Room, RoomPublication, RoomSection
        from samsvar.site.implementation.rooms.queries import account_panel, publications_panel
        from samsvar.site.implementation.scheduled import run_implementation_tasks
        from samsvar.site.monitoring.finding_links import LinkSource
        from samsvar.site.shell import hooks

        hooks.register("daily_task", run_ask_tasks)
        hooks.register("daily_task", run_implementation_tasks)
        hooks.register("digest_lines", ask_digest_lines)
        hooks.register("email_templates", asks_emails.EMAIL_TEMPLATES)
        hooks.register("email_templates", digest_emails.EMAIL_TEMPLATES)
        hooks.register("error_texts", labels.ERROR_TEXTS)
        hooks.register("error_texts", report_labels.ERROR_TEXTS)
        hooks.register("error_texts", asks_labels.ERROR_TEXTS)
        hooks.register("error_texts", import_labels.ERROR_TEXTS)
        for heading, model, column in (
            (_("measures"), Answer, "finding_id"),
            (_("decisions of the national desk"), Triage, "finding_id"),
            (_("evidence"), Evidence, "finding_id"),
            (None, Change, "finding"),
            (None, AskQuestion, "finding_id"),
            (None, DraftSection, "finding"),
            (None, RoomSection, "finding_id"),
        ):
            hooks.register("finding_links", LinkSource(heading, model.objects.all, column))
        for rows in (Draft.objects, Room.objects, RoomPublication.objects):
            hooks.register("report_rows", LinkSource(None, rows.all, "report_id"))
        hooks.register("page_panel:desk", asks.desk_panel)
        hooks.register("page_panel:desk", indicators.desk_panel)
        hooks.register("page_panel:desk", reports.desk_panel)
        hooks.register("page_panel:desk", duties_panel)
        hooks.register("page_panel:finding", story.finding_panel)
        hooks.register("page_panel:progress", reports.progress_panel)
        hooks.register("page_panel:measure", measure_panel)
        hooks.register("page_panel:progress", indicators.country_panel)
        hooks.register("page_panel:evidence", publications_panel)
        hooks.register("page_panel:account", account_panel)
        hooks.register("search_items", MeasureSource())
        hooks.register("submitted_texts", reports.submitted_texts)
