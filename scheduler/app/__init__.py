"""The composition root: the only floor that knows everything. Not here: talking to people (cli, web)."""
