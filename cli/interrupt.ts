/** Ctrl-C: the first stops the job at its next step, the second ends the process at once. */

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Takes the handlers away again. */
  dispose(): void;
}

/** Exit code of a process ended by SIGINT, by the shells' convention. */
const interruptedCode = 130;

export function listenForInterrupt(note: (line: string) => void): Interrupt {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(interruptedCode);
    note('Stopping at the next step and saving. Press Ctrl-C again to end at once.');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
