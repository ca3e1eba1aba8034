"""The frame of every page: base template, navigation, components, language switch, quick exit, sign-in."""
