// One stream of events for all pages of this browser: over HTTP/1.1 it has six connections to a site.
'use strict';

const NAMES = ['overview', 'upstreams', 'fills', 'images'];
const pages = new Set();
let source = null;

function open() {
  if (source !== null || pages.size === 0) {
    return;
  }
  source = new EventSource(new URL('../events', self.location.href));
  for (const name of NAMES) {
    source.addEventListener(name, () => pages.forEach((page) => page.postMessage(name)));
  }
  source.onerror = () => {
    // It connects again by itself, save after an answer that was no stream.
    if (source.readyState === EventSource.CLOSED) {
      close();
      setTimeout(open, 15000);
    }
  };
}

function close() {
  source?.close();
  source = null;
}

self.onconnect = (event) => {
  const page = event.ports[0];
  page.onmessage = (message) => {
    if (message.data === 'leave') {
      pages.delete(page);
      page.close();
      if (pages.size === 0) {
        close();
      }
    }
  };
  pages.add(page);
  open();
};
