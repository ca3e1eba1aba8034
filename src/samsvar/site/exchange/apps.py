from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "samsvar.site.exchange"
    label = "samsvar_exchange"
    verbose_name = "Exchange of experience"

    def ready(self) -> None:
        from samsvar.site.exchange import labels
        from samsvar.site.exchange.achievements import labels as achievement_labels  # noqa: F401 - adds its labels
        from samsvar.site.exchange.achievements import queries as achievements
        from samsvar.site.exchange.adoptions import queries as adoptions
        from samsvar.site.exchange.introductions import actions as introduction_actions
        from samsvar.site.exchange.introductions import emails as introduction_emails
        from samsvar.site.exchange.introductions import queries as introductions
        from samsvar.site.exchange.matching import labels as matching_labels  # noqa: F401 - adds its labels
        from samsvar.site.exchange.matching import queries as matching
        from samsvar.site.exchange.practices import emails as practice_emails
        from samsvar.site.exchange.practices import labels as practice_labels  # noqa: F401 - adds its labels
        from samsvar.site.exchange.practices.models import LeadDecision, Practice
        from samsvar.site.exchange.practices.queries import leads
        from samsvar.site.exchange.practices.scheduled import run_practice_tasks
        from samsvar.site.exchange.practices.search_provider import PracticeSource
        from samsvar.site.exchange.requests import emails as request_emails
        from samsvar.site.exchange.requests import panels as request_panels
        from samsvar.site.exchange.requests.models import HelpRequest, Reply
        from samsvar.site.exchange.requests.scheduled import run_request_tasks
        from samsvar.site.exchange.requests.search_provider import search_requests
        from samsvar.site.monitoring.finding_links import LinkSource
        from samsvar.site.shell import hooks

        hooks.register("error_texts", labels.ERROR_TEXTS)
        hooks.register("daily_task", run_practice_tasks)
        hooks.register("daily_task", run_request_tasks)
        hooks.register("daily_task", introduction_actions.run_introductions)
        hooks.register("email_templates", practice_emails.EMAIL_TEMPLATES)
        hooks.register("email_templates", request_emails.EMAIL_TEMPLATES)
        hooks.register("email_templates", introduction_emails.EMAIL_TEMPLATES)
        hooks.register("consent_withdrawn", introduction_actions.end_without_consent)
        hooks.register("protection_started", introduction_actions.end_introductions_of)
        hooks.register("search_items", PracticeSource())
        hooks.register("search_results", (_("Requests for help"), search_requests))
        hooks.register("finding_links", LinkSource(_("practices"), Practice.objects.all, "praise"))
        for model in (LeadDecision, HelpRequest, Reply):
            hooks.register("finding_links", LinkSource(None, model.objects.all, "finding"))
        # panels appear in this order: first a person's own step, then what others have done
        hooks.register("page_panel:finding", request_panels.finding_panel)
        hooks.register("page_panel:finding", matching.finding_panel)
        hooks.register("page_panel:finding", leads.finding_panel)
        hooks.register("page_panel:measure", request_panels.measure_panel)
        hooks.register("page_panel:measure", matching.measure_panel)
        hooks.register("page_panel:measure", adoptions.measure_panel)
        hooks.register("page_panel:article", request_panels.article_panel)
        hooks.register("page_panel:article", matching.article_panel)
        hooks.register("page_panel:progress", matching.country_panel)
        hooks.register("page_panel:desk", leads.desk_panel)
        hooks.register("page_panel:exchange_of_state", adoptions.desk_panel)
        hooks.register("page_panel:exchange", request_panels.exchange_panel)
        hooks.register("page_panel:practice", adoptions.practice_panel)
        hooks.register("page_panel:help_request", matching.request_panel)
        hooks.register("page_panel:help_request", introductions.request_panel)
        hooks.register("page_panel:helpdesk_request", matching.request_panel)
        hooks.register("page_panel:helpdesk_request", introductions.request_panel)
        hooks.register("page_panel:exchange", introductions.exchange_panel)
        hooks.register("page_panel:exchange", achievements.exchange_panel)
        hooks.register("page_panel:network", achievements.network_panel)
        hooks.register("page_panel:helpdesk", introductions.helpdesk_panel)
        hooks.register("page_panel:account", introductions.account_panel)
