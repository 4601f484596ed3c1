"""Event Grid: the events that ARM's writes raise, their delivery to webhooks, and custom topics."""
