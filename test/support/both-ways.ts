/** Runs the same tests with the engine in the gateway's process, and with an engine of its own behind HTTP. */
import { type Gateway, startGateway, startGatewayWithEngine } from './gateway';

const WAYS = [
  ['the embedded engine', startGateway],
  ['an engine of its own', startGatewayWithEngine],
] as const;

/** @param overrides settings besides those that every test has */
export function bothWays(
  overrides: Readonly<Record<string, string>>,
  tests: (gateway: () => Gateway) => void,
): void {
  describe.each(WAYS)('with %s', (_name, start) => {
    let gateway: Gateway;
    beforeAll(async () => {
      gateway = await start(overrides);
    });
    afterAll(() => gateway.close());
    tests(() => gateway);
  });
}
