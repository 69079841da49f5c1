package io.entrepot.proxy.page.html;

import io.jstach.jstache.JStache;

/** Why there is nothing to see. */
@JStache(path = "io/entrepot/proxy/page/html/error.mustache")
public record ErrorPage(Frame frame, String message) {}
