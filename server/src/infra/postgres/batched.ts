/**
 * Makes many small calls one: what is asked while an earlier batch is on its way waits and goes out together. A lone
 * call goes out at once, so nothing is slowed down when there is little to do. `run` answers in the order of its items;
 * when it throws, every caller of that batch gets the error.
 */
export function batched<Item, Answer>(
  run: (items: readonly Item[]) => Promise<readonly Answer[]>,
  options: { readonly sizeMax: number; readonly parallel: number },
): (item: Item) => Promise<Answer> {
  let waiting: { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = []
  let inFlight = 0

  const send = async (): Promise<void> => {
    inFlight += 1
    // Calls of the same turn of the event loop belong together.
    await Promise.resolve()
    while (waiting.length > 0) {
      const batch = waiting.slice(0, options.sizeMax)
      waiting = waiting.slice(options.sizeMax)
      try {
        const answers = await run(batch.map((one) => one.item))
        batch.forEach((one, index) => {
          one.resolve(answers[index] as Answer)
        })
      } catch (error) {
        for (const one of batch) one.reject(error)
      }
    }
    inFlight -= 1
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (inFlight < options.parallel) void send()
    })
}

/**
 * As `batched`, for work of which a bad one must not take others along: when a batch of several fails, each of them is
 * run alone. `run` must leave nothing behind where it throws. `onApart` is told of such a batch.
 */
export function batchedOrAlone<Item, Answer>(
  run: (items: readonly Item[]) => Promise<readonly Answer[]>,
  options: {
    readonly sizeMax: number
    readonly parallel: number
    readonly onApart: (error: unknown, size: number) => void
  },
): (item: Item) => Promise<Answer> {
  const alone = async (item: Item): Promise<() => Answer> => {
    try {
      const [answer] = await run([item])
      return () => answer as Answer
    } catch (error) {
      return () => {
        throw error
      }
    }
  }
  const together = batched(async (items: readonly Item[]): Promise<readonly (() => Answer)[]> => {
    if (items.length === 1) return [await alone(items[0] as Item)]
    try {
      return (await run(items)).map((answer) => () => answer)
    } catch (error) {
      options.onApart(error, items.length)
      return await Promise.all(items.map(alone))
    }
  }, options)
  return async (item) => (await together(item))()
}
