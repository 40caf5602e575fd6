import { expect, it } from 'vitest'
import { createPasswords } from './passwords.ts'

it('[PR7] serves two and lets 64 wait, refuses the rest at once, and serves again afterwards', async () => {
  const passwords = createPasswords()
  const answers = Array.from({ length: 90 }, () =>
    passwords.hash('a calm sea at dawn').then(
      () => 'hashed',
      (error) => error.code,
    ),
  )
  const codes = await Promise.all(answers)
  expect(codes.filter((code) => code === 'server.busy')).toHaveLength(24)
  expect(codes.filter((code) => code === 'hashed')).toHaveLength(66)
  const stored = await passwords.hash('a calm sea at dawn')
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await passwords.verify(stored, 'a calm sea at dawn')).toBe(true)
  expect(await passwords.verify(stored, 'a calm sea at dusk')).toBe(false)
  expect(await passwords.verify(null, 'a calm sea at dawn')).toBe(false)
})
