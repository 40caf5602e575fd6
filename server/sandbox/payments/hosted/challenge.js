// The bank's step of a payment: approve or refuse, then tell the shop that it may look again.

const { intent, waiting, targets } = document.documentElement.dataset
const shop = window.parent !== window ? window.parent : window.opener
const buttons = [...document.querySelectorAll('[data-outcome]')]

function showDone(status) {
  document.getElementById('question').hidden = true
  const done = document.getElementById('done')
  done.hidden = false
  const isConfirmed = status === 'requires_capture' || status === 'succeeded'
  done.classList.toggle('is-refused', !isConfirmed)
  const text = document.getElementById('done-text')
  text.textContent = isConfirmed ? 'The payment is confirmed.' : 'The payment was not confirmed.'
  text.focus()
  for (const target of targets.split(' ')) shop?.postMessage({ type: 'livelot-challenge-done', intent }, target)
}

async function answer(outcome) {
  for (const button of buttons) button.disabled = true
  try {
    const response = await fetch(`/hosted/challenge/${intent}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ outcome }),
    })
    if (!response.ok) throw new Error('refused')
    showDone((await response.json()).status)
  } catch {
    document.getElementById('challenge-error').textContent = 'The bank cannot be reached. Try again.'
    for (const button of buttons) button.disabled = false
  }
}

for (const button of buttons) button.addEventListener('click', () => answer(button.dataset.outcome))
if (waiting === 'no') {
  document.getElementById('question').hidden = true
  document.getElementById('done').hidden = false
  document.getElementById('done').classList.add('is-refused')
  document.getElementById('done-text').textContent = 'There is nothing left to confirm.'
}
