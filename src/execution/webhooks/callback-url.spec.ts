import { validateSync } from 'class-validator';
import { readEnvironment } from '../../config/environment';
import { WebhookSettings } from '../../config/settings';
import { IsCallbackUrl, assertCallbackUrlAllowed } from './callback-url';

class Body {
  @IsCallbackUrl()
  readonly callback_url: unknown;
  constructor(url: unknown) {
    this.callback_url = url;
  }
}
const isAccepted = (url: unknown): boolean => validateSync(new Body(url)).length === 0;

const SECRET = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const settingsOf = (environment: Record<string, string>): WebhookSettings =>
  new WebhookSettings(readEnvironment(environment));
const PUBLIC = settingsOf({ CALLBACK_SECRET: SECRET });

describe('callback_url', () => {
  it.each([
    'http://example.com',
    'https://example.com:8443/done?job=1&token=a%20b#part',
    'HTTPS://EXAMPLE.COM/',
    'https://bücher.example/é',
    'http://[2606:4700::1]:8080/',
    `https://example.com/${'a'.repeat(2028)}`,
  ])('accepts %s', (url) => {
    expect(isAccepted(url)).toBe(true);
  });

  it.each([
    ...[undefined, null, 7, ['https://example.com'], '', 'example.com', '/done', '//example.com'],
    ...['ftp://example.com', 'file:///etc/passwd', 'javascript:alert(1)', 'https:example.com', 'https://'],
    ...[
      'https:///example.com',
      'http://a:99999',
      'http://[::1',
      'http://exa mple.com',
      ' http://example.com',
    ],
    ...['http://example.com/\n', 'http://example.com\\@evil', 'http://a\0b', 'http://example.com/\ud800'],
    ...['http://user@example.com', 'http://user:word@example.com', 'http://:word@example.com'],
    `https://example.com/${'a'.repeat(2029)}`,
  ])('rejects %j', (url) => {
    expect(isAccepted(url)).toBe(false);
  });

  it('describes the valid form in one sentence', () => {
    expect(validateSync(new Body('example.com'))[0]?.constraints).toEqual({
      isCallbackUrl:
        'must be an absolute http or https URL of at most 2048 characters, without user and password',
    });
  });

  it('is rejected by a service without CALLBACK_SECRET, with a message that names the setting', () => {
    expect(() => {
      assertCallbackUrlAllowed('https://example.com', settingsOf({}));
    }).toThrow('callback_url cannot be used: this service has no CALLBACK_SECRET to sign webhooks with.');
  });

  it.each([
    ...['http://127.0.0.1:8000/', 'http://10.0.0.1', 'http://169.254.169.254/latest', 'http://0.0.0.0'],
    ...['http://2130706433/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://127.1/', 'http://127.0.0.1./'],
    ...['http://[::1]/', 'http://[fd00:ec2::254]/', 'http://[::ffff:10.0.0.1]/', 'http://[64:ff9b::7f00:1]/'],
    'http://１２７.０.０.１/',
  ])('rejects %s unless private addresses are allowed', (url) => {
    expect(isAccepted(url)).toBe(true);
    expect(() => {
      assertCallbackUrlAllowed(url, PUBLIC);
    }).toThrow(
      'callback_url must not have a loopback, private, link-local or other reserved address as its host.',
    );
    const allowing = settingsOf({ CALLBACK_SECRET: SECRET, CALLBACK_PRIVATE_ADDRESSES: 'true' });
    expect(() => {
      assertCallbackUrlAllowed(url, allowing);
    }).not.toThrow();
  });

  it.each(['https://example.com', 'http://8.8.8.8', 'http://localhost', 'http://[2606:4700::1]'])(
    'accepts %s, whose address is checked at delivery',
    (url) => {
      expect(() => {
        assertCallbackUrlAllowed(url, PUBLIC);
      }).not.toThrow();
    },
  );
});
