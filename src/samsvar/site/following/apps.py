from django.apps import AppConfig


class FollowingConfig(AppConfig):
    name = "samsvar.site.following"
    label = "samsvar_following"
    verbose_name = "Following"

    def ready(self) -> None:
        from functools import partial

        from samsvar.site.following import emails, labels, panels
        from samsvar.site.following.models import Follow, FollowKind
        from samsvar.site.following.scheduled import run_following_tasks
        from samsvar.site.monitoring.finding_links import LinkSource
        from samsvar.site.shell import hooks

        hooks.register("daily_task", run_following_tasks)
        hooks.register("email_templates", emails.EMAIL_TEMPLATES)
        hooks.register("error_texts", labels.ERROR_TEXTS)
        hooks.register("page_panel:account", panels.account_panel)
        follows = Follow.objects.filter(kind=FollowKind.FINDING)
        hooks.register("finding_links", LinkSource(None, follows.all, "key"))
        for kind in FollowKind:
            hooks.register(f"page_panel:follow_{kind}", partial(panels.follow_panel, kind))
