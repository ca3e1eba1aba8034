"""Who signs the letters of a meeting, and whom their readers may ask."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("samsvar_meetings", "0009_questions_after_confirmation")]

    operations = [
        migrations.AddField(model_name="meeting", name="signatory", field=models.CharField(blank=True, max_length=200)),
        migrations.AddField(
            model_name="meeting", name="letters_contact", field=models.CharField(blank=True, max_length=200)
        ),
    ]
