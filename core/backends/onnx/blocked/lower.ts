/**
 * Rewrites a recorded graph so that its convolutions run on blocked values. Convolutions that fit choose the layout; element-wise
 * operators, channel-wise broadcasts, reductions over the batch and slices of the batch carry it on; whatever knows nothing of it gets
 * a plain value. Each value is converted at most once in each direction, and only where somebody reads it in the other form.
 */
import type { Node, Value } from '../graph.ts';
import { emitMany, sameShape } from '../graph.ts';
import { gather } from '../compile.ts';
import { lowerConvolution } from './lower-convolution.ts';
import { lowerElementwise, lowerReduction, lowerSplit } from './lower-rest.ts';
import type { Order } from './layout.ts';
import { toBlocked, toPlain, transpose } from './layout.ts';
import { lowerAffine } from './pending.ts';
import type { Pending } from './pending.ts';

/** A blocked value and the order in which the recorded value reads it. */
export interface BlockedForm {
  readonly tensor: Value;
  readonly order: Order;
}

const toChannelsFirst = [0, 3, 1, 2];
const toChannelsLast = [0, 2, 3, 1];
/** [in, out, h, w] -> [h, w, in, out] */
const toFilter = [2, 3, 0, 1];

export class Lowering {
  readonly block: number;
  /** Convolutions that were lowered and those that kept the standard operator. */
  lowered = 0;
  kept = 0;
  readonly #plain = new Map<Value, Value>();
  readonly #blocked = new Map<Value, BlockedForm>();
  /** Reorderings of axes between NHWC and NCHW, made only if somebody reads the result as it is. */
  readonly #deferred = new Map<Value, Node>();
  /** Blocked values whose node is still to be made. */
  readonly #pending = new Map<Value, Pending>();
  /** How often each recorded value is read, by nodes and as an output. */
  readonly #readers = new Map<Value, number>();
  /** Filter gradients, [h, w, in, out], by the recorded value [in, out, h, w]. */
  readonly #filters = new Map<Value, Value>();

  constructor(block: number) {
    this.block = block;
  }

  /** The rewritten counterparts of `outputs`, all plain. */
  run(outputs: readonly Value[]): Value[] {
    const { nodes } = gather(outputs);
    for (const value of [...outputs, ...nodes.flatMap(({ inputs }) => inputs)])
      this.#readers.set(value, (this.#readers.get(value) ?? 0) + 1);
    for (const node of nodes) this.#lower(node);
    return outputs.map((value) => this.plain(value));
  }

  #lower(node: Node): void {
    if (this.#defer(node)) return;
    const done =
      lowerConvolution(this, node) ||
      lowerAffine(this, node) ||
      lowerElementwise(this, node) ||
      lowerReduction(this, node) ||
      lowerSplit(this, node);
    if (!done) this.copy(node);
  }

  /** Whether the node only reorders axes in a way that blocked values, or filter gradients, do without work. */
  #defer(node: Node): boolean {
    const [input] = node.inputs;
    const [output] = node.outputs;
    const perm = node.attributes['perm'];
    if (node.operator !== 'Transpose' || input === undefined || output === undefined || !Array.isArray(perm))
      return false;
    const filter = this.#filters.get(input);
    if (filter !== undefined && sameShape(perm as number[], toFilter)) {
      this.#plain.set(output, filter);
      return true;
    }
    const order: Order | null = sameShape(perm as number[], toChannelsFirst)
      ? 'NCHW'
      : sameShape(perm as number[], toChannelsLast)
        ? 'NHWC'
        : null;
    if (order === null) return false;
    this.#deferred.set(output, node);
    const pending = this.orderOf(input) === order ? null : this.takePending(input);
    if (pending !== null) this.#pending.set(output, { ...pending, order });
    const form = this.blockedForm(input);
    if (form !== undefined && form.order !== order) this.#blocked.set(output, { tensor: form.tensor, order });
    return true;
  }

  /** Adds the node as it was, on plain inputs. */
  copy(node: Node): void {
    const inputs = node.inputs.map((value) => this.plain(value));
    const outputs = emitMany(node.operator, inputs, node.outputs, node.attributes, node.domain);
    node.outputs.forEach((value, i) => this.#plain.set(value, outputs[i] as Value));
  }

  /** The plain form of a recorded value, in its own shape. */
  plain(value: Value): Value {
    if (value.node === null || value.tensor !== null) return value;
    let found = this.#plain.get(value);
    if (found === undefined) {
      const form = this.blockedForm(value);
      const deferred = this.#deferred.get(value);
      const filter = this.#filters.get(value);
      if (filter !== undefined) found = transpose(filter, toFilter);
      else if (form !== undefined) found = toPlain(form.tensor, form.order);
      else if (deferred !== undefined) {
        this.copy(deferred);
        found = this.#plain.get(value);
      }
      if (found === undefined) throw new Error('A value was read before its node was lowered.');
      this.#plain.set(value, found);
    }
    return found;
  }

  /** The blocked form if there is one already; makes its node if that is still to be done. */
  blockedForm(value: Value): BlockedForm | undefined {
    const pending = this.#pending.get(value);
    if (pending !== undefined) {
      this.#pending.delete(value);
      this.#blocked.set(value, { tensor: pending.make(pending.extras), order: pending.order });
    }
    return this.#blocked.get(value);
  }

  /** The order in which a blocked or pending value is read. */
  orderOf(value: Value): Order | undefined {
    return this.#blocked.get(value)?.order ?? this.#pending.get(value)?.order;
  }

  /** A pending value that nobody else reads, to be made part of what reads it; null if there is none that fits. */
  takePending(value: Value, fits: (pending: Pending) => boolean = () => true): Pending | null {
    const pending = this.#pending.get(value);
    if (pending === undefined || this.#readers.get(value) !== 1 || !fits(pending)) return null;
    this.#pending.delete(value);
    return pending;
  }

  setPending(value: Value, pending: Pending): void {
    this.#pending.set(value, pending);
  }

  /** Whether a recorded value could be blocked: an image batch whose channels fill the blocks. */
  canBlock(value: Value, order: Order): boolean {
    const channels = value.shape[order === 'NHWC' ? 3 : 1];
    return (
      value.shape.length === 4 && value.type === 'float32' && channels !== undefined && channels % this.block === 0
    );
  }

  /** The blocked form, converted from the plain one if need be. */
  blocked(value: Value, order: Order): Value {
    const form = this.blockedForm(value);
    if (form?.order === order) return form.tensor;
    // A deferred reordering is skipped: its input holds the same blocks.
    const deferred = this.#deferred.get(value);
    const source = deferred?.inputs[0];
    if (source !== undefined && !this.#plain.has(value)) {
      const tensor = this.blocked(source, order === 'NHWC' ? 'NCHW' : 'NHWC');
      this.#blocked.set(value, { tensor, order });
      return tensor;
    }
    const tensor = toBlocked(this.plain(value), order);
    this.#blocked.set(value, { tensor, order });
    return tensor;
  }

  setBlocked(value: Value, tensor: Value, order: Order): void {
    this.#blocked.set(value, { tensor, order });
  }

  /** Gives a filter gradient, recorded [in, out, h, w], in tfjs's layout HWIO. */
  setFilter(value: Value, filter: Value): void {
    this.#filters.set(value, filter);
  }

  setPlain(value: Value, plain: Value): void {
    this.#plain.set(value, plain);
  }
}
