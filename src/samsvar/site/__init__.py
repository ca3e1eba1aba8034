"""The Django site: stores what the library reads, shows it and protects it. Only this package uses Django."""
