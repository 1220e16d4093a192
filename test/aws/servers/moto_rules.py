"""Requirements of AWS on IAM policies that moto does not know."""

from moto.dynamodb.responses import DynamoHandler
from moto.s3.responses import ACTION_MAP
from moto.sqs.responses import SQSResponse
from moto.utilities.utils import get_partition


def dynamodb_resource(handler):
    """Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB"."""
    partition, region, account = get_partition(handler.region), handler.region, handler.current_account
    arn = f"arn:{partition}:dynamodb:{region}:{account}:table/{handler.body.get('TableName')}"
    index = handler.body.get("IndexName")
    return arn if index is None else f"{arn}/index/{index}"


def queue_name(handler):
    """Also covers GetQueueUrl, which has a queue name and no URL."""
    return handler._get_param("QueueName") or queue_name_from_url(handler)


queue_name_from_url = SQSResponse._get_queue_name


def apply():
    # Amazon S3 API Reference, HeadBucket, "Permissions".
    ACTION_MAP["BUCKET"]["HEAD"]["DEFAULT"] = "ListBucket"
    DynamoHandler._determine_resource = dynamodb_resource
    SQSResponse._get_queue_name = queue_name
