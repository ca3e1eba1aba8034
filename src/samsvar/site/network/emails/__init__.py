"""Outgoing emails: their texts, the queue and the task that sends them."""
