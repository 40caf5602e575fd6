const codes = [
  'AT', 'AU', 'BE', 'CA', 'CH', 'CN', 'CZ', 'DE', 'DK', 'ES', 'FI', 'FR', 'GB', 'GR', 'HK', 'HU', 'IE', 'IT', 'JP', 'KR',
  'LU', 'MX', 'NL', 'NO', 'NZ', 'PL', 'PT', 'RO', 'SE', 'SG', 'SI', 'SK', 'US',
] // biome-ignore format: one code a line would hide the list.

const names = new Intl.DisplayNames('en', { type: 'region' })

/** Where a parcel may be asked to go; whether it can be sent there is the quote's answer. */
export const countries: readonly { code: string; name: string }[] = codes
  .map((code) => ({ code, name: names.of(code) ?? code }))
  .sort((one, other) => one.name.localeCompare(other.name))

export function countryName(code: string): string {
  return names.of(code) ?? code
}
