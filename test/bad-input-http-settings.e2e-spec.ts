/** Invalid HTTP requests with settings that add routes and checks. */
import { httpTests } from './support/http-tests';

/** CORS adds a route for preflights; development adds a check of the Host header. */
const SETTINGS: readonly (readonly [string, Record<string, string>])[] = [
  ['in development', { ENVIRONMENT: 'development' }],
  ['with CORS_ORIGINS', { CORS_ORIGINS: 'https://front.example' }],
];

describe.each(SETTINGS)('invalid HTTP requests, %s', (_name, settings) => {
  httpTests(settings);
});
