from django.db import migrations, models

from samsvar.site.shell.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="RateLimitCounter",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("empty_at", models.FloatField(db_index=True)),
            ],
        ),
    ]
