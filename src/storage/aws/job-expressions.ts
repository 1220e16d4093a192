import type { TransitionGuard, JobFilter } from '../../jobs/job.repository';
import type { Attributes } from './job-item';
import { BUCKET, DUE_AT, DUE_BUCKET, PARTITION_KEY } from './table';

/** Collects the placeholders of one call. Every name needs one: `status` and others are reserved words of DynamoDB. */
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

/** An update under a guard that sets the attributes and removes those that are null. */
export function transitionUpdate(from: TransitionGuard, to: Attributes) {
  const use = new Placeholders();
  const entries = Object.entries(to);
  const set = entries.filter(([, value]) => value !== null).map(([name, value]) => use.equals(name, value));
  const removed = entries.filter(([, value]) => value === null).map(([name]) => use.name(name));
  const statuses = from.statuses.map((status, index) => use.value(`from_status_${index.toString()}`, status));
  const conditions = [
    use.equals('attempt', from.attempt, 'from_attempt'),
    `${use.name('status')} IN (${statuses.join(', ')})`,
    ...equalOrAbsent(use, 'fence', from.fence),
    ...equalOrAbsent(use, DUE_AT, from.dueAt),
  ];
  return {
    UpdateExpression: [...clause('SET', set), ...clause('REMOVE', removed)].join(' '),
    ConditionExpression: conditions.join(' AND '),
    ...use.all,
  };
}

const clause = (name: string, actions: readonly string[]): string[] =>
  actions.length > 0 ? [`${name} ${actions.join(', ')}`] : [];

/** @param value undefined matches any value; null requires that the attribute does not exist */
function equalOrAbsent(use: Placeholders, attribute: string, value: string | null | undefined): string[] {
  if (value === undefined) return [];
  if (value === null) return [`attribute_not_exists(${use.name(attribute)})`];
  return [use.equals(attribute, value, `from_${attribute}`)];
}

/** Reads what is due in one bucket of the due index, the longest overdue first. */
export function dueQuery(bucket: number, now: string) {
  const use = new Placeholders();
  const keys = [use.equals(DUE_BUCKET, bucket), `${use.name(DUE_AT)} <= ${use.value('now', now)}`];
  return { KeyConditionExpression: keys.join(' AND '), ScanIndexForward: true, ...use.all };
}

/** Reads one bucket of the list index, newest first. */
export function listQuery(bucket: number, filter: JobFilter, after: string | undefined) {
  const use = new Placeholders();
  const keys = [use.equals(BUCKET, bucket)];
  if (after !== undefined) keys.push(`${use.name(PARTITION_KEY)} < ${use.value('after', after)}`);
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const conditions = given.map(([name, value]) => use.equals(name, value));
  return {
    KeyConditionExpression: keys.join(' AND '),
    ...(conditions.length > 0 && { FilterExpression: conditions.join(' AND ') }),
    ScanIndexForward: false,
    ...use.all,
  };
}
