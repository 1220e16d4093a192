/** A suite of its own, because the engine's image has no Rust. */
import { describeEachDeployment } from './support/each-deployment';
import { HELLO } from './support/hello';
import { runWithoutLeftovers } from './support/leftovers';

describeEachDeployment({}, (gateway) => {
  it('lists Rust with its version', async () => {
    const { body } = await gateway().api.get<{ id: string }[]>('/api/languages');
    expect(body.find(({ id }) => id === 'rust')).toMatchObject({
      available: true,
      version: expect.stringMatching(/^\d/) as string,
      warning: null,
    });
  });

  it('passes the input to a Rust program and returns its output', async () => {
    const job = await gateway().api.run('rust', HELLO['rust'] ?? '', { input: 'World\n', timeout: 10_000 });
    expect(job).toMatchObject({ verdict: 'OK', exit_code: 0, stdout: 'hello World\n', stderr: '' });
  }, 60_000);

  it.each(['RUST', 'RS'])('accepts the language name %s', async (language) => {
    const response = await gateway().api.post('/api/upload', { code: 'x', language });
    expect(response).toMatchObject({ status: 201, body: { language: 'rust' } });
  });

  it('reports a compile error with the output of the compiler', async () => {
    const job = await runWithoutLeftovers(gateway().api, 'rust', 'fn main() { let x: i32 = "text"; }');
    expect(job).toMatchObject({
      status: 'FAILED',
      verdict: 'COMPILE_ERROR',
      exit_code: null,
      signal: null,
      stdout: '',
      stderr: '',
      resource: null,
      error_message: null,
    });
    expect(job.compile?.exit_code).toBeGreaterThan(0);
    expect(`${job.compile?.stdout ?? ''}${job.compile?.stderr ?? ''}`).toMatch(/main\.rs:1/);
  });
});
