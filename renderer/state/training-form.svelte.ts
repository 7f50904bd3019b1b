/** A run before it starts: dataset, preset, settings, and an estimate that follows every change. */
import type { Client } from '../../ipc/client.ts';
import type { Estimate, Field, FieldValue, FormValues, TrainingForm } from '../../ipc/contract.ts';
import { describe, type Described } from '../lib/errors.ts';
import { fieldError } from '../lib/fields.ts';
import { LatestOnly } from './latest-only.ts';

/** Settings that no preset speaks of, and the objective, which it only recommends: what a person chose stays when another is chosen. */
const outsidePresets: readonly string[] = ['objective', 'excludeLabels', 'device', 'protocol', 'seed'];

export class TrainingFormState {
  dataset = $state.raw<string | null>(null);
  form = $state.raw<TrainingForm | null>(null);
  values = $state.raw<FormValues>({});
  name = $state('');
  error = $state.raw<Described | null>(null);
  estimate = $state.raw<Estimate | null>(null);
  estimateError = $state.raw<Described | null>(null);
  estimating = $state(false);
  measuring = $state(false);
  starting = $state(false);
  /** A form for another objective is on its way: the values are half of the one, half of the other. */
  following = $state(false);

  readonly main = $derived(this.form?.fields.filter(({ group }) => group === 'main') ?? []);
  readonly more = $derived(this.form?.fields.filter(({ group }) => group === 'more') ?? []);
  /** How many of the settings under "more" are not the default. */
  readonly changedMore = $derived(this.more.filter((field) => !same(this.value(field), field.default)).length);
  readonly valid = $derived(
    this.form !== null &&
      !this.following &&
      this.name.trim() !== '' &&
      this.form.fields.every((field) => fieldError(field, this.value(field)) === null),
  );

  readonly #client: Client;
  readonly #latest = new LatestOnly();
  /** The name that was suggested: one that a person typed is kept. */
  #suggested = '';
  #asked = 0;
  /** Keys of what a person set in the form of this dataset. */
  #own = new Set<string>();

  constructor(client: Client) {
    this.#client = client;
  }

  value(field: Field): FieldValue {
    const given = this.values[field.key];
    return given === undefined ? field.default : given;
  }

  /**
   * The form of a dataset, with the preset that fits unless one is named; `from`: with the settings of a run. What a person chose in the
   * same dataset's form stays as far as presets do not speak of it.
   */
  async load(dataset: string, { preset, from }: { preset?: string; from?: string } = {}): Promise<void> {
    const asked = ++this.#asked;
    const kept = dataset === this.dataset && from === undefined ? this.#kept() : {};
    const objective = kept['objective'];
    this.#own = new Set(Object.keys(kept));
    this.dataset = dataset;
    try {
      const form = await this.#client.call('training.form', {
        dataset,
        ...(preset === undefined ? {} : { preset }),
        ...(from === undefined ? {} : { from }),
        ...(typeof objective === 'string' ? { objective } : {}),
      });
      if (asked !== this.#asked) return;
      this.form = form;
      this.values = { ...form.values, ...kept };
      if (this.name.trim() === '' || this.name === this.#suggested) this.name = form.name;
      this.#suggested = form.name;
      this.error = null;
      this.#refresh();
    } catch (error) {
      if (asked === this.#asked) this.error = describe(error);
    } finally {
      if (asked === this.#asked) this.following = false;
    }
  }

  set(field: Field, value: FieldValue): void {
    this.values = { ...this.values, [field.key]: value };
    this.#own.add(field.key);
    if (field.key === 'objective') void this.#follow();
    else this.#refresh();
  }

  reset(fields: readonly Field[]): void {
    this.values = { ...this.values, ...Object.fromEntries(fields.map(({ key, default: value }) => [key, value])) };
    for (const { key } of fields) this.#own.delete(key);
    if (fields.some(({ key }) => key === 'objective')) void this.#follow();
    else this.#refresh();
  }

  #kept(): FormValues {
    return Object.fromEntries(
      Object.entries(this.values).filter(([key]) => outsidePresets.includes(key) && this.#own.has(key)),
    );
  }

  /** Settings that nobody changed become those that go with the objective: its loss, its rates, its own options. */
  async #follow(): Promise<void> {
    const { dataset, form, values } = this;
    const objective = values['objective'];
    if (dataset === null || form === null || typeof objective !== 'string') return;
    const asked = ++this.#asked;
    this.following = true;
    try {
      const next = await this.#client.call('training.form', { dataset, preset: form.preset, objective });
      if (asked !== this.#asked) return;
      const defaults = new Map(form.fields.map((field) => [field.key, field.default]));
      const changed = Object.entries(this.values).filter(
        ([key, value]) => key !== 'method' && !same(value, defaults.get(key) ?? null),
      );
      this.form = next;
      this.values = { ...next.values, ...Object.fromEntries(changed) };
      this.error = null;
      this.#refresh();
    } catch (error) {
      if (asked === this.#asked) this.error = describe(error);
    } finally {
      if (asked === this.#asked) this.following = false;
    }
  }

  /** Makes a few steps for real. */
  async measure(): Promise<void> {
    this.measuring = true;
    await this.#estimate(true);
    this.measuring = false;
  }

  /** Puts it into the queue; the run's id, or null: `error` says why not. */
  async start(): Promise<string | null> {
    if (this.form === null || this.dataset === null || !this.valid) return null;
    this.starting = true;
    try {
      const { run } = await this.#client.call('training.start', {
        dataset: this.dataset,
        preset: this.form.preset,
        values: this.values,
        name: this.name.trim(),
      });
      this.error = null;
      return run;
    } catch (error) {
      this.error = describe(error);
      return null;
    } finally {
      this.starting = false;
    }
  }

  #refresh(): void {
    this.estimating = true;
    this.#latest.run(() => this.#estimate(false));
  }

  async #estimate(measure: boolean): Promise<void> {
    const { dataset, form, values } = this;
    if (dataset === null || form === null) return;
    try {
      const estimate = await this.#client.call('training.estimate', { dataset, preset: form.preset, values, measure });
      if (values !== this.values || dataset !== this.dataset) return;
      this.estimate = estimate;
      this.estimateError = null;
    } catch (error) {
      if (values === this.values && dataset === this.dataset) this.estimateError = describe(error);
    } finally {
      if (values === this.values) this.estimating = false;
    }
  }
}

function same(a: FieldValue, b: FieldValue): boolean {
  return Array.isArray(a) && Array.isArray(b) ? a.join('\n') === b.join('\n') : a === b;
}
