/** Who may train: one thing at a time in a process, in the order in which it was asked for. */
export class LaneTurns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is one's turn, to the function that ends it. */
  async take(): Promise<() => void> {
    const before = this.#last;
    let end: () => void = () => undefined;
    this.#last = new Promise((resolve) => (end = resolve));
    await before;
    return end;
  }
}
