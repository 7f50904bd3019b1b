/** Processes that score for a core process, as utility processes: started, fed and ended as it asks, and ended with it. */
import path from 'node:path';
import { utilityProcess, type UtilityProcess } from 'electron';
import { z } from 'zod';
import type { ScorerTold } from '../../ipc/child-messages.ts';

const wantedSchema = z.discriminatedUnion('wish', [
  z.object({ type: z.literal('scorer'), id: z.int(), wish: z.enum(['start', 'kill']) }),
  // What is in it is between the core and its process.
  z.object({ type: z.literal('scorer'), id: z.int(), wish: z.literal('post'), message: z.looseObject({}) }),
]);

export interface Scorers {
  /** False: the message is none of these. */
  wanted(message: unknown): boolean;
  /** The core process is gone. */
  endAll(): void;
}

/** `programs` is the folder of scorer.mjs. */
export function createScorers(programs: string, tell: (told: ScorerTold) => void): Scorers {
  const running = new Map<number, UtilityProcess>();
  const start = (id: number): void => {
    const child = utilityProcess.fork(path.join(programs, 'scorer.mjs'), [], {
      serviceName: 'Triangle Studio (scoring)',
      stdio: 'inherit',
    });
    running.set(id, child);
    child.on('message', (message: unknown) =>
      tell({ type: 'scorer-told', id, message: message as Extract<ScorerTold, { type: 'scorer-told' }>['message'] }),
    );
    child.on('exit', (code) => {
      running.delete(id);
      tell({ type: 'scorer-ended', id, how: `exit code ${code}` });
    });
  };
  return {
    wanted(message) {
      const parsed = wantedSchema.safeParse(message);
      if (!parsed.success) return false;
      const { id, wish } = parsed.data;
      if (wish === 'start') start(id);
      else if (wish === 'post') running.get(id)?.postMessage(parsed.data.message);
      else running.get(id)?.kill();
      return true;
    },
    endAll() {
      for (const child of running.values()) child.kill();
    },
  };
}
