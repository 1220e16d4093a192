import { prefersHtml } from './accept';

describe('prefersHtml', () => {
  it.each([
    'text/html',
    'TEXT/HTML',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
    'text/html; charset=utf-8; q=0.5',
    'text/html, */*',
    'application/json;q=0.5, text/html',
  ])('is true for %s', (accept) => {
    expect(prefersHtml(accept)).toBe(true);
  });

  it.each([
    undefined,
    '',
    '*/*',
    'text/*',
    'application/json',
    'application/json, text/html',
    'application/json, text/html;q=0.9',
    'text/html;q=0',
    'text/html;q=high',
    'text/htmlx',
    'application/problem+json',
  ])('is false for %j', (accept) => {
    expect(prefersHtml(accept)).toBe(false);
  });
});
