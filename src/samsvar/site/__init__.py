"""The Django site, which saves, shows and protects what the library reads. Only this package uses Django."""
