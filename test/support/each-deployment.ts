import { type Gateway, DEPLOYMENTS } from './gateway';

/**
 * Runs the same tests against every deployment of the service that this run has (see DEPLOYMENTS).
 * @param overrides additional settings
 */
export function describeEachDeployment(
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
