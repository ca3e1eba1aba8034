from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "samsvar.site.pages"
    label = "samsvar_pages"
    verbose_name = "Pages"
