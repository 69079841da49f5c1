package io.entrepot.notify;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One request to a sink, as it is sent each time.
 *
 * @param path of the request below the sink's address; empty for the address itself
 * @param headers beside those of every request
 */
record Message(String path, SortedMap<String, String> headers, String body) {

  Message {
    headers = new TreeMap<>(headers);
  }

  static Message json(String path, String contentType, String body) {
    return new Message(path, new TreeMap<>(Map.of("Content-Type", contentType)), body);
  }

  Message with(String header, String value) {
    SortedMap<String, String> more = new TreeMap<>(headers);
    more.put(header, value);
    return new Message(path, more, body);
  }
}
