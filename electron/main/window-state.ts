/** Where the window was: read at the start, checked against the screens that are there now, written when it closes. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const coordinate = z.int().min(-100_000).max(100_000);
const stateSchema = z.object({
  x: coordinate,
  y: coordinate,
  width: z.int().min(1).max(100_000),
  height: z.int().min(1).max(100_000),
  maximized: z.boolean(),
});
export type WindowState = z.infer<typeof stateSchema>;

/** Device-independent pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const minimumSize = { width: 900, height: 600 };
const usualSize = { width: 1280, height: 800 };

/** How much of the window's top edge must be on a screen for it to be found and moved. */
const leastVisible = { width: 200, height: 40 };

/** Null: nothing usable was written. */
export function readWindowState(file: string): WindowState | null {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** A remembered place is a convenience: when it cannot be written, the window opens in the middle next time. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, JSON.stringify(state));
    renameSync(temporary, file);
  } catch {
    return;
  }
}

const between = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

const overlap = (start: number, length: number, otherStart: number, otherLength: number): number =>
  Math.min(start + length, otherStart + otherLength) - Math.max(start, otherStart);

/** Whether enough of the top edge lies on this screen. */
const shows = (state: WindowState, area: Area): boolean =>
  overlap(state.x, state.width, area.x, area.width) >= leastVisible.width &&
  overlap(state.y, leastVisible.height, area.y, area.height) >= leastVisible.height;

/** The middle of a screen, in its usual size or what fits. */
function centred(area: Area): Area {
  const width = Math.min(usualSize.width, area.width);
  const height = Math.min(usualSize.height, area.height);
  const middle = (start: number, length: number, own: number): number => start + Math.round((length - own) / 2);
  return { x: middle(area.x, area.width, width), y: middle(area.y, area.height, height), width, height };
}

/** Bounds for a new window. `displays`: work areas, the primary one first, at least one. */
export function placeWindow(state: WindowState | null, displays: readonly [Area, ...Area[]]): Area {
  const area = state === null ? undefined : displays.find((display) => shows(state, display));
  if (state === null || area === undefined) return centred(displays[0]);
  return {
    x: state.x,
    y: state.y,
    width: between(state.width, Math.min(minimumSize.width, area.width), area.width),
    height: between(state.height, Math.min(minimumSize.height, area.height), area.height),
  };
}
