"""One request of moto at a time, but for those that wait for a message.

Moto looks at a condition, such as If-None-Match, and then writes; between the two there must be nobody else. So must
there be between its look for messages and its marking of them. A long poll of SQS may last 20 s, in which moto's own way of
waiting would keep everybody out.
"""

import threading
import time

from moto.sqs.models import SQSBackend

# s between two looks for messages that have become visible, and for whoever has gone.
LOOK = 0.05

turn = threading.Condition()
client = threading.local()
receive_now = SQSBackend.receive_message


def receive(backend, queue_name, count, wait, visibility_timeout, attribute_names=None):
    end = time.monotonic() + wait
    while True:
        found = receive_now(backend, queue_name, count, 0, visibility_timeout, attribute_names)
        # A client that has gone gets no message: nobody else would get it until it is visible again.
        if found or time.monotonic() >= end or client.is_gone():
            return found
        turn.wait(LOOK)


def one_at_a_time(application):
    SQSBackend.receive_message = receive

    def answer(environ, start_response):
        with turn:
            client.is_gone = environ["waitress.client_disconnected"]
            if client.is_gone():
                return []
            body = list(application(environ, start_response))
            turn.notify_all()
            return body

    return answer
