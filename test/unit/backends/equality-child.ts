/** A trial in a process of its own: `<device> <mode> <model>`; prints `TRIAL {json}`. Bundled and started by equality.test.ts. */
import type { DeviceName } from '../../../core/backends/types.ts';
import { runTrial } from './equality-trial.ts';
import type { Mode, ModelName } from './equality-trial.ts';

const [device, mode, model] = process.argv.slice(2);
const trial = await runTrial(device as DeviceName, mode as Mode, model as ModelName);
// Native thread pools would keep the process alive.
process.stdout.write(`\nTRIAL ${JSON.stringify(trial)}\n`, () => process.exit(0));
