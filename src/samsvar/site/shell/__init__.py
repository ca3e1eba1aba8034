"""Code shared by all apps: base template, navigation, template tags, middleware, uploads, logging and hooks."""
