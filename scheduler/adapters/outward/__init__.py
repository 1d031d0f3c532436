"""Busy times from calendars published by address (Outlook, Google, anything). Not here: what their lines mean.

ics         one published address → BusyReading, by conditional requests; a reader of bytes is handed in
client      one GET and its redirects → the bytes, or words about what is wrong
address     which texts are addresses that may be asked at all: https, few ports, no login inside
connection  the only way out: a name is looked up once, every answer is checked, and the checked one is connected to
body        what comes back, unpacked and counted
limits      how far, how long, how much

A published address is a secret: whoever knows it reads the calendar. So no text of ours holds more of it than its
host; and httpx, which logs each address at INFO and comes with 0.2 s of imports more, is left for httpcore, the part
of it that speaks HTTP.
"""
