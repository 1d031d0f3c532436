"""Connection rituals on both partners' calendars, and the mail that goes with them."""
