/** Pictures that several runs make of the very same latent vectors: asked for by seed, nothing is saved. */
import type { Client } from '../../../ipc/client.ts';
import type { AnswerOf } from '../../../ipc/contract.ts';

export type SamplesOfRun = AnswerOf<'runs.samples'>[number];

const largestSeed = 2 ** 31 - 1;

export class SameLatents {
  readonly #client: Client;
  #asked = 0;

  seed = $state(1);
  count = $state(16);
  temperature = $state(1);
  answers = $state.raw<readonly SamplesOfRun[]>([]);
  loading = $state(false);
  error = $state.raw<unknown>(null);

  constructor(client: Client) {
    this.#client = client;
  }

  /** Draws with the values as they are; of several calls in a row only the last one's answer is shown. */
  async draw(runs: readonly string[]): Promise<void> {
    const asked = ++this.#asked;
    this.loading = true;
    try {
      const { seed, count, temperature } = this;
      const answers = await this.#client.call('runs.samples', { runs: [...runs], seed, count, temperature });
      if (asked !== this.#asked) return;
      this.answers = answers;
      this.error = null;
    } catch (error) {
      if (asked === this.#asked) this.error = error;
    } finally {
      if (asked === this.#asked) this.loading = false;
    }
  }

  /** The next seed, so that looking further can be repeated. */
  async others(runs: readonly string[]): Promise<void> {
    this.seed = this.seed >= largestSeed ? 0 : this.seed + 1;
    await this.draw(runs);
  }
}
