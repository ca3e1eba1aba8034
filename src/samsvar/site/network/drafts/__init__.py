"""Drafts: what someone typed in a form of the site and has not sent yet, so that leaving in a hurry loses nothing."""
