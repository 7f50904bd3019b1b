import type { PageInfo } from '../lib/pages.ts';

export const page: PageInfo = { title: 'Settings', icon: 'settings', order: 7 };
