import { createHmac } from 'node:crypto';
import { decodeWebhookSecret } from '../../config/webhook-secret';
import { createSignedHeaders } from './webhook-signature';

describe('createSignedHeaders', () => {
  it('returns the signature of the example in Standard Webhooks', () => {
    const key = decodeWebhookSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
    expect(createSignedHeaders(key, id, 1_614_265_330_999, '{"test": 2432232314}')).toEqual({
      'webhook-id': id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('signs the bytes of id, timestamp and body', () => {
    const key = Buffer.alloc(24, 7);
    const body = '{"stdout":"é😀\\n"}';
    const signed = Buffer.concat([Buffer.from('id-1.1700000000.'), Buffer.from(body, 'utf8')]);
    const expected = createHmac('sha256', key).update(signed).digest().toString('base64');
    expect(createSignedHeaders(key, 'id-1', 1_700_000_000_000, body)['webhook-signature']).toBe(
      `v1,${expected}`,
    );
  });
});
