from django.apps import AppConfig


class ImplementationConfig(AppConfig):
    name = "samsvar.site.implementation"
    label = "samsvar_implementation"
    verbose_name = "Implementation"

    def ready(self) -> None:
        from samsvar.site.implementation import labels
        from samsvar.site.implementation.indicators import queries as indicators
        from samsvar.site.implementation.progress import story
        from samsvar.site.shell import hooks

        hooks.register("error_texts", labels.ERROR_TEXTS)
        hooks.register("page_panel:finding", story.finding_panel)
        hooks.register("page_panel:country_overview", indicators.country_panel)
