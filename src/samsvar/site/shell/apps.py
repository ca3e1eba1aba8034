from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "samsvar.site.shell"
    label = "samsvar_shell"
    verbose_name = "Shell"

    def ready(self) -> None:
        from samsvar.site.shell import checks  # noqa: F401  its import registers them
