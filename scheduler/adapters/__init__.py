"""What fulfils the ports; each is a stranger to the others and meets them only in app."""
