"""What besides its words stood otherwise before an outcome was corrected, and as what somebody said how one is kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("samsvar_meetings", "0002_precision")]

    operations = [
        migrations.AddField(model_name="outcomechange", name="before", field=models.JSONField(default=dict)),
        migrations.AddField(
            model_name="progress",
            name="said_as",
            field=models.CharField(
                blank=True,
                choices=[("speaker", "speaker"), ("desk", "desk"), ("organiser", "organiser")],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="meeting",
            name="precision",
            field=models.CharField(
                choices=[("day", "day"), ("month", "month"), ("year", "year")], default="day", max_length=5
            ),
        ),
    ]
