/** Distance in the energy network's last features between (x, mean) and (g(mean), mean); Euclidean. After Zenati et al. 2018 (feature matching). */
import type { ScoreDefinition } from '../types.ts';

export const score: ScoreDefinition = {
  name: 'features',
  summary: "distance between the energy network's features of x and of its reconstruction",
  needsEnergy: true,
  compute({ count, energy }) {
    const distances = new Float64Array(count).fill(Number.NaN);
    if (energy === null) return distances;
    const a = energy.ofImages.features;
    const b = energy.ofReconstructions.features;
    const width = a.length / count;
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let j = i * width; j < (i + 1) * width; j++) sum += ((a[j] ?? 0) - (b[j] ?? 0)) ** 2;
      distances[i] = Math.sqrt(sum);
    }
    return distances;
  },
};
