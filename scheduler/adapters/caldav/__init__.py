"""A partner's calendar on a CalDAV server (library ``caldav``; RFC 4791, RFC 6578). Not here: the text of an event.

account       what is kept in the vault        connect, providers   an address and a password → an account
door          the account's own server and no other; the connections come from outside (app)
client        one request; what goes wrong with it, in our words
access        the account of now, its client, and the end of access
multistatus   the XML of questions and answers
collection    the verbs on our own collection  mirror               what stands in it, kept up to date
calendar      fulfils Calendar                 busy                 fulfils BusySource

Importing this package takes 0.2 s and 12 MB: the app does so only where a file names such a calendar.
"""
