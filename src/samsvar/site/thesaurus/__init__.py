"""The thesaurus on the site: pages to browse it and to find a word in any language, and downloads."""
