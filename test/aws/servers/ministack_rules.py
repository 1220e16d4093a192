"""Behaviour of DynamoDB that MiniStack lacks and the tests need, and shortcuts that make large tables fast enough."""

import heapq
import math
import operator
import threading
import time
from itertools import islice

from ministack.core.responses import error_response_json
from ministack.services import dynamodb

# Seconds for which a read without ConsistentRead returns an item as it was before its last write. AWS promises no bound;
# "usually within one second or less" (Amazon DynamoDB Developer Guide, "DynamoDB read consistency").
REPLICATION_LAG = 1.0
# Seconds from UpdateTable until a new index is ACTIVE, longer than the poll interval of AWS_BOOTSTRAP. AWS needs minutes.
BACKFILL_DURATION = 1.5
ABSENT = object()

# Reentrant: some of MiniStack's operations take it as well, and its thread that deletes expired items does.
lock = threading.RLock()
# By table, key: the item before its last write, and when that write happened.
previous_items = {}
# Expressions by slot that MiniStack has found valid, with their tokens.
valid_expressions = {}
# The query that is running, if any.
running_query = {}
COMPARISONS = {"EQ": operator.eq, "LT": operator.lt, "LE": operator.le, "GT": operator.gt, "GE": operator.ge}


def apply():
    dynamodb._lock = lock
    dynamodb._set_item = recording_previous(dynamodb._set_item)
    dynamodb._remove_item = recording_previous(dynamodb._remove_item)
    dynamodb._get_item = eventually_consistent(dynamodb._get_item)
    dynamodb._update_table = adding_indexes_slowly(dynamodb._update_table)
    dynamodb._table_description = showing_progress(dynamodb._table_description)
    dynamodb._query = narrowing(refusing_new_indexes(dynamodb._query))
    dynamodb._index_members = narrowed(dynamodb._index_members)
    dynamodb._update_ttl = refusing_second_ttl(dynamodb._update_ttl)
    dynamodb._paginate_evaluated_items = measuring(dynamodb._paginate_evaluated_items)
    dynamodb._add_consumed_capacity = charging_by_size(dynamodb._add_consumed_capacity)
    dynamodb._evaluate_condition = parsing_once(dynamodb._evaluate_condition)


def recording_previous(write):
    def recorded(table, pk, sk, *item):
        key = table["TableId"], pk, sk
        previous_items.pop(key, None)
        previous_items[key] = (table["items"].get(pk, {}).get(sk, ABSENT), time.monotonic())
        forget_replicated()
        return write(table, pk, sk, *item)

    return recorded


def forget_replicated():
    """The oldest entries come first."""
    for key, (_, at) in list(islice(previous_items.items(), 2)):
        if at < time.monotonic() - REPLICATION_LAG:
            del previous_items[key]


def eventually_consistent(get_item):
    def get(data):
        table = dynamodb._tables.get(data.get("TableName"))
        if table is None or data.get("ConsistentRead"):
            return get_item(data)
        pk, sk, error = dynamodb._resolve_table_key_values(table, data.get("Key", {}), allow_extra=False)
        previous, at = previous_items.get((table["TableId"], pk, sk), (None, 0))
        if error or at < time.monotonic() - REPLICATION_LAG:
            return get_item(data)
        items = table["items"]
        table["items"] = {} if previous is ABSENT else {pk: {sk: previous}}
        try:
            return get_item(data)
        finally:
            table["items"] = items

    return get


def is_new(index):
    return index.get("_active_at", 0) > time.monotonic()


def new_indexes(table):
    return [index for index in table.get("GlobalSecondaryIndexes", []) if is_new(index)]


def adding_indexes_slowly(update_table):
    """DynamoDB changes one index at a time (Amazon DynamoDB API Reference, UpdateTable)."""

    def update(data):
        table = dynamodb._tables.get(data.get("TableName"))
        if table is None:
            return update_table(data)
        if new_indexes(table):
            return error_response_json(
                "ResourceInUseException", "Attempt to change a resource which is still in use", 400
            )
        if len(data.get("GlobalSecondaryIndexUpdates", [])) > 1:
            return error_response_json(
                "LimitExceededException", "Only 1 online index can be created or deleted simultaneously", 400
            )
        known = {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])}
        response = update_table(data)
        for index in table.get("GlobalSecondaryIndexes", []):
            if index["IndexName"] not in known:
                index["_active_at"] = time.monotonic() + BACKFILL_DURATION
        return response

    return update


def showing_progress(table_description):
    def describe(name):
        description = table_description(name)
        indexes = description.get("GlobalSecondaryIndexes", [])
        if any(map(is_new, indexes)):
            description["TableStatus"] = "UPDATING"
        if indexes:
            description["GlobalSecondaryIndexes"] = [
                {
                    **{key: value for key, value in index.items() if key != "_active_at"},
                    **({"IndexStatus": "CREATING", "Backfilling": True} if is_new(index) else {}),
                }
                for index in indexes
            ]
        return description

    return describe


def refusing_new_indexes(query):
    def refused(data):
        table = dynamodb._tables.get(data.get("TableName")) or {}
        index = data.get("IndexName")
        if index in [new["IndexName"] for new in new_indexes(table)]:
            return error_response_json(
                "ValidationException", f"Cannot read from backfilling global secondary index: {index}", 400
            )
        return query(data)

    return refused


def refusing_second_ttl(update_ttl):
    def update(data):
        setting = dynamodb._ttl_settings.get(data.get("TableName"), {})
        if setting.get("TimeToLiveStatus") == "ENABLED" and data["TimeToLiveSpecification"].get("Enabled"):
            return error_response_json("ValidationException", "TimeToLive is already enabled", 400)
        return update_ttl(data)

    return update


def measuring(paginate):
    def page_of(items, limit, table, index_name=None):
        page, has_more = paginate(items, limit, table, index_name)
        entries = (dynamodb._apply_index_projection(item, table, index_name) if index_name else item for item in page)
        running_query["bytes"] = sum(map(dynamodb._item_size_bytes, entries))
        return page, has_more

    return page_of


def charging_by_size(add_consumed_capacity):
    """A read unit is 4 KB (Amazon DynamoDB Developer Guide, "DynamoDB read and write operations")."""

    def add(result, data, table_name, write=False, **items):
        add_consumed_capacity(result, data, table_name, write, **items)
        capacity = result.get("ConsumedCapacity")
        if capacity is None or write:
            return
        size = running_query.get("bytes") or dynamodb._item_size_bytes(result.get("Item", {}))
        factor = max(1, math.ceil(size / 4096))
        parts = [capacity, capacity.get("Table", {}), *capacity.get("GlobalSecondaryIndexes", {}).values()]
        for part in parts:
            if "CapacityUnits" in part:
                part["CapacityUnits"] *= factor

    return add


def parsing_once(evaluate_condition):
    """MiniStack parses an expression again for each item, which takes seconds for a large index partition."""

    def evaluate(expression, item, values, names, slot="ConditionExpression"):
        tokens = valid_expressions.get((expression, slot))
        if tokens is not None:
            try:
                return dynamodb._ExprEval(tokens, item, values, names).evaluate()
            except Exception:
                # Fails again below, with the message of DynamoDB.
                pass
        result = evaluate_condition(expression, item, values, names, slot)
        # The bounds of BETWEEN are checked with the values.
        if expression and "BETWEEN" not in expression.upper():
            valid_expressions[expression, slot] = dynamodb._tokenize(expression)
        return result

    return evaluate


def narrowing(query):
    def run(data):
        running_query.update(data)
        try:
            return query(data)
        finally:
            running_query.clear()

    return run


def narrowed(index_members):
    """MiniStack evaluates and sorts a whole index partition for each page; the first entries of the page suffice."""

    def members_of(table):
        members = index_members(table)
        name, limit = running_query.get("IndexName"), running_query.get("Limit")
        if name not in members or limit is None or "ExclusiveStartKey" in running_query:
            return members
        _, range_names = dynamodb._index_key_lists(dynamodb._index_def(table, name))
        comparison = range_comparison(range_names)
        if comparison is None or dynamodb._get_attr_type(table, range_names[0]) != "S":
            return members
        first = heapq.nsmallest if running_query.get("ScanIndexForward", True) else heapq.nlargest

        class Partitions:
            def get(self, partition, default):
                entries = (
                    (table["items"][pk][sk][range_names[0]]["S"], pk, sk)
                    for pk, sk in members[name].get(partition, default)
                )
                page = first(limit + 1, (entry for entry in entries if comparison(entry[0])))
                return [(pk, sk) for _, pk, sk in page]

        return {name: Partitions()}

    return members_of


def range_comparison(range_names):
    """The running query's condition on its range key; None if it is not a simple comparison."""
    names = running_query.get("ExpressionAttributeNames", {})
    values = running_query.get("ExpressionAttributeValues", {})
    tokens = dynamodb._tokenize(running_query.get("KeyConditionExpression", ""))
    compare, bound = None, None
    for clause in dynamodb._key_condition_clauses(tokens):
        if len(clause) != 3 or clause[1][0] not in COMPARISONS or clause[2][0] != "VALUE_REF":
            return None
        if names.get(clause[0][1], clause[0][1]) in range_names:
            compare, bound = COMPARISONS[clause[1][0]], values.get(clause[2][1], {}).get("S")
    if len(range_names) != 1:
        return None
    if compare is None:
        return lambda value: True
    return None if bound is None else lambda value: compare(value, bound)
