/** The module that `electron` stands for: exactly what electron/main uses. Its names are those that an import finds. */
export { app } from './api/app.ts';
export { BrowserWindow } from './api/browser-window.ts';
export { ipcMain } from './api/ipc-main.ts';
export { dialog, Menu, nativeTheme, screen, shell, Tray } from './api/native.ts';
export { protocol } from './api/protocol.ts';
export { session } from './api/session.ts';
export { utilityProcess } from './api/utility-process.ts';
export { webContents } from './api/web-contents.ts';
