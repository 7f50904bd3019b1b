/** Short messages at the window's foot, with an undo where there is one. */
import { describe } from '../lib/errors.ts';

export type NoticeKind = 'done' | 'info' | 'warning' | 'error';

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: NoticeKind;
  readonly undo: (() => Promise<void>) | null;
}

const shownMilliseconds = { done: 6000, info: 6000, warning: 12_000, error: 20_000 } satisfies Record<
  NoticeKind,
  number
>;
const undoMilliseconds = 15_000;
const most = 4;

export class Notices {
  list = $state.raw<readonly Notice[]>([]);
  #lastId = 0;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show({
    text,
    undo,
    kind = 'done',
  }: {
    text: string;
    undo?: (() => Promise<void>) | undefined;
    kind?: NoticeKind;
  }): number {
    const notice: Notice = { id: ++this.#lastId, text, kind, undo: undo ?? null };
    this.list = [...this.list, notice].slice(-most);
    this.#start(notice);
    return notice.id;
  }

  /** An error that has no better place on the page. */
  error(error: unknown): void {
    this.show({ text: describe(error).message, kind: 'error' });
  }

  close(id: number): void {
    this.hold(id);
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  /** While the pointer or focus is on it, it stays. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  release(id: number): void {
    const notice = this.list.find((each) => each.id === id);
    if (notice !== undefined) this.#start(notice);
  }

  async undo(notice: Notice): Promise<void> {
    this.close(notice.id);
    try {
      await notice.undo?.();
    } catch (error) {
      this.error(error);
    }
  }

  #start({ id, kind, undo }: Notice): void {
    this.hold(id);
    const milliseconds = Math.max(shownMilliseconds[kind], undo === null ? 0 : undoMilliseconds);
    this.#timers.set(
      id,
      setTimeout(() => this.close(id), milliseconds),
    );
  }
}

export const notices = new Notices();
