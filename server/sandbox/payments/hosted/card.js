// Takes a test card and hands the shop a one-time token. The shop's page frames this one and cannot look inside.

const form = document.getElementById('card-form')
const done = document.getElementById('done')
const fields = {
  number: document.getElementById('number'),
  expiry: document.getElementById('expiry'),
  cvc: document.getElementById('cvc'),
}
const targets = document.documentElement.dataset.targets.split(' ')
const shop = window.parent !== window ? window.parent : window.opener
const brandNames = { visa: 'Visa', mastercard: 'Mastercard', amex: 'Amex' }

function tellShop(message) {
  for (const target of targets) shop?.postMessage(message, target)
}

function digitsOf(text) {
  return text.replace(/\D/g, '')
}

function brandOf(digits) {
  if (digits.startsWith('4')) return 'Visa'
  if (/^5[1-5]/.test(digits)) return 'Mastercard'
  if (/^3[47]/.test(digits)) return 'Amex'
  return ''
}

function groupNumber(digits) {
  const groups = brandOf(digits) === 'Amex' ? /^(\d{0,4})(\d{0,6})(\d{0,5})/ : /^(\d{0,4})(\d{0,4})(\d{0,4})(\d{0,7})/
  const [, ...parts] = digits.match(groups)
  return parts.filter((part) => part !== '').join(' ')
}

// Rewrites a field while it is typed in and keeps the caret after the same digit.
function formatWhileTyping(field, format) {
  field.addEventListener('input', () => {
    const digitsBefore = digitsOf(field.value.slice(0, field.selectionStart ?? field.value.length)).length
    const formatted = format(digitsOf(field.value))
    if (formatted !== field.value) {
      field.value = formatted
      let caret = 0
      for (let seen = 0; caret < formatted.length && seen < digitsBefore; caret++) {
        if (/\d/.test(formatted[caret])) seen++
      }
      field.setSelectionRange(caret, caret)
    }
    setError(field, '')
  })
}

formatWhileTyping(fields.number, (digits) => {
  document.getElementById('brand').textContent = brandOf(digits)
  return groupNumber(digits.slice(0, 19))
})
formatWhileTyping(fields.expiry, (digits) =>
  digits.length > 2 ? `${digits.slice(0, 2)} / ${digits.slice(2, 4)}` : digits,
)
formatWhileTyping(fields.cvc, (digits) => digits.slice(0, 4))

function setError(field, sentence) {
  document.getElementById(`${field.id}-error`).textContent = sentence
  if (sentence) field.setAttribute('aria-invalid', 'true')
  else field.removeAttribute('aria-invalid')
}

function readCard() {
  const number = digitsOf(fields.number.value)
  const expiry = digitsOf(fields.expiry.value)
  const expMonth = Number(expiry.slice(0, 2))
  const cvc = digitsOf(fields.cvc.value)
  setError(fields.number, number.length < 13 ? 'Enter the whole card number.' : '')
  setError(fields.expiry, expiry.length !== 4 || expMonth < 1 || expMonth > 12 ? 'Enter month and year.' : '')
  setError(fields.cvc, cvc.length < 3 ? 'Enter the 3 or 4 digits.' : '')
  const firstWrong = Object.values(fields).find((field) => field.getAttribute('aria-invalid') === 'true')
  firstWrong?.focus()
  return firstWrong ? null : { number, expMonth, expYear: 2000 + Number(expiry.slice(2)), cvc }
}

function showRefusal(code) {
  if (code === 'card_not_a_test_card') {
    setError(fields.number, 'This is not a test card. Choose one of those here, and never type a real card here.')
    document.querySelector('details').open = true
    fields.number.focus()
  } else if (code === 'card_out_of_date') {
    setError(fields.expiry, 'This date is in the past.')
    fields.expiry.focus()
  } else {
    document.getElementById('form-error').textContent = 'The card could not be saved. Try again.'
  }
}

async function requestToken(card) {
  const response = await fetch('/v1/tokens', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(card),
  })
  return { isTaken: response.ok, answer: await response.json() }
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  document.getElementById('form-error').textContent = ''
  const card = readCard()
  if (!card) return
  const submit = document.getElementById('submit')
  submit.disabled = true
  try {
    const { isTaken, answer } = await requestToken(card)
    if (!isTaken) return showRefusal(answer.code)
    const { brand, last4, expMonth, expYear } = answer.card
    form.reset()
    document.getElementById('brand').textContent = ''
    form.hidden = true
    done.hidden = false
    const text = document.getElementById('done-text')
    text.textContent = `${brandNames[brand] ?? brand} •••• ${last4} is ready`
    text.focus()
    tellShop({ type: 'livelot-card-token', token: answer.id, brand, last4, expMonth, expYear })
  } catch {
    document.getElementById('form-error').textContent = 'The payment provider cannot be reached. Try again.'
  } finally {
    submit.disabled = false
  }
})

document.getElementById('again').addEventListener('click', () => {
  done.hidden = true
  form.hidden = false
  fields.number.focus()
})

for (const chip of document.querySelectorAll('[data-number]')) {
  chip.addEventListener('click', () => {
    fields.number.value = groupNumber(chip.dataset.number)
    document.getElementById('brand').textContent = brandOf(chip.dataset.number)
    fields.expiry.value = `12 / ${String((new Date().getFullYear() + 3) % 100).padStart(2, '0')}`
    fields.cvc.value = brandOf(chip.dataset.number) === 'Amex' ? '1234' : '123'
    for (const field of Object.values(fields)) setError(field, '')
    document.getElementById('submit').focus()
  })
}

// Lets the shop give the frame the height that it needs.
new ResizeObserver(() => {
  tellShop({ type: 'livelot-card-height', height: Math.ceil(document.body.getBoundingClientRect().height) })
}).observe(document.body)
