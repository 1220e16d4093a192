"""Starts moto's S3, SQS, DynamoDB and IAM."""

import moto_rules
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from serialized_moto import serialized
from serving import serve

moto_rules.apply()
serve(serialized(DomainDispatcherApplication(create_backend_app)))
