import { defineConfig } from 'vitest/config';

const ignore = ['**/node_modules/**'];
/** Puts another module in the place of one of `src/common`, which files in the same process would see. */
const mocking = ['test/playground/export/scenarioSize.host.test.ts'];

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    include: [],
    // Limits for what never comes; what comes late on a busy machine is waited for.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: 2,
    // To end a process is to end its window too.
    teardownTimeout: 60_000,
    // The suites of `npm test` run one after the other, and each needs nearly the same files transformed.
    experimental: { fsModuleCache: true },
    // A process for each file: what it leaves open is its own, and a crash is its own.
    pool: 'forks',
    setupFiles: ['test/support/leakCheck.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/extension/**/*.test.{ts,tsx}', ...mocking],
          exclude: ignore,
        },
      },
      {
        extends: true,
        test: {
          // What these test keeps nothing in its modules: a process for each file would be much of their time.
          name: 'unit-shared',
          include: ['test/{common,playground}/**/*.test.{ts,tsx}', 'test/webview/**/*.unit.test.{ts,tsx}'],
          exclude: [...ignore, ...mocking],
          isolate: false,
          unstubGlobals: true,
        },
      },
      {
        extends: true,
        test: {
          name: 'repository',
          include: ['test/repository/**/*.test.ts'],
          exclude: ignore,
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: { name: 'host', include: ['test/socketHost/**/*.test.ts'], exclude: ignore },
      },
      {
        extends: true,
        test: {
          name: 'cli',
          include: ['test/{cli,conformance}/**/*.test.ts'],
          exclude: ignore,
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'page',
          include: ['test/webview/**/*.test.{ts,tsx}'],
          exclude: [...ignore, '**/*.unit.test.*'],
          testTimeout: 60_000,
          // The pages are in a browser of each file, and the modules beside it keep nothing that a page could see.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'workbench',
          include: ['test/workbench/**/*.test.ts'],
          globalSetup: ['test/support/workbenchSetup.ts'],
          setupFiles: ['test/support/failedWindow.ts'],
          // A window is kept from file to file.
          isolate: false,
          exclude: ignore,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
