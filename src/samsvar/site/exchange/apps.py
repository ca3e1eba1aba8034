from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "samsvar.site.exchange"
    label = "samsvar_exchange"
    verbose_name = "Exchange of experience"

    def ready(self) -> None:
        from samsvar.site.exchange import labels
        from samsvar.site.exchange.adoptions import queries as adoptions
        from samsvar.site.exchange.introductions import actions as introduction_actions
        from samsvar.site.exchange.introductions import emails as introduction_emails
        from samsvar.site.exchange.introductions import queries as introductions
        from samsvar.site.shell import hooks

        hooks.register("error_texts", labels.ERROR_TEXTS)
        hooks.register("daily_task", introduction_actions.run_introductions)
        hooks.register("consent_withdrawn", introduction_actions.end_without_consent)
        hooks.register("protection_started", introduction_actions.end_introductions_of)
        hooks.register("email_templates", introduction_emails.EMAIL_TEMPLATES)
        hooks.register("page_panel:practice", adoptions.practice_panel)
        hooks.register("page_panel:measure", adoptions.measure_panel)
        hooks.register("page_panel:desk", adoptions.desk_panel)
        hooks.register("page_panel:help_request", introductions.request_panel)
        hooks.register("page_panel:helpdesk_request", introductions.request_panel)
        hooks.register("page_panel:helpdesk", introductions.helpdesk_panel)
        hooks.register("page_panel:account", introductions.account_panel)
