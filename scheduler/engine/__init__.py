"""The steps of the service; they meet only in the store."""
