/** A service that runs already, at the addresses of TARGET_URLS. */
import { Api } from './api';
import type { StartGateway } from './gateway-handle';

const urlsOf = (list = ''): string[] =>
  list
    .split(',')
    .map((url) => url.trim().replace(/\/+$/, ''))
    .filter((url) => url !== '');

/** Takes no settings: it has its own. */
export const runningTarget: StartGateway = () => {
  const [first, ...others] = urlsOf(process.env['TARGET_URLS']);
  if (first === undefined) throw new Error('TARGET_URLS names no address');
  const refuse = (what: string): never => {
    throw new Error(`The service at ${first} runs elsewhere: its ${what} cannot be reached`);
  };
  return Promise.resolve({
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
    uploads: () => refuse('storage'),
    close: () => Promise.resolve(),
  });
};
