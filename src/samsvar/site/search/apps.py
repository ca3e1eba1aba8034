from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "samsvar.site.search"
    label = "samsvar_search"
    verbose_name = "Search"
