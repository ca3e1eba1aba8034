from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "samsvar.site.exchange"
    label = "samsvar_exchange"
    verbose_name = "Exchange of experience"

    def ready(self) -> None:
        from samsvar.site.exchange import labels
        from samsvar.site.exchange.practices import emails as practice_emails
        from samsvar.site.exchange.practices import labels as _practice_labels  # noqa: F401  # registers its labels
        from samsvar.site.exchange.practices.queries import leads
        from samsvar.site.exchange.practices.scheduled import run_practice_tasks
        from samsvar.site.exchange.practices.search_provider import search_practices
        from samsvar.site.shell import hooks

        hooks.register("error_texts", labels.ERROR_TEXTS)
        hooks.register("email_templates", practice_emails.EMAIL_TEMPLATES)
        hooks.register("daily_task", run_practice_tasks)
        hooks.register("search_results", (_("Practices"), search_practices))
        hooks.register("page_panel:desk", leads.desk_panel)
        hooks.register("page_panel:finding", leads.finding_panel)
