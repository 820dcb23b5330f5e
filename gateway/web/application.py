"""One WSGI application for all doors: who answers which path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def by_path(doors: Mapping[str, WsgiApplication]) -> WsgiApplication:
    """Return an application that hands each request to the door at its path; others get 404 with a list of doors."""
    not_here = ("There is nothing here. This gateway answers at:\n" + "\n".join(sorted(doors)) + "\n").encode()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        door = doors.get(path) or doors.get(path.rstrip("/"))
        if door is not None:
            return door(environ, start_response)
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(not_here)))]
        start_response("404 Not Found", headers)
        return [not_here]

    return application
