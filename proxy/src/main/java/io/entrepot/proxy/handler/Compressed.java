package io.entrepot.proxy.handler;

import io.vertx.core.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/** Texts of the page, made smaller for who takes that. Registry content never is. */
final class Compressed {

  private static final Pattern GZIP =
      Pattern.compile("(?:^|,)\\s*gzip\\s*(?:,|$|;(?!\\s*q=0(?:\\.0*)?\\s*(?:,|$)))");

  private Compressed() {}

  static boolean isWanted(Exchange exchange) {
    String accepted = exchange.header(HttpHeaders.ACCEPT_ENCODING);
    return accepted != null && GZIP.matcher(accepted.toLowerCase(Locale.ROOT)).find();
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream target = new ByteArrayOutputStream(bytes.length / 3 + 64);
    try (GZIPOutputStream zip = new GZIPOutputStream(target)) {
      zip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return target.toByteArray();
  }

  static List<Header> headers(boolean zipped, Header... further) {
    List<Header> headers = new ArrayList<>(List.of(further));
    headers.add(new Header("Vary", "Accept-Encoding"));
    if (zipped) {
      headers.add(new Header("Content-Encoding", "gzip"));
    }
    return headers;
  }
}
