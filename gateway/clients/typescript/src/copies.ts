// gateway/clients/typescript/src/copies.ts: answers kept with their ETag, so that what hasn't changed isn't sent again.

const MOST = 50;

interface Copy {
  etag: string;
  text: string;
}

/** The answers that were used last. */
export class Copies {
  private readonly copies = new Map<string, Copy>();

  find(url: string): Copy | undefined {
    const copy = this.copies.get(url);
    if (copy !== undefined) this.keep(url, copy);
    return copy;
  }

  keep(url: string, copy: Copy): void {
    this.copies.delete(url);
    this.copies.set(url, copy);
    const [oldest] = this.copies.keys();
    if (this.copies.size > MOST && oldest !== undefined) this.copies.delete(oldest);
  }

  /** They are somebody's: nobody who logs in later may see them. */
  clear(): void {
    this.copies.clear();
  }
}
