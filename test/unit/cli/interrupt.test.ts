import { afterEach, describe, expect, it, vi } from 'vitest';
import { listenForInterrupt, type Interrupt } from '../../../cli/interrupt.ts';

describe('listenForInterrupt', () => {
  let interrupt: Interrupt | null = null;
  afterEach(() => {
    interrupt?.dispose();
    vi.restoreAllMocks();
  });

  it('asks the job to stop at the first Ctrl-C and ends the process at the second', () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const notes: string[] = [];
    interrupt = listenForInterrupt((line) => notes.push(line));
    expect(interrupt.signal.aborted).toBe(false);
    process.emit('SIGINT');
    expect(interrupt.signal.aborted).toBe(true);
    expect(notes).toEqual([expect.stringContaining('Ctrl-C again')]);
    expect(exit).not.toHaveBeenCalled();
    process.emit('SIGINT');
    expect(exit).toHaveBeenCalledExactlyOnceWith(130);
  });

  it('leaves no handler behind', () => {
    const before = process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
    listenForInterrupt(() => undefined).dispose();
    expect(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')).toBe(before);
  });
});
