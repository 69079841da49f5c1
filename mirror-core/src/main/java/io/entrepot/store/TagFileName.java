package io.entrepot.store;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Tag;
import java.util.Locale;

/**
 * How a tag is the name of a file: upper case is written as {@code !x}, so that file systems that
 * ignore case keep {@code V1} and {@code v1} apart.
 */
final class TagFileName {

  /** Characters of a file's name that every usual file system takes. */
  private static final int MAX = 255;

  private TagFileName() {}

  static String of(Tag tag) {
    StringBuilder name = new StringBuilder();
    for (char c : tag.value().toCharArray()) {
      if (isUpper(c)) {
        name.append('!').append(Character.toLowerCase(c));
      } else {
        name.append(c);
      }
    }
    // Only 128 capitals do not fit that way: they are !! and then the whole.
    return name.length() > MAX ? "!!" + tag.value().toLowerCase(Locale.ROOT) : name.toString();
  }

  /**
   * The tag that a file stands for.
   *
   * @throws MalformedException where it stands for none
   */
  static Tag parse(String fileName) {
    if (fileName.startsWith("!!")) {
      return new Tag(fileName.substring(2).toUpperCase(Locale.ROOT));
    }
    StringBuilder tag = new StringBuilder();
    boolean upper = false;
    for (int i = 0; i < fileName.length(); i++) {
      char c = fileName.charAt(i);
      if (c == '!') {
        upper = true;
      } else {
        tag.append(upper ? Character.toUpperCase(c) : c);
        upper = false;
      }
    }
    return new Tag(tag.toString());
  }

  private static boolean isUpper(char c) {
    return c >= 'A' && c <= 'Z';
  }
}
