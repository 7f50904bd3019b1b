/** The window's calls: the sender is checked and the values parsed before anything is done; answers are envelopes. */
import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import { channelNames, type Channel, type Envelope } from '../../ipc/contract.ts';
import { channels } from '../channels.ts';
import { isTrustedSender } from './trust.ts';

/** What the host does for the window, beside passing calls on to the core. */
export interface HostFunctions {
  call(channel: Channel, request: unknown): Promise<Envelope>;
  chooseFolder(title: string): Promise<string | null>;
  chooseFiles(title: string, kinds: 'pictures' | 'datasets'): Promise<string[] | null>;
  saveFile(title: string, suggestedName: string): Promise<string | null>;
  reveal(path: string): void;
  openLink(url: string): Promise<boolean>;
}

const forged = 'This page may not call Triangle Studio. Close the window and open the program again.';

const title = z.string().max(200);
const path = z.string().min(1).max(4096);
const callSchema = z.tuple([z.enum(channelNames as [Channel, ...Channel[]]), z.unknown()]);

/** `refuse` is told why, in words: a call answers an envelope, the other functions reject. */
function handle<T extends readonly unknown[]>(
  ipc: IpcMain,
  channel: string,
  schema: z.ZodType<T>,
  run: (...values: T) => unknown,
  refuse: (code: string, message: string) => unknown = (_code, message) => Promise.reject(new Error(message)),
): void {
  ipc.handle(channel, (event: IpcMainInvokeEvent, ...values: unknown[]) => {
    if (!isTrustedSender(event.senderFrame)) return refuse('host/forged', forged);
    const parsed = schema.safeParse(values);
    if (parsed.success) return run(...parsed.data);
    const why = z.prettifyError(parsed.error);
    return refuse('host/bad-request', `The window sent what is not understood. Report this fault: ${why}`);
  });
}

const refuseCall = (code: string, message: string): Envelope => ({ ok: false, code, message });

export function registerIpc(ipc: IpcMain, host: HostFunctions): void {
  handle(ipc, channels.call, callSchema, (channel, request) => host.call(channel, request), refuseCall);
  handle(ipc, channels.chooseFolder, z.tuple([title]), (text) => host.chooseFolder(text));
  handle(ipc, channels.chooseFiles, z.tuple([title, z.enum(['pictures', 'datasets'])]), (text, kinds) =>
    host.chooseFiles(text, kinds),
  );
  handle(ipc, channels.saveFile, z.tuple([title, z.string().max(255)]), (text, name) => host.saveFile(text, name));
  handle(ipc, channels.reveal, z.tuple([path]), (file) => host.reveal(file));
  handle(ipc, channels.openLink, z.tuple([z.string().max(2000)]), (url) => host.openLink(url));
}
