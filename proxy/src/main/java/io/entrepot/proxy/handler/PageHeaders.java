package io.entrepot.proxy.handler;

/** Headers of pages. */
final class PageHeaders {

  /** Nothing of another origin, no inline script or style, no frame around it. */
  static final Header POLICY =
      new Header(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
              + " worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");

  static final Header NO_SNIFFING = new Header("X-Content-Type-Options", "nosniff");
  static final Header NO_REFERRER = new Header("Referrer-Policy", "same-origin");
  static final Header NO_STORE = new Header("Cache-Control", "no-store");

  private PageHeaders() {}
}
