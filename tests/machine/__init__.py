"""A random life over two partners on different routes: people, faults and restarts, and what must hold all the same.

    python -m tests.machine --runs 200        python -m tests.machine --seed 17 (replays one run, step by step)

partner   what a person can do, and what really stands there      by_memory, by_folder, by_google, by_caldav
faults    what goes wrong in front of a server                     home     the service of one run
life      the steps of one run                                     claims   what must hold, at any step and at the end
texts     iCalendar as people's programs write it                   flaky      trouble in front of local calendars
runs      many seeds, on every pair of routes                      ledger     what people did
places    the servers, started once                                tally    how often each thing occurred
"""
