// The calendar's data from the server: asked for once, and again every few seconds for what others change.
"use strict";

const EVERY = 4000; // milliseconds: what others change is seen within five seconds

export class Source {
  #address = "";
  #etag = null;
  #timer = null;

  constructor(onData, onSignedOut) {
    this.onData = onData;
    this.onSignedOut = onSignedOut;
  }

  // Show another range from now on; what is still on its way for the one before is dropped.
  async open(address) {
    this.#address = address;
    this.#etag = null;
    await this.refresh("");
  }

  // Ask now; after that, again in some seconds.
  async refresh(path = "/changes") {
    clearTimeout(this.#timer);
    const address = this.#address;
    let goesOn = true;
    try {
      goesOn = await this.#ask(address, path);
    } catch {
      // The network or the server is away for a moment.
    }
    clearTimeout(this.#timer);
    if (goesOn) this.#timer = setTimeout(() => this.refresh(), EVERY);
  }

  async #ask(address, path) {
    const headers = this.#etag ? { "If-None-Match": this.#etag } : {};
    const answer = await fetch(address + path, { headers, cache: "no-store", redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
      this.onSignedOut();
      return false;
    }
    if (answer.status !== 200) return true;
    const data = await answer.json();
    if (address === this.#address) {
      this.#etag = answer.headers.get("ETag");
      this.onData(data);
    }
    return true;
  }
}
