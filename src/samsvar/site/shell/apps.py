from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "samsvar.site.shell"
    label = "samsvar_shell"
    verbose_name = "Shell"
