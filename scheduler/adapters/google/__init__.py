"""A partner's own calendar and busy times at Google. Not here: who has connected, and when a look is taken.

Whoever names no Google calendar imports nothing of this package: the client is large.
"""
