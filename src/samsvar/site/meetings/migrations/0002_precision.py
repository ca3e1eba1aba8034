"""How exact the days of a meeting are, in the place of whether they are known."""

from django.db import migrations, models


def bring(apps, _editor):
    meetings = apps.get_model("samsvar_meetings", "Meeting").objects
    meetings.filter(days_known=False).update(precision="month")  # no source was vaguer than that


def take_back(apps, _editor):
    meetings = apps.get_model("samsvar_meetings", "Meeting").objects
    meetings.exclude(precision="day").update(days_known=False)


class Migration(migrations.Migration):
    dependencies = [("samsvar_meetings", "0001_first")]

    operations = [
        migrations.AddField(
            model_name="meeting",
            name="precision",
            field=models.CharField(
                choices=[("day", "Day"), ("month", "Month"), ("year", "Year")], default="day", max_length=5
            ),
        ),
        migrations.RunPython(bring, take_back),
        migrations.RemoveField(model_name="meeting", name="days_known"),
    ]
