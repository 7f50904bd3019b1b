/** The native menu as data; what its items do is given. */
import type { MenuItemConstructorOptions } from 'electron';
import type { AppCommand } from '../../ipc/bridge.ts';

type Page = Extract<AppCommand, { command: 'go' }>['page'];

export interface RecentRun {
  readonly run: string;
  readonly name: string;
}

export interface MenuActions {
  openDataset(): void;
  openRun(run: string): void;
  go(page: Page): void;
  about(): void;
  openLogs(): void;
}

export interface MenuState {
  readonly platform: NodeJS.Platform;
  readonly appName: string;
  /** Newest first. */
  readonly recentRuns: readonly RecentRun[];
  /** Reload and developer tools, for those who build the program. */
  readonly development: boolean;
}

const pages: readonly (readonly [Page, string])[] = [
  ['datasets', 'Datasets'],
  ['train', 'Train'],
  ['runs', 'Runs'],
  ['score', 'Score'],
  ['gallery', 'Gallery'],
  ['experiments', 'Experiments'],
  ['settings', 'Settings'],
];

const separator: MenuItemConstructorOptions = { type: 'separator' };

/** An ampersand in a run's name would become an underlined letter. */
const plain = (name: string): string => name.replaceAll('&', '&&');

function recentMenu({ recentRuns }: MenuState, actions: MenuActions): MenuItemConstructorOptions {
  const items = recentRuns.map(({ run, name }) => ({ label: plain(name), click: () => actions.openRun(run) }));
  return {
    id: 'recent-runs',
    label: 'Recent runs',
    submenu: items.length > 0 ? items : [{ label: 'No runs yet', enabled: false }],
  };
}

export function menuTemplate(state: MenuState, actions: MenuActions): MenuItemConstructorOptions[] {
  const isMac = state.platform === 'darwin';
  const about: MenuItemConstructorOptions = {
    id: 'about',
    label: `About ${state.appName}`,
    click: () => actions.about(),
  };
  const macMenu: MenuItemConstructorOptions = {
    label: state.appName,
    submenu: [
      about,
      separator,
      { role: 'services' },
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      { role: 'quit' },
    ],
  };
  return [
    ...(isMac ? [macMenu] : []),
    {
      label: '&File',
      submenu: [
        {
          id: 'open-dataset',
          label: 'Open dataset …',
          accelerator: 'CmdOrCtrl+O',
          click: () => actions.openDataset(),
        },
        recentMenu(state, actions),
        separator,
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        ...pages.map(([page, label], i) => ({
          id: `go-${page}`,
          label,
          accelerator: `CmdOrCtrl+${i + 1}`,
          click: () => actions.go(page),
        })),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(state.development ? [separator, { role: 'reload' as const }, { role: 'toggleDevTools' as const }] : []),
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        { id: 'open-logs', label: 'Open logs', click: () => actions.openLogs() },
        ...(isMac ? [] : [separator, about]),
      ],
    },
  ];
}
