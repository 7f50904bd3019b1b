/** jasmine-core publishes no types; jasmine.ts says what is used of it. */
declare module 'jasmine-core' {
  const jasmineCore: unknown;
  export default jasmineCore;
}
