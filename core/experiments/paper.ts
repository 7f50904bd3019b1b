/**
 * The figures of Han, Nijkamp, Zhou, Pang, Zhu and Wu, "Joint Training of Variational Auto-Encoder and Latent Energy-Based Model"
 * (CVPR 2020), as printed, in one place. Null: not given there.
 */
import type { TableValue } from './types.ts';

export interface PaperTable {
  /** As the paper numbers it. */
  readonly number: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly method: string; readonly values: readonly (TableValue | null)[] }[];
}

const plain = (mean: number | null): TableValue | null =>
  mean === null ? null : { mean, deviation: null, count: null };
const spread = (mean: number, deviation: number): TableValue => ({ mean, deviation, count: null });
const row = (method: string, values: readonly (number | null)[]) => ({ method, values: values.map(plain) });

/** FID of samples; lower is better. */
export const table1: PaperTable = {
  number: 'Table 1',
  columns: ['cifar10', 'celeba', 'lsun'],
  rows: [
    row('VAE', [109.5, 99.09, 175.2]),
    row('DCGAN', [37.7, 38.4, 70.4]),
    row('WGAN', [40.2, 36.4, 67.7]),
    row('CoopNet', [33.6, 56.6, 35.4]),
    row('ALICE', [48.6, 46.1, 72]),
    row('SVAE', [43.5, 40.7, null]),
    row('SNGAN', [29.3, 50.4, 67.8]),
    row('Ours(+), Eq. 17', [33.3, 29.5, 31.4]),
    row('Ours', [30.1, 24.7, 27.3]),
  ],
};

/** RMSE of reconstructed test images; lower is better. The paper does not say in which units pixels are: see docs/reproducing.md. */
export const table2: PaperTable = {
  number: 'Table 2',
  columns: ['cifar10', 'celeba', 'lsun'],
  rows: [
    row('VAE', [0.192, 0.197, 0.164]),
    row('ALI', [0.558, 0.72, null]),
    row('ALICE', [0.185, 0.214, 0.181]),
    row('SVAE', [0.258, 0.209, null]),
    row('Ours(+), Eq. 17', [0.184, 0.208, 0.169]),
    row('Ours', [0.177, 0.19, 0.169]),
  ],
};

/** AUROC of the energy, CIFAR-10 test images against other sets; higher is better. */
export const table3: PaperTable = {
  number: 'Table 3',
  columns: ['svhn', 'uniform', 'textures', 'celeba'],
  rows: [
    row('EBM', [0.63, 1, 0.48, null]),
    row('ALICE', [0.29, 0, 0.4, 0.48]),
    row('SVAE', [0.42, 0.29, 0.5, 0.52]),
    row('Ours', [0.68, 1, 0.56, 0.56]),
  ],
};

/** AUPRC on MNIST with a digit held out, mean and deviation over the last ten epochs; higher is better. */
export const table4: PaperTable = {
  number: 'Table 4',
  columns: ['1', '4', '5', '7', '9'],
  rows: [
    row('VAE', [0.063, 0.337, 0.325, 0.148, 0.104]),
    {
      method: 'MEG',
      values: [
        spread(0.281, 0.035),
        spread(0.401, 0.061),
        spread(0.402, 0.062),
        spread(0.29, 0.04),
        spread(0.342, 0.034),
      ],
    },
    {
      method: 'BiGAN-σ',
      values: [
        spread(0.287, 0.023),
        spread(0.443, 0.029),
        spread(0.514, 0.029),
        spread(0.347, 0.017),
        spread(0.307, 0.028),
      ],
    },
    {
      method: 'Ours, energy',
      values: [
        spread(0.297, 0.033),
        spread(0.723, 0.042),
        spread(0.676, 0.041),
        spread(0.49, 0.041),
        spread(0.383, 0.025),
      ],
    },
  ],
};
