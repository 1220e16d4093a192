// Stops the servers after all tests.
export default () => globalThis.stopAwsServers();
