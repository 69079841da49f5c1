package io.entrepot.trust.notation;

import io.entrepot.trust.material.BrokenSignatureException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Attributes of a certificate's subject, such as {@code C=DE, O=acme, CN=release} (RFC 4514). One
 * fits another where it has all of its attributes (Notary Project, "Trust Store and Trust Policy",
 * "Trusted Identities").
 */
public final class DistinguishedName {

  private final Map<String, String> attributes;

  private DistinguishedName(Map<String, String> attributes) {
    this.attributes = attributes;
  }

  /**
   * Reads a name.
   *
   * @throws BrokenSignatureException for text that is none, an empty name, or an attribute twice
   */
  public static DistinguishedName parse(String text) {
    Map<String, String> attributes = new TreeMap<>();
    try {
      for (Rdn part : new LdapName(text).getRdns()) {
        String type = part.getType().toUpperCase(Locale.ROOT);
        // S and ST name the same attribute.
        String key = type.equals("S") ? "ST" : type;
        if (part.size() != 1 || attributes.put(key, String.valueOf(part.getValue())) != null) {
          throw new BrokenSignatureException("the name '" + text + "' holds " + key + " twice");
        }
      }
    } catch (InvalidNameException e) {
      throw new BrokenSignatureException("'" + text + "' is no distinguished name", e);
    }
    if (attributes.isEmpty()) {
      throw new BrokenSignatureException("an empty name fits everybody");
    }
    return new DistinguishedName(attributes);
  }

  /** Whether another name has all of these attributes with the same values. */
  public boolean fits(DistinguishedName other) {
    return other.attributes.entrySet().containsAll(attributes.entrySet());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    attributes.forEach(
        (type, value) ->
            text.append(text.isEmpty() ? "" : ", ").append(type).append('=').append(value));
    return text.toString();
  }
}
