/** The scores of an image, in the order in which they are listed: columns of the CSV, rows of tables. Higher is more anomalous. */
export const scoreNames = [
  'energy',
  'reconstruction',
  'local',
  'place',
  'neighbours',
  'feature-neighbours',
  'elbo',
  'joint',
  'features',
  'bigan-sigma',
  'bigan-fm',
  'combined',
] as const;
export type ScoreName = (typeof scoreNames)[number];
