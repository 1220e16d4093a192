import { isIP } from 'node:net';
import { ValidateBy } from 'class-validator';
import { invalidFieldProblem } from '../../common/problems/problem.exception';
import type { WebhookSettings } from '../../config/settings';
import { isGlobalAddress } from './webhook-addresses';
import { getHost } from './webhook-connection';

export const CALLBACK_URL_LENGTH_MAX = 2048;

export const IsCallbackUrl = (): PropertyDecorator =>
  ValidateBy({
    name: 'isCallbackUrl',
    validator: {
      validate: isCallbackUrl,
      defaultMessage: () =>
        `must be an absolute http or https URL of at most ${CALLBACK_URL_LENGTH_MAX.toString()} characters, without user and password`,
    },
  });

/**
 * Rejects a URL to which no webhook could ever be sent. Host names are resolved and checked at delivery only.
 * @throws ProblemException `validation-failed` on `callback_url`
 */
export function assertCallbackUrlAllowed(url: string, settings: WebhookSettings): void {
  if (!settings.key)
    throw invalidFieldProblem(
      'callback_url',
      'cannot be used: this service has no CALLBACK_SECRET to sign webhooks with',
    );
  const host = getHost(new URL(url));
  if (isIP(host) > 0 && !settings.mayCallPrivateAddresses && !isGlobalAddress(host))
    throw invalidFieldProblem(
      'callback_url',
      'must not have a loopback, private, link-local or other reserved address as its host',
    );
}

function isCallbackUrl(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > CALLBACK_URL_LENGTH_MAX || !value.isWellFormed())
    return false;
  // The URL parser would accept missing slashes, white space, control characters and backslashes.
  if (!/^https?:\/\/[^/]/i.test(value) || /[\0-\x20\x7f\\]/.test(value) || !URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username === '' && password === '';
}
