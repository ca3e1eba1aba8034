"""The vocabulary of the field: names of measures, services and forms of violence in each language."""
