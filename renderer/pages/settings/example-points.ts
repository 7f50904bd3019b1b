/** A noisy falling curve for the example chart; always the same one. */
const count = 400;

export const examplePoints: [number, number][] = Array.from({ length: count }, (_, step) => {
  const noise = Math.sin(step * 12.9898) * Math.cos(step * 4.1414) + Math.sin(step * 1.7);
  return [step + 1, 12 + 220 * Math.exp(-step / 60) + noise * (3 + 18 * Math.exp(-step / 90))];
});
