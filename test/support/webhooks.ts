/** Settings of callbacks, as an environment gives them. */
import { readEnvironment } from '../../src/config/environment';
import { WebhookSettings } from '../../src/config/settings';

/** @param key that signs them; without one there are none */
export function callbackSettings({ key, ...rest }: { key?: Buffer; CALLBACK_PRIVATE_ADDRESSES?: string }) {
  const secret = key ? { CALLBACK_SECRET: `whsec_${key.toString('base64')}` } : {};
  return new WebhookSettings(readEnvironment({ ...secret, ...rest }));
}
