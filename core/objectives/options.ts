/** Defaults of the options that all objectives share, and the check of what a person set. */
import { CoreError } from '../errors.ts';
import type { MethodSettings, Objective, ObjectiveOptions } from './types.ts';

/** The weight is a tenth of the paper's: with small networks a full adversarial term drowned the reconstruction. */
export const commonDefaults: ObjectiveOptions = {
  sigma: 1,
  adversarialWeight: 0.1,
  entropy: 'kl',
  energyLoss: 'linear',
  mismatch: 0,
};

/** Common defaults, the objective's own, then what was asked for. Throws `objective/options`. */
export function resolveOptions(objective: Objective, given: Partial<ObjectiveOptions> = {}): ObjectiveOptions {
  const options = { ...commonDefaults, ...objective.defaults, ...given };
  if (!(options.sigma > 0 && Number.isFinite(options.sigma))) {
    throw new CoreError('objective/options', `Got sigma ${options.sigma}. Choose a number above 0, for example 1.`);
  }
  for (const key of ['adversarialWeight', 'mismatch'] as const) {
    if (!(options[key] >= 0 && Number.isFinite(options[key]))) {
      throw new CoreError('objective/options', `Got ${key} ${options[key]}. Choose 0 or a positive number.`);
    }
  }
  const { settings = {} } = objective;
  if (Object.keys(settings).length === 0 && Object.keys(options.method ?? {}).length === 0) return options;
  return { ...options, method: resolveSettings(objective.name, settings, options.method ?? {}) };
}

/** Own options of an objective. Throws `objective/options` for one that it does not have and for values out of bounds. */
function resolveSettings(
  objective: string,
  settings: MethodSettings,
  given: Readonly<Record<string, number>>,
): Record<string, number> {
  const values = Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value]));
  for (const [name, value] of Object.entries(given)) {
    const setting = settings[name];
    if (setting === undefined) {
      const known = Object.keys(settings).join(', ');
      const remedy = known === '' ? 'Leave it out.' : `Choose from ${known}.`;
      throw new CoreError('objective/options', `Objective ${objective} has no option "${name}". ${remedy}`);
    }
    const { least, most, whole } = setting;
    if (!(value >= least && value <= most) || (whole === true && !Number.isInteger(value))) {
      const kind = whole === true ? 'a whole number' : 'a number';
      throw new CoreError('objective/options', `Got ${name} ${value}. Choose ${kind} from ${least} to ${most}.`);
    }
    values[name] = value;
  }
  return values;
}

/** Value of one of an objective's own options. */
export function settingOf<Settings extends MethodSettings>(
  { method }: Pick<ObjectiveOptions, 'method'>,
  settings: Settings,
  name: keyof Settings & string,
): number {
  return method?.[name] ?? settings[name]?.value ?? Number.NaN;
}
