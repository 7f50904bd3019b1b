import type { MenuItemConstructorOptions } from 'electron';
import { expect, it } from 'vitest';
import { aboutText } from '../../../electron/main/about.ts';
import { menuTemplate, type MenuActions, type MenuState } from '../../../electron/main/menu.ts';

const state: MenuState = {
  platform: 'linux',
  appName: 'Triangle Studio',
  recentRuns: [{ run: 'r1', name: 'Bolts & nuts' }],
  development: false,
};

function actions(log: string[]): MenuActions {
  return {
    openDataset: () => log.push('open-dataset'),
    openRun: (run) => log.push(`run ${run}`),
    go: (page) => log.push(`go ${page}`),
    about: () => log.push('about'),
    openLogs: () => log.push('logs'),
  };
}

type Item = MenuItemConstructorOptions;
const flat = (items: readonly Item[]): Item[] =>
  items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])]);

it('does what its items say', () => {
  const log: string[] = [];
  for (const { click } of flat(menuTemplate(state, actions(log)))) (click as (() => void) | undefined)?.();
  expect(log).toEqual([
    'open-dataset',
    'run r1',
    ...['datasets', 'train', 'runs', 'score', 'gallery', 'experiments', 'settings'].map((page) => `go ${page}`),
    'logs',
    'about',
  ]);
});

it('shows names as they are and says when there are no runs', () => {
  const labels = (runs: MenuState['recentRuns']) =>
    flat(menuTemplate({ ...state, recentRuns: runs }, actions([]))).map(({ label }) => label);
  expect(labels(state.recentRuns)).toContain('Bolts && nuts');
  expect(labels([])).toContain('No runs yet');
});

it('has developer tools in development alone, and on macOS a menu of the program', () => {
  const roles = (changes: Partial<MenuState>) =>
    flat(menuTemplate({ ...state, ...changes }, actions([]))).map(({ role }) => role);
  expect(roles({})).not.toContain('toggleDevTools');
  expect(roles({ development: true })).toContain('toggleDevTools');
  expect(roles({})).toContain('quit');
  const mac = menuTemplate({ ...state, platform: 'darwin' }, actions([]));
  expect(mac[0]?.label).toBe('Triangle Studio');
  expect(flat(mac).filter(({ id }) => id === 'about')).toHaveLength(1);
});

it('has an about text with versions and the device', () => {
  const device = { name: 'onnx-webgpu', description: '', adapter: 'Some GPU', reason: '' };
  const app = {
    version: '1.0.0',
    versions: { triangle: '1.0.0', sharp: '0.35.5' },
    platform: 'linux',
    device,
    firstStart: false,
    training: null,
    recentRuns: [],
  };
  const text = aboutText(app, { electron: '45.4.1' });
  for (const line of ['Device: onnx-webgpu (Some GPU)', 'electron 45.4.1', 'sharp 0.35.5'])
    expect(text).toContain(line);
  expect(aboutText(null, {})).toContain('Device: not known yet');
});
