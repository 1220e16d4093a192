import { getEventListeners } from 'node:events';
import { linkedAbort, onAbort, settledOrAborted } from './abort';
import { deferred } from './deferred';

const listenerCount = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('onAbort', () => {
  it('calls the listener once, with the reason', () => {
    const source = new AbortController();
    const listener = jest.fn();
    onAbort(source.signal, listener);
    source.abort('why');
    source.abort('again');
    expect(listener.mock.calls).toEqual([['why']]);
  });

  it('calls the listener at once when the signal has aborted already', () => {
    const listener = jest.fn();
    onAbort(AbortSignal.abort('why'), listener);
    expect(listener.mock.calls).toEqual([['why']]);
  });

  it('lets more than ten callers listen to one signal without a warning', () => {
    const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation();
    const source = new AbortController();
    for (let count = 0; count < 50; count += 1) onAbort(source.signal, () => undefined);
    expect(listenerCount(source.signal)).toBe(50);
    expect(emitWarning).not.toHaveBeenCalled();
    emitWarning.mockRestore();
  });

  it('does not call a listener that was removed', () => {
    const source = new AbortController();
    const listener = jest.fn();
    const remove = onAbort(source.signal, listener);
    remove();
    source.abort();
    expect(listener).not.toHaveBeenCalled();
    expect(listenerCount(source.signal)).toBe(0);
  });
});

describe('linkedAbort', () => {
  it.each([0, 1])('aborts with source %i, with its reason, and leaves no listener behind', (index) => {
    const sources = [new AbortController(), new AbortController()];
    const linked = linkedAbort(...sources.map(({ signal }) => signal));
    expect(linked.signal.aborted).toBe(false);
    sources[index]?.abort('why');
    expect([linked.signal.aborted, linked.signal.reason]).toEqual([true, 'why']);
    expect(sources.map(({ signal }) => listenerCount(signal))).toEqual([0, 0]);
  });

  it('is aborted from the start when a source is, and leaves no listener behind', () => {
    const other = new AbortController();
    for (const sources of [
      [other.signal, AbortSignal.abort('why')],
      [AbortSignal.abort('why'), other.signal],
    ]) {
      expect(linkedAbort(...sources).signal.reason).toBe('why');
      expect(listenerCount(other.signal)).toBe(0);
    }
  });

  it('aborts alone, without its source', () => {
    const source = new AbortController();
    const linked = linkedAbort(source.signal);
    linked.abort('own');
    expect([linked.signal.reason, source.signal.aborted]).toEqual(['own', false]);
    expect(listenerCount(source.signal)).toBe(0);
  });

  it('does not abort once it is unlinked', () => {
    const source = new AbortController();
    const linked = linkedAbort(source.signal);
    linked.unlink();
    source.abort();
    expect(linked.signal.aborted).toBe(false);
  });
});

describe('settledOrAborted', () => {
  it('waits for the work', async () => {
    const source = new AbortController();
    const work = deferred();
    const settled = jest.fn();
    const waiting = settledOrAborted(work.promise, source.signal).then(settled);
    await Promise.resolve();
    expect(settled).not.toHaveBeenCalled();
    work.resolve();
    await waiting;
    expect(listenerCount(source.signal)).toBe(0);
  });

  it('ends when the signal aborts, and at once when it has aborted already', async () => {
    const source = new AbortController();
    const never = new Promise(() => undefined);
    const waiting = settledOrAborted(never, source.signal);
    source.abort();
    await waiting;
    await settledOrAborted(never, source.signal);
  });

  it('fails when the work fails', async () => {
    const failing = settledOrAborted(Promise.reject(new Error('broken')), new AbortController().signal);
    await expect(failing).rejects.toThrow('broken');
  });
});
