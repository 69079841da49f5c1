// What the page can do with JavaScript beside htmx; without it everything is there on reload.
'use strict';

// Looks like an EventSource to htmx's extension. The stream is shared with other tabs by a worker,
// and given up with the page. A page that nobody sees asks for nothing until it is seen.
class SharedEvents extends EventTarget {
  constructor(url) {
    super();
    this.url = url;
    this.readyState = EventSource.OPEN;
    this.missed = new Set();
    this.connect();
    addEventListener('pagehide', () => this.disconnect());
    addEventListener('pageshow', (event) => event.persisted && this.connect());
    document.addEventListener('visibilitychange', () => this.catchUp());
  }

  connect() {
    if (this.readyState === EventSource.CLOSED || this.port || this.source) {
      return;
    }
    if (typeof SharedWorker === 'function') {
      this.port = new SharedWorker(document.body.dataset.worker).port;
      this.port.onmessage = (message) => this.tell(message.data);
    } else {
      this.source = new EventSource(this.url);
      for (const name of ['overview', 'upstreams', 'fills', 'images']) {
        this.source.addEventListener(name, () => this.tell(name));
      }
    }
  }

  disconnect() {
    this.port?.postMessage('leave');
    this.port = null;
    this.source?.close();
    this.source = null;
  }

  tell(name) {
    if (document.hidden) {
      this.missed.add(name);
    } else {
      this.dispatchEvent(new MessageEvent(name, { data: '1' }));
    }
  }

  catchUp() {
    if (!document.hidden) {
      const names = [...this.missed];
      this.missed.clear();
      names.forEach((name) => this.tell(name));
    }
  }

  close() {
    this.readyState = EventSource.CLOSED;
    this.disconnect();
  }
}

htmx.createEventSource = (url) => new SharedEvents(url);

for (const button of document.querySelectorAll('button[data-copy]')) {
  if (navigator.clipboard) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.classList.add('done');
      setTimeout(() => button.classList.remove('done'), 1500);
    });
  }
}
