/** Runs the same tests in each way to run the service: with the engine in the gateway's process, and behind HTTP. */
import { type Gateway, DEPLOYMENTS } from './gateway';

/** @param overrides settings besides those that every test has */
export function bothWays(
  overrides: Readonly<Record<string, string>>,
  tests: (gateway: () => Gateway) => void,
): void {
  describe.each(DEPLOYMENTS)('with %s', (_name, start) => {
    let gateway: Gateway;
    beforeAll(async () => {
      gateway = await start(overrides);
    });
    afterAll(() => gateway.close());
    tests(() => gateway);
  });
}
