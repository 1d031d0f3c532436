"""The one guarded way out: calendars published by address, and requests to a server that somebody named.

Not here: what a calendar's lines mean, what is said to a server (caldav).

ics         one published address → BusyReading, by conditional requests; a reader of bytes is handed in
client      one GET and its redirects → the bytes, or words about what is wrong
exchange    one request of any kind → the whole answer, or words; what caldav is handed
address     which texts are addresses that may be asked at all: https, few ports, no login inside
line        a connection for either of them
connection  what opens sockets: a name is looked up once, every answer is checked, the checked one is connected to
body        what comes back, unpacked and counted
limits      how far, how long, how much

A published address is a secret: whoever knows it reads the calendar. So no text of ours holds more of it than its
host; and httpx, which logs each address at INFO and comes with 0.2 s of imports more, is left for httpcore, the part
of it that speaks HTTP.
"""
