"""A calendar of their own for those who came by the link of their registration."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("samsvar_meetings", "0012_speaker_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="schedulelink",
            name="registration",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="calendars",
                to="samsvar_meetings.registration",
            ),
        ),
        migrations.AlterField(
            model_name="schedulelink",
            name="account",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="schedulelink",
            constraint=models.UniqueConstraint(fields=("registration",), name="one_calendar_a_registration"),
        ),
        migrations.AddConstraint(
            model_name="schedulelink",
            constraint=models.CheckConstraint(
                condition=models.Q(("account__isnull", True), ("registration__isnull", True), _connector="XOR"),
                name="a_calendar_is_one_persons",
            ),
        ),
    ]
