/** Asks for the next item while the last one is worked on: a warehouse computes meanwhile, and one item waits at most. */
export async function* ahead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  let coming = asked(items);
  try {
    for (;;) {
      const { done, value } = await coming;
      if (done === true) return;
      coming = asked(items);
      yield value;
    }
  } finally {
    // Left early: what was asked for is still under way, and its reader is closed behind it.
    await coming.catch(() => undefined);
    await items.return(undefined);
  }
}

/** A failure is told where the item is awaited, not before. */
function asked<T>(items: AsyncGenerator<T>): Promise<IteratorResult<T, unknown>> {
  const item = items.next();
  item.catch(() => undefined);
  return item;
}
