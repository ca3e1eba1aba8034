"""One folder per monitoring body: profile.toml, README.md, and rules.py for what data cannot express."""
