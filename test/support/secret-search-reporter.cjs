const { join } = require('node:path');

const TITLE = 'no secret of the tests is in clear in any log or in the database';

/** After the last test: searches what the run has written for the run's secrets, and counts that as one more test. */
module.exports = class SecretSearchReporter {
  async onRunComplete(_contexts, results) {
    // Without the project "whole" there was no service and no database.
    const run = globalThis.ringonceRun;
    if (!run || run.isSearched) return;
    const start = Date.now();
    const { words, isClean } = await run.search().catch((error) => ({ words: String(error.stack), isClean: false }));
    process.stderr.write(`\n${words}\n`);
    count(results, isClean);
    results.testResults.push(asTestFile(start, isClean ? undefined : words));
  }
};

function count(results, isClean) {
  results.numTotalTests += 1;
  results.numTotalTestSuites += 1;
  results[isClean ? 'numPassedTests' : 'numFailedTests'] += 1;
  results[isClean ? 'numPassedTestSuites' : 'numFailedTestSuites'] += 1;
}

/** What jest's other reporters and its JSON expect of a test file. */
function asTestFile(start, failure) {
  const end = Date.now();
  const isClean = failure === undefined;
  const test = {
    ancestorTitles: [],
    title: TITLE,
    fullName: TITLE,
    status: isClean ? 'passed' : 'failed',
    duration: end - start,
    failureDetails: [],
    failureMessages: isClean ? [] : [failure],
    invocations: 1,
    location: null,
    numPassingAsserts: 0,
    retryReasons: [],
  };
  return {
    testFilePath: join(__dirname, 'secret-search.ts'),
    displayName: { name: 'whole', color: 'white' },
    testResults: [test],
    numPassingTests: isClean ? 1 : 0,
    numFailingTests: isClean ? 0 : 1,
    numPendingTests: 0,
    numTodoTests: 0,
    failureMessage: failure ?? null,
    perfStats: {
      start,
      end,
      runtime: end - start,
      slow: false,
      loadTestEnvironmentStart: start,
      loadTestEnvironmentEnd: start,
      setupAfterEnvStart: start,
      setupAfterEnvEnd: start,
      setupFilesStart: start,
      setupFilesEnd: start,
    },
    snapshot: { added: 0, fileDeleted: false, matched: 0, unchecked: 0, uncheckedKeys: [], unmatched: 0, updated: 0 },
    leaks: false,
    openHandles: [],
    skipped: false,
    console: undefined,
  };
}
