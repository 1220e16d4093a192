/** Rust, which the engine's image does not have: what the other files say of every language. */
import { describeEachDeployment } from './support/each-deployment';
import { HELLO } from './support/hello';
import { runWithoutLeftovers } from './support/leftovers';

describeEachDeployment({}, (gateway) => {
  it('is offered with its version', async () => {
    const { body } = await gateway().api.get<{ id: string }[]>('/api/languages');
    expect(body.find(({ id }) => id === 'rust')).toMatchObject({
      available: true,
      version: expect.stringMatching(/^\d/) as string,
      warning: null,
    });
  });

  it('reads its input and prints', async () => {
    const job = await gateway().api.run('rust', HELLO['rust'] ?? '', { input: 'World\n', timeout: 10_000 });
    expect(job).toMatchObject({ verdict: 'OK', exit_code: 0, stdout: 'hello World\n', stderr: '' });
  }, 60_000);

  it.each(['RUST', 'RS'])('is taken as %s', async (language) => {
    const answer = await gateway().api.post('/api/upload', { code: 'x', language });
    expect(answer).toMatchObject({ status: 201, body: { language: 'rust' } });
  });

  it('what its compiler refuses is a compile error with its words', async () => {
    const job = await runWithoutLeftovers(gateway().api, 'rust', 'fn main() { let x: i32 = "text"; }');
    expect(job).toMatchObject({
      ...{ status: 'FAILED', verdict: 'COMPILE_ERROR', exit_code: null, signal: null },
      ...{ stdout: '', stderr: '', resource: null, error_message: null },
    });
    expect(job.compile?.exit_code).toBeGreaterThan(0);
    expect(`${job.compile?.stdout ?? ''}${job.compile?.stderr ?? ''}`).toMatch(/main\.rs:1/);
  });
});
