// gateway/clients/typescript/src/positions.ts: how far the log was when something was written: what reads must have seen.

/** Of "gamification/3@123,challenges/5@77": the greatest offset of each partition. */
export class Positions {
  private readonly offsets = new Map<string, bigint>();

  /** Takes what an answer told. What isn't written so is left alone. */
  see(position: string): void {
    for (const part of position.split(",")) {
      const [, partition, offset] = /^([a-z_]+\/\d+)@(\d+)$/.exec(part) ?? [];
      if (partition === undefined || offset === undefined) continue;
      const known = this.offsets.get(partition);
      if (known === undefined || BigInt(offset) > known) this.offsets.set(partition, BigInt(offset));
    }
  }

  /** For Kiroku-Min-Position; empty: nothing was written yet. */
  text(): string {
    return [...this.offsets].map(([partition, offset]) => `${partition}@${offset}`).join(",");
  }

  clear(): void {
    this.offsets.clear();
  }
}
