"""Places that a delegation has before it names anybody are taken from the quotas; who comes is reminded once."""

from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

HOLDING = ("asked", "confirmed", "nominated")


def keep(apps, _editor):
    """For delegations that still name people, as many places as the whole and their country's quota have free."""
    quotas = apps.get_model("samsvar_meetings", "Quota").objects
    delegations = apps.get_model("samsvar_meetings", "Delegation").objects
    now = timezone.now()
    naming = delegations.filter(Q(nominate_until__isnull=True) | Q(nominate_until__gt=now))
    coming = naming.filter(meeting__begins__gte=now.date(), meeting__cancelled_at__isnull=True)
    for row in coming.select_related("organisation").order_by("at", "id"):
        state = row.state_id or (row.organisation.state_id if row.organisation else None) or "-"
        reached = quotas.filter(Q(kind="whole") | Q(kind="country", key=state), meeting=row.meeting_id)
        unnamed = row.places - row.registrations.filter(standing__in=HOLDING).count()
        row.reserved = max(0, min([unnamed, *(one.places - one.taken for one in reached)]))
        for one in reached:
            one.taken += row.reserved
            one.save(update_fields=["taken"])
        row.save(update_fields=["reserved"])


def free(apps, _editor):
    quotas = apps.get_model("samsvar_meetings", "Quota").objects
    delegations = apps.get_model("samsvar_meetings", "Delegation").objects
    for row in delegations.filter(reserved__gt=0).select_related("organisation"):
        state = row.state_id or (row.organisation.state_id if row.organisation else None) or "-"
        for one in quotas.filter(Q(kind="whole") | Q(kind="country", key=state), meeting=row.meeting_id):
            one.taken -= row.reserved
            one.save(update_fields=["taken"])


class Migration(migrations.Migration):
    dependencies = [
        ("samsvar_meetings", "0010_signatory"),
        ("samsvar_network", "0001_first"),
    ]

    operations = [
        migrations.AddField(
            model_name="delegation",
            name="reserved",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="registration",
            name="told_of_days_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(keep, free),
    ]
