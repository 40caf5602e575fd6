import { writeFileSync } from 'node:fs'
import { drawAll } from './draw-all.ts'
import { demoPicturesUrl } from './index.ts'

// Run by hand after a drawing was changed: node server/demo/draw.ts. The files are committed, so that nothing is drawn at start.
for (const [file, svg] of drawAll()) writeFileSync(new URL(file, demoPicturesUrl), svg)
