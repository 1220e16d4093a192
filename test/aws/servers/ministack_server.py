"""Starts MiniStack's DynamoDB. It handles one request at a time, so that a condition and its write are atomic."""

import logging
import re

import ministack_rules
from ministack.core import responses
from ministack.services import dynamodb
from serving import serve

REGION = re.compile(r"Credential=[^/]+/\d+/([^/]+)/")


def headers_of(environ):
    return {
        name[len("HTTP_") :].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }


def application(environ, start_response):
    headers = headers_of(environ)
    region = REGION.search(headers.get("authorization", ""))
    body = environ["wsgi.input"].read()
    with ministack_rules.lock:
        responses.set_request_region(region and region.group(1))
        status, headers, body = complete(dynamodb.handle_request("POST", "/", headers, body, {}))
    # DynamoDB has an error's type in the body alone; WSGI wants a reason phrase, which clients ignore.
    start_response(f"{status} -", [*headers.items(), ("Content-Length", str(len(body)))])
    return [body]


def complete(coroutine):
    """Runs a coroutine that never waits, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    raise RuntimeError("MiniStack's DynamoDB waited for something")


# Failed conditions are normal here.
logging.getLogger("dynamodb").setLevel(logging.ERROR)
ministack_rules.apply()
serve(application)
