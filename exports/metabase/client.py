"""A Metabase server's REST API, as far as the applier needs it.

Belongs here: sending, retrying what is safe to repeat, and telling what a server refused. Does not
belong here: what is sent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import stamina

_SECONDS = 60
_TRIES = 4


class MetabaseError(ValueError):
    """The server refused or is not as it must be; the message says what to do."""


class Api:
    """Requests that return decoded JSON. Only reads and whole replacements (PUT) are repeated:
    a POST that was answered by silence may have been heard."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def get(self, path: str, **query: str) -> Any:
        """Read."""
        return self._repeated("GET", path, params=query)

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """Replace."""
        return self._repeated("PUT", path, json=body)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Make."""
        return self._sent("POST", path, json=body)

    def _repeated(self, method: str, path: str, **more: Any) -> Any:
        for attempt in stamina.retry_context(on=_may_pass, attempts=_TRIES):
            with attempt:
                return self._sent(method, path, **more)
        raise AssertionError("unreachable")

    def _sent(self, method: str, path: str, **more: Any) -> Any:
        answer = self._http.request(method, path, **more)
        if answer.status_code in (401, 403):
            raise MetabaseError(
                f"Metabase refused {method} {path} ({answer.status_code}): the API key must be an "
                "administrator's (Admin settings > Authentication > API keys)"
            )
        answer.raise_for_status()
        return answer.json() if answer.content else None


@contextmanager
def connect(url: str, api_key: str) -> Iterator[Api]:
    """The server at `url`. Raises MetabaseError for whatever it refuses or does not answer."""
    headers = {"X-Api-Key": api_key}
    try:
        with httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=_SECONDS) as http:
            yield Api(http)
    except httpx.HTTPStatusError as error:
        told = error.response.text[:300]
        raise MetabaseError(
            f"Metabase answered {error.request.method} {error.request.url.path} with "
            f"{error.response.status_code}: {told}"
        ) from error
    except httpx.HTTPError as error:
        raise MetabaseError(f"Metabase at {url} does not answer: {error}") from error


def _may_pass(error: Exception) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in (408, 429, 502, 503, 504)
    return isinstance(error, httpx.TransportError)
