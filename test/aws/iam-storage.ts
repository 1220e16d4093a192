/** A storage behind IAM: a user of it may do what a policy says, and nothing else. */
import { REGION } from '../support/aws';
import { type Storage, provisionStorage, storageSettings, openStorage } from './storage';

/** Of moto. */
const ACCOUNT = '123456789012';
const USER = 'gateway';

export interface AllowStatement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

export interface IamStorage {
  readonly storage: Storage;
  readonly bucketArn: string;
  readonly tableArn: string;
  readonly queueArn: string;
  /** From now on the user may do this. */
  allow(statements: readonly AllowStatement[]): Promise<void>;
}

/** Makes bucket, table, queue and user; from then on this process is that user. */
export async function createIamStorage(name: string): Promise<IamStorage> {
  const url = process.env['AWS_TEST_IAM_URL'] ?? '';
  const endpoints = {
    ...{ AWS_ENDPOINT_URL_S3: url, AWS_ENDPOINT_URL_DYNAMODB: url, AWS_ENDPOINT_URL_SQS: url },
  };
  await enforce(url, false);
  await provisionStorage(storageSettings(name, endpoints));
  await askIam(url, { Action: 'CreateUser', UserName: USER });
  const key = await askIam(url, { Action: 'CreateAccessKey', UserName: USER });
  process.env['AWS_ACCESS_KEY_ID'] = valueOf(key, 'AccessKeyId');
  process.env['AWS_SECRET_ACCESS_KEY'] = valueOf(key, 'SecretAccessKey');
  return {
    storage: openStorage(name, endpoints),
    bucketArn: `arn:aws:s3:::${name}`,
    tableArn: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`,
    queueArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
    allow: async (Statement) => {
      await enforce(url, false);
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      await askIam(url, { Action: 'PutUserPolicy', UserName: USER, PolicyName: 'gateway', PolicyDocument });
      await enforce(url, true);
    },
  };
}

/** Moto counts the actions that anybody may still do. */
async function enforce(url: string, isEnforced: boolean): Promise<void> {
  const { ok } = await fetch(`${url}/moto-api/reset-auth`, {
    method: 'POST',
    body: isEnforced ? '0' : 'inf',
  });
  if (!ok) throw new Error('moto does not enforce policies');
}

async function askIam(url: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    // Not signed: the name of the service is all that is read of it.
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=admin/20260101/us-east-1/iam/aws4_request, x` },
    body: new URLSearchParams({ Version: '2010-05-08', ...parameters }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`IAM refused ${parameters['Action'] ?? ''}: ${text}`);
  return text;
}

const valueOf = (xml: string, name: string): string =>
  new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? '';
