"""A small page for what mail cannot do."""
