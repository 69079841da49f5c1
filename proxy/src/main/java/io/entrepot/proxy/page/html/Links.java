package io.entrepot.proxy.page.html;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Addresses of pages; names from elsewhere are encoded. */
final class Links {

  private Links() {}

  static String image(Frame frame, String name) {
    return frame.base() + "/images/" + path(name);
  }

  static String manifest(Frame frame, String name, String reference) {
    return image(frame, name) + "/manifests/" + encoded(reference);
  }

  static String mirror(Frame frame, String name) {
    return frame.base() + "/mirrors/" + encoded(name);
  }

  static String next(String address, String further, String last) {
    return address + "?" + further + "last=" + encoded(last);
  }

  /** Slashes stay. */
  private static String path(String name) {
    return encoded(name).replace("%2F", "/");
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
