interface OpenApiOperation {
  operationId: string
  summary: string
  'x-access': string | string[]
  parameters: { in: string; name: string; required: boolean }[]
  requestBody?: { content: { 'application/json': { schema: unknown } } }
  responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }>
  tags: string[]
}

const escapeHtml = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign)
const code = (value: unknown) => `<pre><code>${escapeHtml(JSON.stringify(value, null, 2))}</code></pre>`

/** A readable page of the OpenAPI document: plain HTML, no script, made once at start. */
export function docsPage(openApi: unknown): { html: string; css: string } {
  const { paths } = openApi as { paths: Record<string, Record<string, OpenApiOperation>> }
  const entries = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ path, method, one })),
  )
  const tags = [...new Set(entries.map((entry) => entry.one.tags[0] ?? ''))].sort()
  const nav = tags.map((tag) => `<li><a href="#${tag}">${escapeHtml(tag)}</a></li>`).join('')
  const sections = tags.map((tag) => {
    const rows = entries.filter((entry) => entry.one.tags[0] === tag).map(operationHtml)
    return `<section id="${tag}"><h2>${escapeHtml(tag)}</h2>${rows.join('')}</section>`
  })
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Livelot API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/docs.css"></head><body>
<header><h1>Livelot API</h1><p>REST under <code>/v1</code>. The same as data: <a href="/openapi.json">openapi.json</a>,
<a href="/events.json">events.json</a>. Errors are problem documents (RFC 9457). Commands that change something take an
<code>Idempotency-Key</code>: send the same key with every retry.</p></header>
<nav aria-label="Groups"><ul>${nav}</ul></nav><main>${sections.join('')}</main></body></html>`
  return { html, css }
}

function operationHtml({ path, method, one }: { path: string; method: string; one: OpenApiOperation }): string {
  const access = Array.isArray(one['x-access']) ? one['x-access'].join(' or ') : one['x-access']
  const parameters = one.parameters
    .map((each) => `<li><code>${escapeHtml(each.name)}</code> in ${each.in}${each.required ? ', required' : ''}</li>`)
    .join('')
  const body = one.requestBody ? `<h4>Body</h4>${code(one.requestBody.content['application/json'].schema)}` : ''
  const answers = Object.entries(one.responses)
    .map(([status, answer]) => {
      const schema = answer.content?.['application/json']?.schema
      return `<dt>${status}</dt><dd>${escapeHtml(answer.description).replace(/`([^`]+)`/g, '<code>$1</code>')}${schema ? code(schema) : ''}</dd>`
    })
    .join('')
  return `<details><summary><b class="${method}">${method.toUpperCase()}</b> <code>${escapeHtml(path)}</code>
<span>${escapeHtml(one.summary)}</span></summary><p>Who: ${escapeHtml(access)}. Name: <code>${escapeHtml(one.operationId)}</code>.</p>
${parameters ? `<ul>${parameters}</ul>` : ''}${body}<h4>Answers</h4><dl>${answers}</dl></details>`
}

const css = `:root{color-scheme:light dark;--line:light-dark(#ddd6c9,#35322d);--soft:light-dark(#6b655b,#a8a196)}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1.5rem;background:light-dark(#fbf8f2,#141311);color:light-dark(#1b1916,#f3efe7)}
h2{text-transform:capitalize;margin:2rem 0 .5rem}a{color:inherit}nav ul{display:flex;flex-wrap:wrap;gap:.75rem;padding:0;list-style:none}
details{border-top:1px solid var(--line);padding:.6rem 0}summary{cursor:pointer}summary span{color:var(--soft);margin-inline-start:.5rem}
summary b{display:inline-block;min-width:4.5rem}pre{overflow:auto;max-height:24rem;background:light-dark(#f1ece1,#1e1c19);padding:.75rem;border-radius:8px;font-size:.8rem}
dt{font-weight:600}dd{margin:0 0 .75rem}`
