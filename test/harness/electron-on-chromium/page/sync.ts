/** A question to the harness that a page waits for: what Electron answers synchronously. */

/** The page stops here until the harness has set `answer` and lets it go on: see `onPause` in api/web-contents.ts. */
export function electronSync(question: 'path' | 'open', subject: unknown): unknown {
  const answer: { value: unknown } = { value: undefined };
  // eslint-disable-next-line no-debugger -- the pause is how the harness is reached
  debugger;
  return [question, subject, answer.value][2];
}
