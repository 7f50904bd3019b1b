/** Entry of the self-test's own process: `node self-test.mjs <device> <threads>` prints `SELF-TEST {json}`. Bundled as self-test.mjs. */
import { runSelfTest } from './self-test.ts';
import type { DeviceName } from './types.ts';

const result = await runSelfTest(process.argv[2] as DeviceName, Number(process.argv[3]));
process.stdout.write(`\nSELF-TEST ${JSON.stringify(result)}\n`, () => process.exit(0));
