/** The program's version: package.json says it, nobody else. */
import description from '../package.json' with { type: 'json' };

export const version: string = description.version;
