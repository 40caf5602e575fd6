import { describe, expect, it } from 'vitest'
import { isLuhn, leaksIn } from './secrets.ts'

const whatIn = (text: string, known: readonly string[] = []) => leaksIn(text, known).map(({ what }) => what)

describe('card numbers', () => {
  it.each([
    '4242424242424242',
    '4242 4242 4242 4242',
    '4242-4242-4242-4242',
    '{"n":"378282246310005"}',
    'card=5555555555554444.',
    '6011111111111117,',
  ])('[I29] are found in %s', (text) => {
    expect(whatIn(text)).toEqual(['card number'])
  })

  it.each([
    ['fails the check digit', '4242424242424243'],
    ['is a time in milliseconds', '"atMs":1763846400000'],
    ['is the last digits only', 'visa 4242'],
    ['is a UUID', '42424242-4242-4242-8242-424242424242'],
    ['is a part of a hash', 'a4242424242424242b'],
    ['begins as no card does', '1234567812345670'],
    ['is a number with a fraction', '4242424242424242.5'],
  ])('are not found where a number %s', (_why, text) => {
    expect(whatIn(text)).toEqual([])
  })

  it('have a check digit', () => {
    expect([isLuhn('4242424242424242'), isLuhn('4242424242424241'), isLuhn('378282246310005')]).toEqual([
      true,
      false,
      true,
    ])
  })
})

describe('secrets', () => {
  const token = `${'eyJhbGciOiJFZERTQSJ9'}.${'eyJzdWIiOiIwMWEyMDU0In0'}.${'c2lnbmF0dXJlLW9mLXRoZS10b2tlbg'}`
  it.each([
    ['token', `authorization: Bearer ${token}`],
    ['private key', '-----BEGIN PRIVATE KEY-----'],
    ['webhook secret', 'whsec_c2l4dGVlbmJ5dGVzLWxvbmc='],
    ['password hash', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA'],
  ])('[I29] a %s is found', (what, text) => {
    expect(whatIn(text)).toEqual([what])
  })

  it('[I29] of the configuration are found as they are, and never told', () => {
    const leaks = leaksIn('url=redis://:my-own-password@host', ['my-own-password', 'short'])
    expect(leaks).toEqual([{ what: 'secret of the configuration', at: 13 }])
    expect(JSON.stringify(leaks)).not.toContain('my-own')
  })
})
