"""Words, cards and templates, and turning them into mail and calendar text."""
