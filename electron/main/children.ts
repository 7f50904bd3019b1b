/** Short-lived processes for the core, as utility processes: probes of drivers and self-tests, which may abort. */
import path from 'node:path';
import { utilityProcess } from 'electron';
import { z } from 'zod';
import type { ChildEnded } from '../../ipc/child-messages.ts';

const wantedSchema = z.object({
  type: z.literal('child'),
  id: z.int(),
  task: z.object({
    kind: z.enum(['probe', 'self-test']),
    words: z.array(z.string()),
    environment: z.record(z.string(), z.string()),
    timeoutMilliseconds: z.number(),
  }),
});

/** Their last word: a utility process does not end by itself when it has nothing left to do. */
const answered = /^(?:PROBE|SELF-TEST) .*\n/m;

/** Output may arrive after the end has been told. */
const lastOutputMilliseconds = 100;

/** False: the message is none of these. `programs` is the folder of probe.mjs and self-test.mjs. */
export function childWanted(message: unknown, programs: string, answer: (ended: ChildEnded) => void): boolean {
  const parsed = wantedSchema.safeParse(message);
  if (!parsed.success) return false;
  const { id, task } = parsed.data;
  const child = utilityProcess.fork(path.join(programs, `${task.kind}.mjs`), task.words, {
    serviceName: 'Triangle Studio (device test)',
    stdio: 'pipe',
    env: { ...process.env, ...task.environment },
  });
  let stdout = '';
  let stderr = '';
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill();
  }, task.timeoutMilliseconds);
  child.stdout?.on('data', (data: Buffer) => {
    stdout += data.toString();
    if (answered.test(stdout)) child.kill();
  });
  child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
  child.on('exit', (code) => {
    clearTimeout(timer);
    setTimeout(() => {
      answer({ type: 'child-ended', id, end: { stdout, stderr, timedOut, how: `exit code ${code}` } });
    }, lastOutputMilliseconds);
  });
  return true;
}
