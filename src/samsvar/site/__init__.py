"""The site: stores what the library reads, shows it and protects it. The only room that knows Django."""
