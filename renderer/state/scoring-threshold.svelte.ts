/** The threshold of an open session: what is kept in the core, what a hand is proposing, and what that does to the counts. */
import type { AnswerOf, ThresholdEffect, ThresholdRule } from '../../ipc/contract.ts';
import type { Client } from '../../ipc/client.ts';
import { countAbove, thresholdForFalseAlarms, type Curve } from '../pages/score/curve.ts';
import { LatestOnly } from './latest-only.ts';

export type ScoreHistogram = AnswerOf<'scoring.histogram'>;

/** Bins that are told apart at a panel's width, and thresholds enough that a step on the curve is less than a pixel. */
const bins = 60;
const curvePoints = 2000;

export interface Proposal {
  readonly rule: ThresholdRule;
  /** Null: only the core can tell. */
  readonly value: number | null;
}

export class ScoringThreshold {
  histogram = $state.raw<ScoreHistogram | null>(null);
  curve = $state.raw<Curve | null>(null);
  /** What the core said last of the proposal or of the kept threshold. */
  effect = $state.raw<ThresholdEffect | null>(null);
  /** Why histogram and curve are not there: before the model is calibrated there is nothing to count. */
  error = $state.raw<unknown>(null);
  /** Under the hand, not kept yet. */
  proposal = $state.raw<Proposal | null>(null);
  /** Kept in the core. */
  kept = $state.raw<{ readonly rule: ThresholdRule; readonly value: number | null }>({
    rule: { kind: 'false-alarms', rate: 0.01 },
    value: null,
  });
  /** Pictures scored and held-out normals: what the counts are out of. */
  total = $state(0);
  heldOutTotal = $state(0);

  /** Where the line is drawn. */
  readonly value = $derived(this.proposal?.value ?? this.kept.value);
  readonly above = $derived(this.#count('these', this.total));
  readonly heldOutAbove = $derived(this.#count('heldOut', this.heldOutTotal));
  /** Expected false alarms in 1,000 normal pictures; null before calibration. */
  readonly falseAlarmsInThousand = $derived(
    this.heldOutAbove === null || this.heldOutTotal === 0 ? null : (1000 * this.heldOutAbove) / this.heldOutTotal,
  );

  readonly #client: Client;
  readonly #onerror: (error: unknown) => void;
  readonly #ask = new LatestOnly();
  #session: string | null = null;
  /** Answers about what was open before are thrown away. */
  #epoch = 0;
  /** Counts what the hand does: an answer about an earlier move must not undo a later one. */
  #move = 0;

  constructor(client: Client, onerror: (error: unknown) => void) {
    this.#client = client;
    this.#onerror = onerror;
  }

  open(session: string | null): void {
    if (session === this.#session) return;
    this.#session = session;
    this.clear();
  }

  /** Forgets what was drawn, as when another score ranks. */
  clear(): void {
    this.#epoch += 1;
    this.#ask.clear();
    this.histogram = null;
    this.curve = null;
    this.effect = null;
    this.error = null;
    this.proposal = null;
  }

  /** Fetches histogram, curve and the kept threshold's effect again: while scores stream in, and when they are complete. */
  async refresh(): Promise<void> {
    const session = this.#session;
    const epoch = this.#epoch;
    if (session === null) return;
    const move = this.#move;
    const rule = this.kept.rule;
    try {
      const [histogram, curve, effect] = await Promise.all([
        this.#client.call('scoring.histogram', { session, bins }),
        this.#client.call('scoring.curve', { session, points: curvePoints }),
        this.#effectOf(session, rule),
      ]);
      if (epoch !== this.#epoch) return;
      this.histogram = histogram;
      this.curve = curve;
      this.error = null;
      if (this.proposal === null && move === this.#move) this.effect = effect;
    } catch (error) {
      if (epoch === this.#epoch) this.error = error;
    }
  }

  /** A new position of the line, or another rule: counts change at once, exact ones follow. */
  propose(rule: ThresholdRule): void {
    const session = this.#session;
    const epoch = this.#epoch;
    if (session === null) return;
    this.#move += 1;
    this.proposal = { rule, value: this.#guess(rule) };
    this.#ask.run(async () => {
      try {
        const effect = await this.#client.call('scoring.threshold', { session, rule, keep: false });
        // The hand may have moved on, or let go.
        if (epoch !== this.#epoch || this.proposal?.rule !== rule) return;
        this.effect = effect;
        this.proposal = { rule, value: effect.threshold.value };
      } catch (error) {
        if (epoch === this.#epoch) this.#onerror(error);
      }
    });
  }

  /** Stores a rule in the session; the scores themselves never change. Gives true where the core took it. */
  async keep(rule: ThresholdRule): Promise<boolean> {
    const session = this.#session;
    const epoch = this.#epoch;
    if (session === null) return false;
    const move = (this.#move += 1);
    this.#ask.clear();
    this.proposal = { rule, value: this.#guess(rule) };
    try {
      const effect = await this.#client.call('scoring.threshold', { session, rule, keep: true });
      if (epoch !== this.#epoch) return true;
      this.kept = { rule, value: effect.threshold.value };
      // The hand may have moved on: then the line stays where the hand is.
      if (move === this.#move) {
        this.effect = effect;
        this.proposal = null;
      }
      return true;
    } catch (error) {
      if (epoch !== this.#epoch) return false;
      if (move === this.#move) this.proposal = null;
      this.#onerror(error);
      return false;
    }
  }

  #effectOf(session: string, rule: ThresholdRule): Promise<ThresholdEffect | null> {
    // Before calibration, or without labels, a rule has no threshold yet: that is no error of the page.
    return this.#client.call('scoring.threshold', { session, rule, keep: false }).catch(() => null);
  }

  #guess(rule: ThresholdRule): number | null {
    if (rule.kind === 'value') return rule.value;
    if (rule.kind === 'best-f1' || this.curve === null) return null;
    return thresholdForFalseAlarms(this.curve, this.heldOutTotal, rule.rate);
  }

  #count(which: 'these' | 'heldOut', total: number): number | null {
    if (this.curve === null || this.value === null) return null;
    const { threshold, above, heldOutAbove } = this.effect ?? {};
    // The core's own count where it is of this very line; between the curve's points ours is within a point's step.
    if (threshold?.value === this.value) return (which === 'these' ? above : heldOutAbove) ?? null;
    return countAbove(this.curve.thresholds, this.curve[which], this.value, total);
  }
}
