/** A `fetch` whose event streams can be made to stand still, so that the socket fills up. */
export class StallingFetch {
  #stalled: Promise<void> | undefined;

  readonly fetch = async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const response = await fetch(url, init);
    const { body, status, statusText, headers } = response;
    if (body === null || headers.get("content-type")?.startsWith("text/event-stream") !== true)
      return response;
    const reader = body.getReader();
    const stalling = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: async (controller) => {
          await this.#stalled;
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
    return new Response(stalling, { status, statusText, headers });
  };

  stall(): () => void {
    let resume = () => {};
    this.#stalled = new Promise((resolve) => {
      resume = () => {
        this.#stalled = undefined;
        resolve();
      };
    });
    return resume;
  }
}
