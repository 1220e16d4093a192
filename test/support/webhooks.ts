import { readEnvironment } from '../../src/config/environment';
import { WebhookSettings } from '../../src/config/settings';

/** @param key signs webhooks; without it none are sent */
export function callbackSettings({ key, ...rest }: { key?: Buffer; CALLBACK_PRIVATE_ADDRESSES?: string }) {
  const secret = key ? { CALLBACK_SECRET: `whsec_${key.toString('base64')}` } : {};
  return new WebhookSettings(readEnvironment({ ...secret, ...rest }));
}
