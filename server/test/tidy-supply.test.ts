import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import minimum from '../minimum-versions.json' with { type: 'json' }

const root = new URL('../../', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, root), 'utf8')

/** Whether `version` is `least` or newer, by its three numbers; what comes before a release counts as older. */
function isAtLeast(version: string, least: string): boolean {
  const numbers = (text: string) => (text.split('-', 1)[0] ?? '').split('.').map(Number)
  const [have, want] = [numbers(version), numbers(least)]
  for (const [i, number] of want.entries()) if (have[i] !== number) return (have[i] ?? 0) > number
  return !version.includes('-')
}

describe('packages', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { version?: string; resolved?: string; integrity?: string; link?: boolean }>
  }
  const installed = Object.entries(packages).filter(([path, one]) => path.includes('node_modules/') && !one.link)
  const nameOf = (path: string) => path.split('node_modules/').at(-1) ?? ''

  it('are as new as what is known to be safe', () => {
    const old = installed.filter(([path, { version = '0' }]) => {
      const rule = (minimum.packages as Record<string, { least: string } | undefined>)[nameOf(path)]
      return rule && !isAtLeast(version, rule.least)
    })
    expect(old.map(([path, { version }]) => `${path} ${version}`)).toEqual([])
    const names = new Set(installed.map(([path]) => nameOf(path)))
    expect(Object.keys(minimum.packages).filter((name) => !names.has(name))).toEqual([])
  })

  it('lack what is known to be dangerous', () => {
    expect(installed.map(([path]) => nameOf(path)).filter((name) => name in minimum.absent)).toEqual([])
  })

  it('come from the registry, each with its hash', () => {
    // The formatter's programs for other machines than those that the lockfile was made on; nothing of ours runs them.
    const isFormatter = (path: string) => /^node_modules\/@biomejs\/cli-/.test(path)
    // The lockfile leaves out addresses where they are those of the configured registry.
    const strange = installed.filter(
      ([path, { resolved, integrity = '' }]) =>
        resolved !== undefined || !(integrity.startsWith('sha512-') || isFormatter(path)),
    )
    expect(strange.map(([path]) => path)).toEqual([])
  })

  it('are asked for in exact versions', () => {
    const manifests = ['.', 'client-sdk', 'media', 'server', 'web', 'load-tests'].map(
      (folder) => `${folder}/package.json`,
    )
    const loose = manifests.flatMap((file) => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(read(file)) as Record<
        string,
        Record<string, string>
      >
      return Object.entries({ ...dependencies, ...devDependencies })
        .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
        .map(([name, version]) => `${file}: ${name} ${version}`)
    })
    expect(loose).toEqual([])
  })

  it('compares versions by their numbers', () => {
    const pairs = [
      ['4.2.7', '4.2.7'],
      ['4.10.0', '4.2.7'],
      ['4.2.6', '4.2.7'],
      ['5.0.0-beta.1', '5.0.0'],
      ['3.9.9', '4.0.0'],
    ]
    expect(pairs.map(([have = '', least = '']) => isAtLeast(have, least))).toEqual([true, true, false, false, false])
  })
})

describe('the table of OWASP ASVS 5.0', () => {
  /** Requirements of level 1 and 2 in each section of 5.0.0: 253 in all. */
  const sections: Readonly<Record<string, readonly number[]>> = {
    V1: [2, 9, 11, 3, 2],
    V2: [3, 3, 4, 1],
    V3: [0, 2, 4, 6, 5, 0, 2],
    V4: [3, 1, 2, 4],
    V5: [1, 3, 2, 3],
    V6: [3, 12, 4, 4, 5, 3, 0, 4],
    V7: [3, 4, 2, 5, 2, 2],
    V8: [2, 3, 1, 1],
    V9: [3, 4],
    V10: [2, 2, 4, 11, 5, 2, 3],
    V11: [2, 3, 3, 4, 1, 1],
    V12: [3, 2, 4],
    V13: [1, 5, 2, 5],
    V14: [2, 4, 3],
    V15: [3, 3, 7],
    V16: [1, 5, 4, 3, 3],
    V17: [1, 4, 2],
  }
  /** Of level 3, and taken on all the same. */
  const beyond = ['V2.4.2', 'V5.2.4', 'V5.2.6', 'V8.3.2', 'V15.4.1', 'V15.4.2', 'V15.4.3', 'V15.4.4', 'V17.2.5']
  const wanted = Object.entries(sections).flatMap(([chapter, counts]) =>
    counts.flatMap((count, at) => Array.from({ length: count }, (_, i) => `${chapter}.${at + 1}.${i + 1}`)),
  )
  const [header = '', ...lines] = read('server/docs/asvs.csv').trimEnd().split('\n')
  const rows = lines.map((line) => {
    const fields = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((one) => one[1] ?? one[2] ?? '')
    const [id = '', applies = '', control = '', test = ''] = fields
    return { id, applies, control, test, count: fields.length }
  })

  it('has each requirement once and no other', () => {
    expect([header, wanted.length]).toEqual(['id,applies,control,test', 253])
    expect(rows.map((row) => row.id).sort()).toEqual([...wanted, ...beyond].sort())
  })

  it('says of each why not, what is missing, or which test shows it', () => {
    const wrong = rows.filter(({ applies, control, test, count }) => {
      const isComplete = count === 4 && control.length > 3
      return !(isComplete && (applies === 'yes' ? test !== '' : /^(no|gap)$/.test(applies) && test === ''))
    })
    expect(wrong).toEqual([])
  })

  it('names tests that exist', () => {
    const named = [...new Set(rows.map((row) => row.test).filter((test) => test !== ''))]
    expect(named.filter((test) => !/\.test\.tsx?$/.test(test) || !existsSync(new URL(test, root)))).toEqual([])
  })
})

describe('what operators are given', () => {
  const operations = read('server/docs/operations.md')
  const alarms = [...read('server/docs/monitoring/alarms.yml').matchAll(/- alert: (\w+)\n\s+expr: (.+)/g)]

  it('says for each alarm what to do, and for no other', () => {
    const told = [...operations.matchAll(/^\| `(Livelot\w+)`/gm)].map((one) => one[1])
    expect(alarms.length).toBeGreaterThan(20)
    expect(told.sort()).toEqual(alarms.map((one) => one[1]).sort())
  })

  it('has a dashboard that Grafana can read', () => {
    const dashboard = JSON.parse(read('server/docs/monitoring/grafana-dashboard.json')) as {
      panels: { id: number; type: string; title: string; targets?: { expr: string; refId: string }[] }[]
    }
    const ids = dashboard.panels.map((panel) => panel.id)
    expect(new Set(ids).size).toBe(ids.length)
    const empty = dashboard.panels.filter(
      (panel) => panel.type !== 'row' && !panel.targets?.every((one) => one.expr !== ''),
    )
    expect(empty).toEqual([])
    const isBalanced = (text: string) => text.split('(').length === text.split(')').length
    const expressions = dashboard.panels.flatMap((panel) => panel.targets ?? []).map((target) => target.expr)
    expect([...expressions, ...alarms.map((one) => one[2] ?? '')].filter((text) => !isBalanced(text))).toEqual([])
  })

  it('tells every variable of the environment', () => {
    const names = [...read('server/src/config/config.ts').matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map((one) => one[1] ?? '')
    // For tests alone, and refused in production.
    const untold = ['FAILPOINTS_FILE', 'DEMO_PICTURES_DIR']
    expect(names.filter((name) => !operations.includes(`\`${name}\``) && !untold.includes(name))).toEqual([])
  })
})
