"""Create, edit and cancel a meeting, manage its helpers and email everyone concerned."""
