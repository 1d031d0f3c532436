"""Google Calendar v3 and Google's OAuth on loopback, made from the discovery document that ships with the client.

    with FakeGoogle(clock) as fake:
        sam = fake.person("sam@example.org", zone="Europe/Berlin")
        tokens = sam.connects(f"{SCOPE}calendar.app.created", f"{SCOPE}calendar.freebusy")
        credentials = Credentials(tokens.access_token, refresh_token=tokens.refresh_token, token_uri=fake.token_uri,
                                  client_id=tokens.client.id, client_secret=tokens.client.secret)
        service = build("calendar", "v3", credentials=credentials, static_discovery=True,
                        client_options={"api_endpoint": fake.api_endpoint})

FakeGoogle(clock)    .url .api_endpoint .auth_uri .token_uri .revoke_uri · .client (a desktop client) · .settings
                     .person(email, zone) · .registers(id, secret, *redirect_uris, desktop=)
                     .fail_next(*faults) · .faults (left) · .clear() · .expire_sync_tokens() · .expire_access_tokens()
                     .calls: the ledger, a list of Call(method, verb, path, status, query, body, reason, person,
                     headers)
Fault(...)           status, reason, after, drop, reset, method, retry_after, latency_s, body, keep (see trouble.py)
Person, what they see   .email · .app_calendars() → ids · .events(calendar_id=None) → live resources, of the app's
                     calendars where none is named · .event(id), also cancelled · .standing() → live events that
                     clients made · .foreign() → {calendar/id: bytes} of events made by hand
Person, by hand      .adds(starts_at, ends_at, title, calendar_id="primary", **fields) → id · .adds_all_day(day, …)
                     .adds_foreign() · .moves(id, starts_at) · .resizes(id, ends_at) · .retitles(id, title)
                     .makes_all_day(id, day) · .edits(id, **fields) · .deletes(id) · .restores(id)
                     .forgets_deleted() · .deletes_calendar(calendar_id=None) · .moves_calendar_to(zone, calendar_id)
                     .breaks_freebusy(reason, calendar_id)
Person, access       .connects(*scopes, client=None) → Tokens(access_token, refresh_token, scopes, client)
                     .revokes() · .sits_down(denies=, unticks=)

An owner can only edit or delete an event of their own: there is nobody to decline to. Not here: methods that are not
modelled (they answer 501 and name themselves), batches, uploads, push. rules.md says where each rule comes from.
"""

from __future__ import annotations

from tests.servers.google.discovery import SCOPE
from tests.servers.google.fake import FakeGoogle
from tests.servers.google.oauth import Client
from tests.servers.google.people import Person, Tokens
from tests.servers.google.service import Call
from tests.servers.google.state import Settings
from tests.servers.google.trouble import Fault

__all__ = ["SCOPE", "Call", "Client", "FakeGoogle", "Fault", "Person", "Settings", "Tokens"]
