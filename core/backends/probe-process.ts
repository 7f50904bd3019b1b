/** A probe as a program of its own, for hosts that can start only files: `probe.mjs <script> <parameters…>`. Bundled as probe.mjs. */
import { createRequire } from 'node:module';
import { runInThisContext } from 'node:vm';

const [script = '', ...parameters] = process.argv.slice(2);
// As `node -e script -- parameters` has it.
process.argv = [process.argv[0] ?? '', ...parameters];
const run = runInThisContext(`(function (require) {${script}\n})`) as (require: NodeJS.Require) => void;
run(createRequire(import.meta.url));
