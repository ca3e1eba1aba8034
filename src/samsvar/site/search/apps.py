from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "samsvar.site.search"
    label = "samsvar_search"
    verbose_name = "Search"

    def ready(self) -> None:
        from samsvar.site.search.labels import ERROR_TEXTS
        from samsvar.site.shell import hooks

        hooks.register("error_texts", ERROR_TEXTS)
