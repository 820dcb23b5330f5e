"""Posting: one HTTP session per thread, time and size bounded, and errors told apart by what was sent (PUB-08)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from gateway.publishing.destinations import Destination
from gateway.publishing.outcomes import Finding

MAX_ANSWER_BYTES: Final = 1024 * 1024
"""Longest answer that is read; a ServiceOpStatus has a few hundred bytes."""

_CHUNK_BYTES = 64 * 1024


class Unusable(Exception):
    """The answer, or the way to it, says *finding*."""

    def __init__(self, finding: Finding, reason: str) -> None:
        self.finding, self.reason = finding, reason
        super().__init__(reason)


class Poster:
    """Posts to one destination; threads may share it.

    Args:
        destination: where to, and with what timeouts.
        monotonic: clock for the time limit of one call.
    """

    def __init__(self, destination: Destination, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.destination = destination
        self._monotonic = monotonic
        self._timeouts = (destination.connect_timeout_seconds, destination.read_timeout_seconds)
        self._thread = threading.local()
        self._sessions: list[requests.Session] = []
        self._opening = threading.Lock()

    def post(self, body: bytes, headers: Mapping[str, str]) -> requests.Response:
        """Post *body* and return the answer, read whole; redirects are not followed.

        Raises:
            Unusable: no answer, or one that is too long or too slow; its finding says whether anything was sent.
        """
        deadline = self._monotonic() + self.destination.longest_call_seconds
        try:
            session, template = self._prepared()
            request = template.copy()
            request.body = body
            request.headers.update(headers)
            request.headers["Content-Length"] = str(len(body))
            response = session.send(
                request,
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
                verify=session.verify,
                proxies={},
            )
            try:
                # zeep wants a response that was read; requests has no public way to give it a bounded body.
                response._content = self._read(response, deadline)
            except BaseException:
                response.close()
                raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise Unusable(finding_of_error(error), f"{type(error).__name__}: {error}") from error
        return response

    def session(self) -> requests.Session:
        """Return the session of this thread: requests does not promise that threads may share one."""
        return self._prepared()[0]

    def close(self) -> None:
        """Close the sessions of all threads."""
        with self._opening:
            for session in self._sessions:
                session.close()
            self._sessions.clear()
        self._thread = threading.local()

    def _prepared(self) -> tuple[requests.Session, requests.PreparedRequest]:
        """Return this thread's session and a request to copy.

        requests would take the address and the session's headers apart again for each message, which is a third of
        the price of a call.
        """
        prepared: tuple[requests.Session, requests.PreparedRequest] | None = getattr(self._thread, "prepared", None)
        if prepared is None:
            session = new_session(self.destination.ca_file)
            with self._opening:
                self._sessions.append(session)
            template = session.prepare_request(requests.Request("POST", self.destination.url))
            prepared = self._thread.prepared = (session, template)
        return prepared

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        # read1 hands over what has come; read would wait for a whole chunk from a server that drips.
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_ANSWER_BYTES:
                raise Unusable(Finding.UNREADABLE_ANSWER, f"the answer is longer than {MAX_ANSWER_BYTES} bytes")
            if self._monotonic() > deadline:
                raise Unusable(Finding.TIMED_OUT, "the answer did not end in time")
        return b"".join(chunks)


def new_session(ca_file: str = "") -> requests.Session:
    """Return an HTTP session that repeats connecting and nothing else, and goes only where it is told."""
    session = requests.Session()
    # A proxy or a netrc of the machine would send messages and passwords where no setting says.
    session.trust_env = False
    session.verify = ca_file or True
    session.headers["User-Agent"] = "store-inventory-gateway"
    retries = Retry(total=1, connect=1, read=0, redirect=0, status=0, other=0)
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=retries)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def finding_of_error(error: BaseException) -> Finding:
    """Return what an error of requests, urllib3 or the socket says; the question is whether anything was sent."""
    for cause in _causes(error):
        if isinstance(cause, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)):
            return Finding.NOT_REACHED
        if isinstance(cause, (requests.exceptions.SSLError, urllib3.exceptions.SSLError)):
            return Finding.NOT_TRUSTED
        if isinstance(cause, (requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError)):
            return Finding.TIMED_OUT
        if isinstance(cause, (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader)):
            return Finding.CANNOT_BE_SENT
    return Finding.CONNECTION_LOST


def _causes(error: BaseException) -> list[BaseException]:
    """Return *error* with what it wraps; requests and urllib3 hide the cause in arguments and ``reason``."""
    found: list[BaseException] = []
    queue: list[object] = [error]
    while queue and len(found) < 20:
        current = queue.pop(0)
        if isinstance(current, BaseException) and current not in found:
            found.append(current)
            queue += [getattr(current, "reason", None), *current.args, current.__cause__]
    return found
