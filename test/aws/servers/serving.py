"""Serves a WSGI application on a free port of the loopback interface until standard input closes.

Waitress rather than the emulators' own servers: moto's closes each connection after one response, and MiniStack's has no
option for a free port.
"""

import os
import sys
import threading

from waitress import create_server


def exit_with_parent():
    sys.stdin.read()
    os._exit(0)


def serve(application):
    server = create_server(
        application,
        host="127.0.0.1",
        port=0,
        # Each long poll of SQS occupies one thread.
        threads=128,
        # Without it, waitress notices a disconnected client only when it writes the response.
        channel_request_lookahead=1,
        connection_limit=1000,
        channel_timeout=3600,
        asyncore_use_poll=True,
    )
    threading.Thread(target=exit_with_parent, daemon=True).start()
    print(f"listens on http://127.0.0.1:{server.effective_port}", flush=True)
    server.run()
