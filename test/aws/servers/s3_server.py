"""Moto's S3, DynamoDB and IAM on a free port of loopback, until the standard input ends.

Not moto's own server: that one closes each connection after one answer. With one thread for the requests there is no
moment between moto's look at a condition, such as If-None-Match, and the write that follows.
"""

import os
import sys
import threading

import aws_rules
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from waitress import create_server


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


aws_rules.obey()
server = create_server(
    DomainDispatcherApplication(create_backend_app),
    host="127.0.0.1",
    port=0,
    threads=1,
    connection_limit=1000,
    channel_timeout=3600,
    asyncore_use_poll=True,
)
threading.Thread(target=end_with_parent, daemon=True).start()
print(f"listens on http://127.0.0.1:{server.effective_port}", flush=True)
server.run()
