"""Profiles, one folder per monitoring body: profile.toml, README.md, and rules.py for what TOML cannot express."""
