/** A service that runs already, at the addresses of TARGET_URLS; TARGET_BUCKET is where it keeps code, on AWS_TEST_S3_URL. */
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { Api, type JobBody } from './api';
import { withS3 } from './aws';
import type { StartGateway } from './gateway-handle';

const UPLOADS = 'uploads/';

const parseUrls = (list = ''): string[] =>
  list
    .split(',')
    .map((url) => url.trim().replace(/\/+$/, ''))
    .filter((url) => url !== '');

/** What is kept of one test is there for the next: page by page. */
const uploads = (): Promise<string[]> =>
  withS3(async (client) => {
    const keys: string[] = [];
    const bucket = { Bucket: process.env['TARGET_BUCKET'], Prefix: UPLOADS };
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, bucket)) {
      keys.push(...Contents.map(({ Key = '' }) => Key.slice(UPLOADS.length)));
    }
    return keys;
  });

/** @throws Error when it is to have settings, or is looked into: it has its own, and runs elsewhere */
export const connectToRunningService: StartGateway = async (overrides = {}) => {
  const [first, ...others] = parseUrls(process.env['TARGET_URLS']);
  if (first === undefined) throw new Error('TARGET_URLS names no address');
  const refuse = (what: string): never => {
    throw new Error(`The service at ${first} runs elsewhere: its ${what} cannot be reached`);
  };
  const names = Object.keys(overrides);
  if (names.length > 0) refuse(`settings ${names.join(', ')}`);
  const { body } = await new Api(first).get<{ jobs: JobBody[] }>('/api/jobs?limit=1');
  return {
    api: new Api(first, others),
    apis: [first, ...others].map((url) => new Api(url)),
    backend: 'aws',
    environment: process.env['TARGET_ENVIRONMENT'] ?? 'development',
    get app() {
      return refuse('application');
    },
    get dataDir() {
      return refuse('data directory');
    },
    uploads,
    newestBefore: body.jobs[0]?.job_id,
    close: () => Promise.resolve(),
  };
};
