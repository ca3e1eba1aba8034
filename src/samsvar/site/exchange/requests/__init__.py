"""Requests for help to the network, replies, offers, and the helpdesk."""
