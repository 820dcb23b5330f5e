"""``gateway.wsgi:application`` for any WSGI server; settings come from the environment."""

from gateway.bootstrap import build
from gateway.config import load_settings

application = build(load_settings()).wsgi_application()
