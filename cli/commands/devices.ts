/** `triangle devices`: what can compute here, what cannot and why, and what `auto` would take. */
import { defineCommand } from '../command.ts';

export const command = defineCommand({
  name: 'devices',
  summary: 'List what can compute here, what cannot and why',
  options: {
    choose: {
      kind: 'flag',
      summary: 'Also open the device that --device auto takes, with the reason (may run a self-test)',
    },
  },
  examples: [
    { line: 'triangle devices', does: 'adapters, missing libraries and remedies' },
    { line: 'triangle devices --choose', does: 'which device training would use' },
  ],
  async run({ values, output }) {
    const { listDevices, openDevice } = await import('../../core/index.ts');
    const devices = await listDevices();
    const chosen = values.choose ? await openDevice('auto') : null;
    output.record({
      devices,
      ...(chosen === null ? {} : { auto: { name: chosen.name, adapter: chosen.adapter, reason: chosen.reason } }),
    });
    const width = Math.max(...devices.map(({ name }) => name.length));
    for (const { name, available, software, description, why, remedy } of devices) {
      const mark = available ? 'yes' : 'no ';
      const note = software ? ' (a program on the CPU: correct, but slow)' : '';
      output.text(`${name.padEnd(width)}  ${mark}  ${available ? description + note : (why ?? '')}`);
      if (!available && remedy !== null) output.text(`${' '.repeat(width + 7)}${remedy}`);
    }
    if (chosen !== null) output.text(`\nauto takes ${chosen.name}. ${chosen.reason}`);
  },
});
