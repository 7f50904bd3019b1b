/** The sign of a program without a window: an icon in the system's tray that brings the window back. */
import { Menu, Tray } from 'electron';

export interface Background {
  enter(): void;
  leave(): void;
}

export function createBackground(icon: string, appName: string, show: () => void, quit: () => void): Background {
  let tray: Tray | null = null;
  return {
    enter() {
      if (tray !== null) return;
      try {
        tray = new Tray(icon);
      } catch {
        // Some desktops have no tray: starting the program again brings the window back there too.
        return;
      }
      tray.setToolTip(`${appName} is at work`);
      tray.setContextMenu(
        Menu.buildFromTemplate([
          { label: 'Show the window', click: show },
          { label: 'Quit', click: quit },
        ]),
      );
      tray.on('click', show);
    },
    leave() {
      tray?.destroy();
      tray = null;
    },
  };
}
