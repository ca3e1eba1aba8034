from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "samsvar.site.demo"
    label = "samsvar_demo"
    verbose_name = "Demo"
