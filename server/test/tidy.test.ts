import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, root), 'utf8')
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && isThere(file))
const matching = (pattern: RegExp) => files.filter((file) => pattern.test(file))
const importsOf = (text: string) => [...text.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)].map((match) => match[1] ?? '')

function isThere(file: string): boolean {
  try {
    read(file)
    return true
  } catch {
    return false
  }
}

/** Which module may know which, through the door; a module that is not named knows the kernel only. */
const knows: Record<string, readonly string[]> = {
  catalog: [],
  profiles: [],
  inventory: [],
  ledger: [],
  live: ['catalog', 'profiles'],
  'flash-sales': ['catalog', 'inventory', 'live'],
  'waiting-rooms': ['flash-sales', 'live'],
  giveaways: ['live', 'profiles'],
  coupons: ['catalog', 'live', 'profiles'],
  auctions: ['catalog', 'inventory', 'live', 'profiles'],
  payments: ['ledger', 'profiles'],
  checkout: ['catalog', 'coupons', 'inventory', 'flash-sales', 'payments', 'profiles', 'ledger'],
  settlements: ['auctions', 'checkout', 'inventory', 'live', 'payments', 'profiles', 'catalog'],
}

describe('the direction of imports', () => {
  it('lets a module know only the modules below it', () => {
    const wrong = matching(/^server\/src\/modules\/.*\.ts$/).flatMap((file) => {
      const from = file.split('/')[3] ?? ''
      return importsOf(read(file))
        .filter((to) => to.startsWith('#modules/'))
        .filter((to) => to !== `#modules/${from}` && !(knows[from] ?? []).includes(to.replace('#modules/', '')))
        .map((to) => `${file} knows ${to}`)
    })
    expect(wrong).toEqual([])
  })

  it('keeps relative imports inside their module', () => {
    // Tests may reach the shared support of tests.
    const sources = matching(/^server\/src\/modules\/.*\.ts$/).filter(
      (file) => !/\.test\.ts$|-for-tests\.ts$/.test(file),
    )
    const wrong = sources.flatMap((file) => {
      const home = file.split('/').slice(0, 4).join('/')
      return importsOf(read(file))
        .filter((to) => to.startsWith('../'))
        .filter((to) => !new URL(to, new URL(file, root)).pathname.startsWith(new URL(`${home}/`, root).pathname))
        .map((to) => `${file} reaches ${to}`)
    })
    expect(wrong).toEqual([])
  })

  it('keeps the kernel and the contracts at the ground', () => {
    const kernel = matching(/^server\/src\/kernel\/.*\.ts$/).flatMap((file) =>
      importsOf(read(file))
        .filter((to) => /^#(infra|edge|modules|config)/.test(to))
        .map((to) => `${file} knows ${to}`),
    )
    const contracts = matching(/^client-sdk\/contracts\/.*\.ts$/).flatMap((file) =>
      importsOf(read(file))
        .filter((to) => to !== 'zod' && !to.startsWith('./'))
        .map((to) => `${file} knows ${to}`),
    )
    expect([...kernel, ...contracts]).toEqual([])
  })

  it('lets server and media know the contracts, never the SDK', () => {
    const wrong = matching(/^(server\/(src|bin|sandbox)|media)\/.*\.ts$/)
      .filter((file) => !/\/test\/|\.test\.ts$/.test(file))
      .flatMap((file) =>
        importsOf(read(file))
          .filter((to) => to.startsWith('@livelot/client') && to !== '@livelot/client/contracts')
          .map((to) => `${file} knows ${to}`),
      )
    expect(wrong).toEqual([])
  })

  it('lets pages and load tests use the SDK and nothing of the server', () => {
    // The raw limit of a script is measured with that very script.
    const files = matching(/^(web|load-tests)\/.*\.tsx?$/).filter((file) => !/^load-tests\/raw-[\w-]+\.ts$/.test(file))
    const wrong = files.flatMap((file) =>
      importsOf(read(file))
        .filter((to) => /@livelot\/(server|media)|server\/src|media\/src/.test(to))
        .map((to) => `${file} knows ${to}`),
    )
    expect(wrong).toEqual([])
  })
})

describe('the size and form of files', () => {
  it('keeps files short', () => {
    const most = (file: string) => (/\.test\.tsx?$/.test(file) ? 500 : file.endsWith('.lua') ? 120 : 300)
    const wrong = matching(/\.(ts|tsx|mjs|lua|css|sql)$/)
      .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
      .filter(({ file, lines }) => lines > most(file))
      .map(({ file, lines }) => `${file} has ${lines} lines`)
    expect(wrong).toEqual([])
  })

  it('names files in kebab-case and has no drawers', () => {
    const wrong = matching(/\.(ts|tsx|mjs)$/)
      .map((file) => file.split('/').pop() ?? '')
      .filter(
        (name) =>
          !/^[a-z0-9-]+(\.[a-z0-9-]+)*\.(ts|tsx|mjs|d\.mts)$/.test(name) ||
          /^(utils|helpers|types|common)\./.test(name),
      )
    expect(wrong).toEqual([])
  })

  it('uses only erasable TypeScript and no default exports in server, media and SDK', () => {
    const wrong = matching(/^(server\/(src|bin|sandbox)|media|client-sdk)\/.*\.ts$/).filter((file) =>
      /^\s*(export )?(const )?enum |^export default |^namespace /m.test(read(file)),
    )
    expect(wrong).toEqual([])
  })

  it('reads the environment in the configuration only', () => {
    const wrong = matching(/^server\/src\/.*\.ts$/).filter(
      (file) => file !== 'server/src/config/env.ts' && /process\.env/.test(read(file)),
    )
    expect(wrong).toEqual([])
  })

  it('leaves no unowned marker, no paths of one machine and no stray output', () => {
    const sources = matching(/\.(ts|tsx|mjs|lua|sql|css)$/).filter((file) => !/tidy\.test\.ts$/.test(file))
    const marker = sources.filter((file) => /\b(TODO(?!\(#\d+\))|FIXME|XXX)\b/.test(read(file)))
    const paths = sources.filter((file) => /['"`(\s]\/(work|root|home\/\w+)\//.test(read(file)))
    const output = matching(/^(server\/src|media\/src|client-sdk\/src)\/.*\.ts$/).filter((file) =>
      /console\.(log|error|warn)/.test(read(file)),
    )
    expect({ marker, paths, output }).toEqual({ marker: [], paths: [], output: [] })
  })

  it('numbers migrations without a hole in the form and tells their purpose', () => {
    const names = matching(/^server\/migrations\/.*\.sql$/)
    const wrong = names.filter(
      (file) =>
        !/\/\d{4}_[a-z0-9_]+\.sql$/.test(file) ||
        !/^-- Purpose: .*/.test(read(file)) ||
        !/-- .*(expand|contract)/.test(read(file)),
    )
    const numbers = names.map((file) => file.split('/').pop()?.slice(0, 4))
    expect(wrong).toEqual([])
    expect(new Set(numbers).size).toBe(numbers.length)
  })
})

describe('Lua scripts', () => {
  const scripts = matching(/^server\/src\/modules\/.*\.lua$/)

  it.each(scripts)('%s declares every key and argument that it uses', (file) => {
    const text = read(file)
    const header = text.slice(0, text.indexOf(']]'))
    const section = (name: string) =>
      header.split(new RegExp(`\\n${name}\\b`))[1]?.split(/\n(?:KEYS|ARGV|RETURNS)\b/)[0] ?? ''
    const listed = (name: string) =>
      Math.max(0, ...[...section(name).matchAll(/^\s+(\d+)/gm)].map((match) => Number(match[1])))
    const used = (name: string) =>
      Math.max(0, ...[...text.matchAll(new RegExp(`${name}\\[(\\d+)\\]`, 'g'))].map((match) => Number(match[1])))
    expect(header).toContain('RETURNS')
    expect({ keys: used('KEYS'), args: used('ARGV') }).toEqual({
      keys: Math.min(used('KEYS'), listed('KEYS')),
      args: Math.min(used('ARGV'), listed('ARGV')),
    })
  })
})

describe('rules and their tests', () => {
  const rules = matching(/^server\/src\/modules\/[^/]+\/README\.md$/).flatMap((file) =>
    [...read(file).matchAll(/^- \*\*([A-Z]{2,3}\d+)\*\*/gm)].map((match) => match[1] ?? ''),
  )
  const tested = new Set(
    matching(/\.test\.ts$/).flatMap((file) =>
      [...read(file).matchAll(/\[([A-Z]{2,3}\d+)\]/g)].map((match) => match[1] ?? ''),
    ),
  )

  it('tests every rule of a module', () => {
    expect(rules.filter((rule) => !tested.has(rule))).toEqual([])
  })

  it('names each rule once', () => {
    expect(rules.filter((rule, index) => rules.indexOf(rule) !== index)).toEqual([])
  })
})
