import { preferredFormat } from './logs-format';

describe('preferredFormat', () => {
  it.each([
    undefined,
    '',
    '*/*',
    'text/plain',
    'text/*',
    'application/json',
    'application/*',
    'application/x-ndjson;q=0',
    'application/x-ndjson;q=0.5, text/plain',
    'text/plain;q=0.9, application/x-ndjson;q=0.8',
    'application/x-ndjson;q=nonsense',
    'application/x-ndjsonx',
  ])('selects text for %j', (accept) => {
    expect(preferredFormat(accept)).toBe('text');
  });

  it.each([
    'application/x-ndjson',
    'APPLICATION/X-NDJSON',
    'application/x-ndjson;q=0.1',
    'application/x-ndjson; charset=utf-8; q=0.7, */*;q=0.1',
    'text/html, application/x-ndjson',
    'text/plain, application/x-ndjson',
    'text/plain;q=0.5,application/x-ndjson;q=0.5',
    'text/plain;q=0, application/x-ndjson;q=0.001',
  ])('selects NDJSON for %j', (accept) => {
    expect(preferredFormat(accept)).toBe('ndjson');
  });
});
