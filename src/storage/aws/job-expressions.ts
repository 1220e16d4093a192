import type { TransitionGuard, JobFilter } from '../../jobs/job.repository';
import type { Attributes } from './job-item';
import { BUCKET, DUE_AT, DUE_BUCKET, PARTITION_KEY } from './table';

/** Collects the placeholders of one command. Every name needs one: `status` and others are reserved words of DynamoDB. */
class Placeholders {
  readonly ExpressionAttributeNames: Record<string, string> = {};
  readonly ExpressionAttributeValues: Record<string, unknown> = {};

  name(attribute: string): string {
    this.ExpressionAttributeNames[`#${attribute}`] = attribute;
    return `#${attribute}`;
  }

  value(name: string, value: unknown): string {
    this.ExpressionAttributeValues[`:${name}`] = value;
    return `:${name}`;
  }

  equals(attribute: string, value: unknown, name = attribute): string {
    return `${this.name(attribute)} = ${this.value(name, value)}`;
  }

  /** The properties for the command. */
  get all(): Pick<Placeholders, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> {
    const { ExpressionAttributeNames, ExpressionAttributeValues } = this;
    return { ExpressionAttributeNames, ExpressionAttributeValues };
  }
}

/** Builds an update under a guard that sets the attributes and removes those that are null. */
export function buildTransitionUpdate(guard: TransitionGuard, attributes: Attributes) {
  const placeholders = new Placeholders();
  const entries = Object.entries(attributes);
  const set = entries
    .filter(([, value]) => value !== null)
    .map(([name, value]) => placeholders.equals(name, value));
  const removed = entries.filter(([, value]) => value === null).map(([name]) => placeholders.name(name));
  const statuses = guard.statuses.map((status, index) =>
    placeholders.value(`from_status_${index.toString()}`, status),
  );
  const conditions = [
    placeholders.equals('attempt', guard.attempt, 'from_attempt'),
    `${placeholders.name('status')} IN (${statuses.join(', ')})`,
    ...equalOrAbsent(placeholders, 'fence', guard.fence),
    ...equalOrAbsent(placeholders, DUE_AT, guard.dueAt),
  ];
  return {
    UpdateExpression: [...clause('SET', set), ...clause('REMOVE', removed)].join(' '),
    ConditionExpression: conditions.join(' AND '),
    ...placeholders.all,
  };
}

const clause = (name: string, actions: readonly string[]): string[] =>
  actions.length > 0 ? [`${name} ${actions.join(', ')}`] : [];

/** @param value undefined matches any value; null requires that the attribute does not exist */
function equalOrAbsent(
  placeholders: Placeholders,
  attribute: string,
  value: string | null | undefined,
): string[] {
  if (value === undefined) return [];
  if (value === null) return [`attribute_not_exists(${placeholders.name(attribute)})`];
  return [placeholders.equals(attribute, value, `from_${attribute}`)];
}

/** Builds a query for the items of one bucket of the due index that are due at `now` (RFC 3339), the longest overdue first. */
export function buildDueQuery(bucket: number, now: string) {
  const placeholders = new Placeholders();
  const keys = [
    placeholders.equals(DUE_BUCKET, bucket),
    `${placeholders.name(DUE_AT)} <= ${placeholders.value('now', now)}`,
  ];
  return { KeyConditionExpression: keys.join(' AND '), ScanIndexForward: true, ...placeholders.all };
}

/**
 * Builds a query for the jobs of one bucket of the list index, newest first.
 * @param after only jobs with a smaller id
 */
export function buildListQuery(bucket: number, filter: JobFilter, after: string | undefined) {
  const placeholders = new Placeholders();
  const keys = [placeholders.equals(BUCKET, bucket)];
  if (after !== undefined)
    keys.push(`${placeholders.name(PARTITION_KEY)} < ${placeholders.value('after', after)}`);
  const filters = Object.entries(filter).filter(([, value]) => value !== undefined);
  const conditions = filters.map(([name, value]) => placeholders.equals(name, value));
  return {
    KeyConditionExpression: keys.join(' AND '),
    ...(conditions.length > 0 && { FilterExpression: conditions.join(' AND ') }),
    ScanIndexForward: false,
    ...placeholders.all,
  };
}
