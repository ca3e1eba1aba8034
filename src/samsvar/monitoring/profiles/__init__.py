"""One folder for each monitoring body: profile.toml, README.md, and rules.py for what data cannot say."""
