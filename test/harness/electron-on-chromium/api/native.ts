/** What the system draws: menus are data that a spec can click, dialogs and the shell must be stood in for, themes reach the pages. */
import { EventEmitter } from 'node:events';
import { provided, standInWanted } from '../provided.ts';
import { runtime } from '../runtime.ts';
import { contentsById } from './web-contents.ts';

export const dialog = provided('dialog', {
  showOpenDialog: standInWanted('dialog.showOpenDialog'),
  showSaveDialog: standInWanted('dialog.showSaveDialog'),
  showMessageBox: standInWanted('dialog.showMessageBox'),
  showErrorBox: standInWanted('dialog.showErrorBox'),
});

export const shell = provided('shell', {
  openExternal: standInWanted('shell.openExternal'),
  openPath: standInWanted('shell.openPath'),
  showItemInFolder: standInWanted('shell.showItemInFolder'),
});

const area = { x: 0, y: 0, width: 1920, height: 1080 };
const display = { id: 1, bounds: area, workArea: area, scaleFactor: 1 };
export const screen = provided('screen', {
  getAllDisplays: () => [display],
  getPrimaryDisplay: () => display,
});

interface ItemOptions {
  readonly id?: string;
  readonly label?: string;
  readonly role?: string;
  readonly submenu?: readonly ItemOptions[];
  readonly click?: () => void;
}

class MenuClass {
  readonly items: readonly (Omit<ItemOptions, 'submenu'> & { readonly submenu?: MenuClass })[];
  private static application: MenuClass | null = null;

  constructor(template: readonly ItemOptions[]) {
    this.items = template.map(({ submenu, ...item }) =>
      submenu === undefined ? item : { ...item, submenu: new MenuClass(submenu) },
    );
  }

  static buildFromTemplate = (template: readonly ItemOptions[]): MenuClass => new MenuClass(template);
  static setApplicationMenu = (menu: MenuClass | null): void => void (MenuClass.application = menu);
  static getApplicationMenu = (): MenuClass | null => MenuClass.application;

  getMenuItemById(id: string): ItemOptions | null {
    for (const { submenu, ...item } of this.items) {
      if (item.id === id) return item;
      const below = submenu?.getMenuItemById(id) ?? null;
      if (below !== null) return below;
    }
    return null;
  }
}
export const Menu = MenuClass;

export class Tray extends EventEmitter {
  setToolTip = (): void => undefined;
  setContextMenu = (): void => undefined;
  destroy = (): void => undefined;
}

class NativeTheme extends EventEmitter {
  private source: 'system' | 'light' | 'dark' = 'system';

  get shouldUseDarkColors(): boolean {
    return this.source === 'dark';
  }

  get themeSource(): 'system' | 'light' | 'dark' {
    return this.source;
  }

  set themeSource(source: 'system' | 'light' | 'dark') {
    this.source = source;
    runtime.darkMode = this.shouldUseDarkColors;
    for (const contents of contentsById.values()) contents.applyTheme().catch(() => undefined);
    this.emit('updated');
  }
}
export const nativeTheme = new NativeTheme();
