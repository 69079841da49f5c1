package io.entrepot.pin;

/**
 * Where in a document a node is.
 *
 * @param text keys joined by dots, list items by number
 * @param identity the same with documents and list items by name where they have one, so that two
 *     environments' files can be compared
 * @param last the last key
 */
record SitePath(String text, String identity, String last) {

  static SitePath root(String document) {
    return new SitePath("", document, "");
  }

  SitePath key(String name) {
    String shown = name.contains(".") || name.isEmpty() ? "\"" + name + "\"" : name;
    return new SitePath(text.isEmpty() ? shown : text + "." + shown, identity + "." + shown, name);
  }

  SitePath item(int index, String name) {
    return new SitePath(
        text + "[" + index + "]",
        identity + "[" + (name.isEmpty() ? Integer.toString(index) : name) + "]",
        last);
  }

  /** Inside the YAML of a block scalar. */
  SitePath inside(int document) {
    return new SitePath(
        text + "|" + (document == 0 ? "" : document), identity + "|" + document, "");
  }
}
