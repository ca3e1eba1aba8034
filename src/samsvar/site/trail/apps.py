from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "samsvar.site.trail"
    label = "samsvar_trail"
    verbose_name = "Trail"
