"""Makes moto handle one request at a time, except while a request waits for a message.

Moto checks a condition such as If-None-Match and then writes, without a lock around both. It also finds messages and then
marks them as received. Either must be atomic. Moto's own long poll of SQS would hold the lock for up to 20 s.
"""

import threading
import time

from moto.sqs.models import SQSBackend

# Seconds between two checks for messages that became visible and for a client that disconnected.
POLL_INTERVAL = 0.05

lock = threading.Condition()
client = threading.local()
receive_now = SQSBackend.receive_message


def receive(backend, queue_name, count, wait, visibility_timeout, attribute_names=None):
    deadline = time.monotonic() + wait
    while True:
        messages = receive_now(backend, queue_name, count, 0, visibility_timeout, attribute_names)
        # A disconnected client gets no message: it would stay invisible to other receivers until its timeout.
        if messages or time.monotonic() >= deadline or client.is_disconnected():
            return messages
        lock.wait(POLL_INTERVAL)


def serialized(application):
    SQSBackend.receive_message = receive

    def handle(environ, start_response):
        with lock:
            client.is_disconnected = environ["waitress.client_disconnected"]
            if client.is_disconnected():
                return []
            body = list(application(environ, start_response))
            lock.notify_all()
            return body

    return handle
