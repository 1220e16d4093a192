"""Moto's S3, SQS, DynamoDB and IAM on a free port of loopback, until the standard input ends.

Not moto's own server: that one closes each connection after one answer.
"""

import os
import sys
import threading

import aws_rules
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from one_at_a_time import one_at_a_time
from waitress import create_server


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


aws_rules.obey()
server = create_server(
    one_at_a_time(DomainDispatcherApplication(create_backend_app)),
    host="127.0.0.1",
    port=0,
    # Each long poll of SQS has one.
    threads=128,
    # Without it a client that goes is not seen before its answer.
    channel_request_lookahead=1,
    connection_limit=1000,
    channel_timeout=3600,
    asyncore_use_poll=True,
)
threading.Thread(target=end_with_parent, daemon=True).start()
print(f"listens on http://127.0.0.1:{server.effective_port}", flush=True)
server.run()
