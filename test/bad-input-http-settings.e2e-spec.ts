/** What is wrong as HTTP stays so where settings add to the routes and to what is looked at. */
import { httpTests } from './support/http-tests';

/** With CORS there is a route for preflights besides, and in development a check of the Host. */
const SETTINGS: readonly (readonly [string, Record<string, string>])[] = [
  ['in development', { ENVIRONMENT: 'development' }],
  ['with CORS_ORIGINS', { CORS_ORIGINS: 'https://front.example' }],
];

describe.each(SETTINGS)('what is wrong as HTTP, %s', (_name, settings) => {
  httpTests(settings);
});
