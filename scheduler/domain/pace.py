"""How often a calendar is looked at and busy times are read: often enough to follow people, seldom enough for quotas.

Not here: looking (engine/collect).
"""

from __future__ import annotations

from enum import Enum


class Pace(Enum):
    """What one look costs."""

    EVERY_TICK = "every tick"  # on this machine: nothing
    SPARING = "sparing"  # over the network, against somebody's quota
    NEVER = "never"  # there is nothing to see: an invitation, a feed
