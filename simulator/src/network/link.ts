import type { World } from "../kernel/world";

/** The way between one client's machine and the server: how long it takes, and whether it is open at all. */
export class Link {
  #downUntil = 0;

  constructor(
    readonly world: World,
    readonly name: string,
  ) {}

  /** Nothing passes for `ms` milliseconds, and nobody is told. */
  partition(ms: number): void {
    this.#downUntil = Math.max(this.#downUntil, this.world.loop.now + ms);
  }

  heal(): void {
    this.#downUntil = 0;
  }

  get isDown(): boolean {
    return this.world.loop.now < this.#downUntil;
  }

  /** Whether something is kept from passing now; counted. */
  blocks(what: string): boolean {
    if (!this.isDown) return false;
    this.world.fault("partition", () => `${this.name}: ${what}`);
    return true;
  }

  /** How long the next message takes, in milliseconds. */
  delay(what: string): number {
    const { random } = this.world;
    if (!this.world.strikes("delayed", "request delayed", () => what)) return random.between(1, 6);
    return random.between(20, 1_200);
  }
}
