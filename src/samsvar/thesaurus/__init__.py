"""The thesaurus: names of measures, services and forms of violence in each language."""
