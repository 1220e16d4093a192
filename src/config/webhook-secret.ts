import { ValidateBy } from 'class-validator';

const PREFIX = 'whsec_';
const BYTES_MIN = 24;
const BYTES_MAX = 64;

/** Decodes the key that signs webhooks (standardwebhooks.com, "Signature scheme"). */
export const decodeWebhookSecret = (secret: string): Buffer =>
  Buffer.from(secret.slice(PREFIX.length), 'base64');

/** `whsec_` followed by 24 to 64 bytes in Base64. */
export const IsWebhookSecret = (): PropertyDecorator =>
  ValidateBy({
    name: 'isWebhookSecret',
    validator: {
      validate: isWebhookSecret,
      defaultMessage: () =>
        `must be ${PREFIX} and ${BYTES_MIN.toString()} to ${BYTES_MAX.toString()} bytes in Base64`,
    },
  });

function isWebhookSecret(value: unknown): boolean {
  if (typeof value !== 'string' || !/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(value)) return false;
  const { length } = decodeWebhookSecret(value);
  return length >= BYTES_MIN && length <= BYTES_MAX;
}
