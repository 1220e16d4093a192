import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

/**
 * Starts a proxy between the gateway and DynamoDB or S3 that counts what AWS would bill: the capacity that each DynamoDB call
 * consumes, and the number of S3 requests.
 * @returns `url`, to use instead of `target`, and `bills`, to which each call adds an entry
 */
export async function startBillingProxy(target) {
  const bills = [];
  const server = createServer((incoming, outgoing) => {
    forward(target, incoming, outgoing, bills).catch(() => incoming.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, bills, close };
}

async function forward(target, incoming, outgoing, bills) {
  const operation = incoming.headers['x-amz-target']?.split('.').at(-1);
  const received = await buffer(incoming);
  // The emulators do not check signatures, so the request can be changed.
  const body = operation
    ? Buffer.from(JSON.stringify({ ...JSON.parse(received), ReturnConsumedCapacity: 'INDEXES' }))
    : received;
  const headers = { ...incoming.headers, 'content-length': body.length };
  const sent = request(new URL(incoming.url, target), { method: incoming.method, headers, agent: false });
  const [response] = await once(sent.end(body), 'response');
  const bytes = await buffer(response);
  outgoing.writeHead(response.statusCode, response.rawHeaders).end(bytes);
  if (operation === undefined) bills.push({ call: `S3 ${incoming.method}`, units: 1 });
  else bills.push({ call: `DynamoDB ${operation}`, units: unitsOf(JSON.parse(bytes).ConsumedCapacity) });
}

/** Capacity units of the table and its indexes together. */
const unitsOf = (consumed) => consumed?.CapacityUnits ?? 0;
