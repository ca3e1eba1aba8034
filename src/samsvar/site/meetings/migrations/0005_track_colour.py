"""In which colour a track is drawn."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("samsvar_meetings", "0004_told")]

    operations = [
        migrations.AddField(
            model_name="track",
            name="colour",
            field=models.CharField(
                blank=True,
                choices=[
                    ("teal", "teal"),
                    ("blue", "blue"),
                    ("plum", "plum"),
                    ("brick", "brick"),
                    ("amber", "amber"),
                    ("moss", "moss"),
                ],
                default="",
                max_length=8,
            ),
            preserve_default=False,
        ),
    ]
