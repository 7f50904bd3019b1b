/** A logarithmic axis that also takes zero and negative values (energies have both signs): linear below a threshold, by sign. */

export interface AxisMap {
  readonly forward: (value: number) => number;
  readonly backward: (position: number) => number;
  /** Values for ticks between two positions, at powers of ten. */
  readonly ticks: (from: number, to: number) => number[];
}

export const linearAxis: AxisMap = { forward: (value) => value, backward: (value) => value, ticks: () => [] };

/** Spans at most this many decades on each side of zero. */
const decades = 5;

/** `least` and `most`: extent of what is shown. With positive values only, this is the plain logarithm. */
export function logAxis(least: number, most: number): AxisMap {
  if (least > 0) {
    return {
      forward: (value) => Math.log10(Math.max(value, Number.MIN_VALUE)),
      backward: (position) => 10 ** position,
      ticks: (from, to) => powers(Math.ceil(from - 1e-9), Math.floor(to + 1e-9)).map((power) => 10 ** power),
    };
  }
  const top = Math.ceil(Math.log10(Math.max(Math.abs(least), Math.abs(most), 1e-12)));
  const unit = 10 ** (top - decades);
  const forward = (value: number) => Math.sign(value) * Math.log10(1 + Math.abs(value) / unit);
  const backward = (position: number) => Math.sign(position) * unit * (10 ** Math.abs(position) - 1);
  const sizes = powers(top - decades + 1, top).map((power) => 10 ** power);
  return {
    forward,
    backward,
    ticks: (from, to) =>
      [...sizes.map((size) => -size).reverse(), 0, ...sizes].filter(
        (value) => forward(value) >= from && forward(value) <= to,
      ),
  };
}

function powers(first: number, last: number): number[] {
  // Many decades: every second, third, … only, so that labels do not run into one another.
  const stride = Math.max(1, Math.ceil((last - first + 1) / 8));
  return Array.from({ length: Math.max(0, Math.floor((last - first) / stride) + 1) }, (_, at) => first + at * stride);
}
