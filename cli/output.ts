/**
 * Where a verb's words go. For people: results on standard output, everything else on standard error. With `--json`: one JSON
 * object a line on standard output and nothing else there.
 */
import { Progress, type ProgressOptions, type ProgressStream } from './progress.ts';

export interface OutputStreams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressStream;
}

export class Output {
  readonly json: boolean;
  readonly #streams: OutputStreams;
  #progress: Progress | null = null;

  constructor(json: boolean, streams: OutputStreams = process) {
    this.json = json;
    this.#streams = streams;
  }

  /** A result for people; not written with `--json`. */
  text(line: string): void {
    if (this.json) return;
    this.#progress?.clear();
    this.#streams.stdout.write(`${line}\n`);
  }

  /** A result for machines: one line of JSON, only with `--json`. Numbers that are not finite become null. */
  record(value: object): void {
    if (this.json) this.#streams.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** A remark on standard error, in both modes. */
  note(line: string): void {
    this.#progress?.clear();
    this.#streams.stderr.write(`${line}\n`);
  }

  /** A remark that begins with "Warning: ". */
  warn(line: string): void {
    this.note(`Warning: ${line}`);
  }

  /** A failure: on standard error, and with `--json` also as a line `{"error": {"code", "message"}}`. */
  error(code: string, message: string): void {
    this.note(`Error: ${message}`);
    this.record({ error: { code, message } });
  }

  /** Starts a progress display; the one before it, if any, is finished. */
  progress(options: ProgressOptions): Progress {
    this.#progress?.finish();
    this.#progress = new Progress(this.#streams.stderr, options);
    return this.#progress;
  }

  /** Ends a progress display that is still open. */
  finish(): void {
    this.#progress?.finish();
    this.#progress = null;
  }
}
