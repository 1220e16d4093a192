"""What AWS demands of a policy and moto does not know of."""

from moto.dynamodb.responses import DynamoHandler
from moto.s3.responses import ACTION_MAP
from moto.sqs.responses import SQSResponse
from moto.utilities.utils import get_partition


def resource_of(handler):
    """Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB"."""
    partition, region, account = get_partition(handler.region), handler.region, handler.current_account
    arn = f"arn:{partition}:dynamodb:{region}:{account}:table/{handler.body.get('TableName')}"
    index = handler.body.get("IndexName")
    return arn if index is None else f"{arn}/index/{index}"


def name_of_queue(handler):
    """Also of a call that asks for the URL by the name."""
    return handler._get_param("QueueName") or named_by_url(handler)


named_by_url = SQSResponse._get_queue_name


def obey():
    # Amazon S3 API Reference, HeadBucket, "Permissions".
    ACTION_MAP["BUCKET"]["HEAD"]["DEFAULT"] = "ListBucket"
    DynamoHandler._determine_resource = resource_of
    SQSResponse._get_queue_name = name_of_queue
