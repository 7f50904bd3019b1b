import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commandOf } from '../../../renderer/pages/score/keys.ts';

/** As much of an element as the keys look at. */
class FakeElement {
  readonly #kind: string;

  constructor(kind: string) {
    this.#kind = kind;
  }

  closest(selector: string): this | null {
    return selector.split(', ').includes(this.#kind) ? this : null;
  }
}

const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
  commandOf({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    defaultPrevented: false,
    target: null,
    ...more,
  } as KeyboardEvent);

describe('keys of the picture view', () => {
  beforeEach(() => void vi.stubGlobal('Element', FakeElement));
  afterEach(() => void vi.unstubAllGlobals());

  it('move and mark, whatever the case', () => {
    expect(press('ArrowRight')).toEqual({ kind: 'move', by: 1 });
    expect(press('Home')).toEqual({ kind: 'move', by: -Infinity });
    expect(['n', 'N', 'a', 'A', 'u'].map((key) => press(key))).toEqual(
      ['normal', 'normal', 'anomalous', 'anomalous', null].map((label) => ({ kind: 'label', label })),
    );
    expect(press('x')).toBeNull();
  });

  it('leave keys of the system and of controls alone', () => {
    expect(press('a', { ctrlKey: true })).toBeNull();
    expect(press('n', { defaultPrevented: true })).toBeNull();
    const on = (kind: string) => ({ target: new FakeElement(kind) as unknown as Element });
    expect(press('ArrowRight', on('input'))).toBeNull();
    expect(press('Escape', on('dialog'))).toBeNull();
    expect(press(' ', on('button'))).toBeNull();
    expect(press('n', on('button'))).toEqual({ kind: 'label', label: 'normal' });
  });
});
