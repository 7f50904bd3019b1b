import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { placeWindow, readWindowState, writeWindowState } from '../../../electron/main/window-state.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };
const left = { x: -1280, y: 0, width: 1280, height: 1024 };
const state = { x: 100, y: 50, width: 1400, height: 900, maximized: false };

it('opens where it was, on any screen', () => {
  expect(placeWindow(state, [screen])).toEqual({ x: 100, y: 50, width: 1400, height: 900 });
  const there = { ...state, x: -1200, width: 1000 };
  expect(placeWindow(there, [screen, left])).toEqual({ x: -1200, y: 50, width: 1000, height: 900 });
});

it('opens in the middle when there is nothing, or the screen has gone', () => {
  const middle = { x: 320, y: 140, width: 1280, height: 800 };
  expect(placeWindow(null, [screen])).toEqual(middle);
  expect(placeWindow({ ...state, x: -1200, width: 1000 }, [screen])).toEqual(middle);
  // Its title bar would be above the screen, or all but a strip beside it.
  expect(placeWindow({ ...state, y: -500 }, [screen])).toEqual(middle);
  expect(placeWindow({ ...state, x: 1900 }, [screen])).toEqual(middle);
  expect(placeWindow({ ...state, y: 1070 }, [screen])).toEqual(middle);
});

it('fits its size to the screen and the least that a page needs', () => {
  expect(placeWindow({ ...state, width: 5000, height: 4000 }, [screen])).toMatchObject({ width: 1920, height: 1080 });
  expect(placeWindow({ ...state, width: 10, height: 10, x: 0 }, [screen])).toMatchObject({ width: 1280 });
  expect(placeWindow({ ...state, width: 300, height: 10 }, [screen])).toMatchObject({ width: 900, height: 600 });
  const small = { x: 0, y: 0, width: 800, height: 500 };
  expect(placeWindow(null, [small])).toEqual(small);
});

it('is read as it was written, and never trusted', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'triangle-window-'));
  const file = path.join(folder, 'window.json');
  expect(readWindowState(file)).toBeNull();
  writeWindowState(file, state);
  expect(readWindowState(file)).toEqual(state);
  expect(readdirSync(folder)).toEqual(['window.json']);
  for (const broken of [
    '',
    '{',
    '{"x":0}',
    JSON.stringify({ ...state, width: 'wide' }),
    JSON.stringify({ ...state, x: 1e9 }),
  ]) {
    writeFileSync(file, broken);
    expect(readWindowState(file)).toBeNull();
  }
  rmSync(folder, { recursive: true });
  // The folder has gone: nothing is thrown.
  writeWindowState(file, state);
});
