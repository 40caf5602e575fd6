/**
 * @typedef {object} TestReport What the JSON reporter of vitest writes, as far as it is used here.
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} [numTodoTests]
 * @property {{ name: string, status: string, assertionResults: unknown[] }[]} testResults
 */

/**
 * @typedef {object} TestTotals
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} reasons What else was wrong, beside failed tests; each counts as one failure.
 */

/**
 * Counts a run of all tests. A file that could not be loaded, an error outside of any test and a run without tests are
 * failures too, although no test of theirs failed.
 * @param {TestReport | undefined} report Undefined when vitest ended before it could write one.
 * @param {number} exitCode
 * @returns {TestTotals}
 */
export function countTests(report, exitCode) {
  if (!report) return { passed: 0, failed: 1, skipped: 0, reasons: ['the tests ended before they could report'] }
  const reasons = report.testResults
    .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
    .map(({ name }) => `${name} could not be loaded`)
  const passed = report.numPassedTests
  const skipped = report.numPendingTests + (report.numTodoTests ?? 0)
  if (passed + report.numFailedTests + reasons.length === 0) reasons.push('no test ran')
  if (exitCode !== 0 && report.numFailedTests + reasons.length === 0) {
    reasons.push('there was an error outside of the tests, shown above')
  }
  return { passed, failed: report.numFailedTests + reasons.length, skipped, reasons }
}

/** @param {TestTotals} totals @returns {string} The last line of `npm test`. */
export function totalsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
