// Counts what AWS would bill: stands between the gateway and a DynamoDB or S3, asks DynamoDB what each call consumed, and
// counts the requests to S3.
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** @returns the address to use instead of `target`, and `bills`: one entry for each call since it was last emptied */
export async function startBillingProxy(target) {
  const bills = [];
  const server = createServer((incoming, outgoing) => {
    pass(target, incoming, outgoing, bills).catch(() => incoming.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, bills, close };
}

async function pass(target, incoming, outgoing, bills) {
  const operation = incoming.headers['x-amz-target']?.split('.').at(-1);
  const given = await buffer(incoming);
  // The servers of the tests check no signature, so that the request may be changed.
  const body = operation
    ? Buffer.from(JSON.stringify({ ...JSON.parse(given), ReturnConsumedCapacity: 'INDEXES' }))
    : given;
  const headers = { ...incoming.headers, 'content-length': body.length };
  const sent = request(new URL(incoming.url, target), { method: incoming.method, headers, agent: false });
  const [answer] = await once(sent.end(body), 'response');
  const bytes = await buffer(answer);
  outgoing.writeHead(answer.statusCode, answer.rawHeaders).end(bytes);
  if (operation === undefined) bills.push({ call: `S3 ${incoming.method}`, units: 1 });
  else bills.push({ call: `DynamoDB ${operation}`, units: unitsOf(JSON.parse(bytes).ConsumedCapacity) });
}

/** Of the table and its indexes together. */
const unitsOf = (consumed) => consumed?.CapacityUnits ?? 0;
