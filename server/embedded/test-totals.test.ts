import { expect, test } from 'vitest'
import { countTests, totalsLine } from './test-totals.mjs'

const report = (changes: object = {}) => ({
  numPassedTests: 12,
  numFailedTests: 0,
  numPendingTests: 0,
  testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults: [{}] }],
  ...changes,
})

test('a clean run ends with its counts', () => {
  expect(totalsLine(countTests(report(), 0))).toBe('12 passed, 0 failed')
  expect(totalsLine(countTests(report({ numPendingTests: 2, numTodoTests: 1 }), 0))).toBe(
    '12 passed, 0 failed, 3 skipped',
  )
})

test('failed tests, unloadable files and errors outside of tests are failures', () => {
  expect(totalsLine(countTests(report({ numFailedTests: 3 }), 1))).toBe('12 passed, 3 failed')
  const unloadable = { name: 'b.test.ts', status: 'failed', assertionResults: [] }
  expect(countTests(report({ testResults: [unloadable] }), 1)).toMatchObject({
    failed: 1,
    reasons: ['b.test.ts could not be loaded'],
  })
  expect(countTests(report(), 1)).toMatchObject({ failed: 1, passed: 12 })
})

test('a run that tells nothing, or that ran no test, has failed', () => {
  expect(totalsLine(countTests(undefined, 137))).toBe('0 passed, 1 failed')
  expect(totalsLine(countTests(report({ numPassedTests: 0, testResults: [] }), 0))).toBe('0 passed, 1 failed')
})
