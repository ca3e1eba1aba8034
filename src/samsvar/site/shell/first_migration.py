"""The first migration of an app, which creates its tables in one step."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class FirstMigration(migrations.Migration):
    """A first migration that creates each of its tables complete, as the migration leaves it.

    Django makes classes of nearly all models again after each operation, which took four fifths of the time of a new
    database. Here, they are made once. Only operations that belong to a new table are allowed, so that no existing row
    or column can be concerned; any later migration is one of Django's own.
    """

    initial = True

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """Create the tables of all models of this migration, with their columns, indexes and constraints.

        Raises:
            TypeError: an operation is none that completes a new table.
        """
        created = {
            operation.name_lower for operation in self.operations if isinstance(operation, migrations.CreateModel)
        }
        for operation in self.operations:
            if isinstance(operation, migrations.AddField | migrations.AddIndex | migrations.AddConstraint):
                creates = operation.model_name.lower() in created
            else:
                creates = isinstance(operation, migrations.CreateModel)
            if not creates:
                raise TypeError(f"{self} creates tables only: move {operation!r} into a migration of its own")
        project_state.__dict__.pop("apps", None)  # Django's property makes the classes when they are next asked for
        self.mutate_state(project_state, preserve=False)
        for operation in self.operations:
            if isinstance(operation, migrations.CreateModel):
                operation.database_forwards(self.app_label, schema_editor, project_state, project_state)
        return project_state
