"""What the fake answers: an Answer, or an ApiError in Google's body shape. Not here: when each is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Source: the errors guide (developers.google.com/workspace/calendar/api/guides/errors): reason → domain.
_DOMAINS = {
    "timeRangeEmpty": "calendar",
    "timeRangeTooLong": "calendar",
    "fullSyncRequired": "calendar",
    "updatedMinTooLongAgo": "calendar",
    "forbiddenForNonOrganizer": "calendar",
    "cannotUseDefaultRemindersAndSpecifyOverride": "calendar",
    "eventRemindersCountExceedsLimit": "calendar",
    "userRateLimitExceeded": "usageLimits",
    "rateLimitExceeded": "usageLimits",
    "quotaExceeded": "usageLimits",
    "dailyLimitExceeded": "usageLimits",
}
_MESSAGES = {
    "userRateLimitExceeded": "User Rate Limit Exceeded",
    "rateLimitExceeded": "Rate Limit Exceeded",
    "quotaExceeded": "Calendar usage limits exceeded.",
    "dailyLimitExceeded": "Daily Limit Exceeded",
    "backendError": "Backend Error",
    "authError": "Invalid Credentials",
    "notFound": "Not Found",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """``body`` is bytes as they go out, or anything that JSON can say; None is an empty body."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class ApiError(Exception):
    """One error of the Calendar API; ``location`` is ("parameter" or "header", its name)."""

    def __init__(self, status: int, reason: str, message: str = "", location: tuple[str, str] | None = None) -> None:
        super().__init__(f"{status} {reason}")
        self.status, self.reason, self.location = status, reason, location
        self.message = message or _MESSAGES.get(reason, reason)
        self.headers: dict[str, str] = {}

    @property
    def answer(self) -> Answer:
        one = {"domain": _DOMAINS.get(self.reason, "global"), "reason": self.reason, "message": self.message}
        if self.location:
            one["locationType"], one["location"] = self.location
        body = {"error": {"errors": [one], "code": self.status, "message": self.message}}
        return Answer(self.status, body, self.headers)


def invalid(message: str, parameter: str = "") -> ApiError:
    return ApiError(400, "invalid", message, ("parameter", parameter) if parameter else None)


def bad_request(message: str = "Bad Request") -> ApiError:
    return ApiError(400, "badRequest", message)


def required(message: str, parameter: str = "") -> ApiError:
    return ApiError(400, "required", message, ("parameter", parameter) if parameter else None)


def not_found() -> ApiError:
    return ApiError(404, "notFound")


def duplicate() -> ApiError:
    return ApiError(409, "duplicate", "The requested identifier already exists.")


def deleted() -> ApiError:
    return ApiError(410, "deleted", "Resource has been deleted")


def condition_not_met() -> ApiError:
    return ApiError(412, "conditionNotMet", "Precondition Failed", ("header", "If-Match"))


def full_sync_required() -> ApiError:
    message = "Sync token is no longer valid, a full sync is required."
    return ApiError(410, "fullSyncRequired", message, ("parameter", "syncToken"))


def updated_min_too_long_ago() -> ApiError:
    message = "The requested minimum modification time lies too far in the past."
    return ApiError(410, "updatedMinTooLongAgo", message, ("parameter", "updatedMin"))


def time_range_empty() -> ApiError:
    return ApiError(400, "timeRangeEmpty", "The specified time range is empty.", ("parameter", "timeMax"))


def time_range_too_long() -> ApiError:
    return ApiError(400, "timeRangeTooLong", "The requested time range is too long.", ("parameter", "timeMax"))


def bad_credentials() -> ApiError:
    error = ApiError(401, "authError", "Invalid Credentials", ("header", "Authorization"))
    error.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    return error


def login_required() -> ApiError:
    error = ApiError(401, "required", "Login Required.", ("header", "Authorization"))
    error.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/"'
    return error


def insufficient_permissions() -> ApiError:
    error = ApiError(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
    error.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'
    return error


def not_modelled(what: str) -> ApiError:
    """Not a word of Google's: the fake says loudly that a test needs more than it knows."""
    return ApiError(501, "notModelled", f"the fake does not model {what}")
