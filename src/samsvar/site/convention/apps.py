from django.apps import AppConfig


class ConventionConfig(AppConfig):
    name = "samsvar.site.convention"
    label = "samsvar_convention"
    verbose_name = "Convention"
