/** Rust has a suite of its own, because the engine's image does not have it. */
import { RUNTIMES } from '../src/engine/runtimes';
import { describeEachDeployment } from './support/each-deployment';
import { HELLO } from './support/hello';

const LANGUAGES = Object.keys(HELLO).filter((language) => language !== 'rust');

describeEachDeployment({}, (gateway) => {
  it('lists every language with its version', async () => {
    const { status, body } = await gateway().api.get<{ id: string }[]>('/api/languages');
    expect(status).toBe(200);
    expect(body.map(({ id }) => id)).toEqual(Object.keys(HELLO));
    for (const language of body.filter(({ id }) => LANGUAGES.includes(id))) {
      expect(language).toMatchObject({
        available: true,
        version: expect.stringMatching(/^\d/) as string,
        warning: null,
      });
    }
  });

  it.each(LANGUAGES)(
    'passes the input to a %s program and returns its output',
    async (language) => {
      const job = await gateway().api.run(language, HELLO[language] ?? '', {
        input: 'World\n',
        timeout: 10_000,
      });
      expect(job).toMatchObject({ verdict: 'OK', exit_code: 0, stdout: 'hello World\n', stderr: '' });
    },
    60_000,
  );

  it.each(
    RUNTIMES.filter(({ id }) => LANGUAGES.includes(id)).flatMap(({ id, aliases }) =>
      [id, ...aliases].map((name) => [name, id] as const),
    ),
  )('accepts the language name %s for %s, in upper case too', async (name, id) => {
    const response = await gateway().api.post('/api/upload', { code: 'x', language: name.toUpperCase() });
    expect(response).toMatchObject({ status: 201, body: { language: id } });
  });
});
