from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "samsvar.site.exchange"
    label = "samsvar_exchange"
    verbose_name = "Exchange of experience"

    def ready(self) -> None:
        from samsvar.site.exchange import labels
        from samsvar.site.exchange.matching import labels as matching_labels  # noqa: F401 - adds its labels
        from samsvar.site.exchange.matching import queries as matching
        from samsvar.site.shell import hooks

        hooks.register("error_texts", labels.ERROR_TEXTS)
        hooks.register("page_panel:article", matching.article_panel)
        hooks.register("page_panel:finding", matching.finding_panel)
        hooks.register("page_panel:measure", matching.measure_panel)
        hooks.register("page_panel:progress", matching.country_panel)
