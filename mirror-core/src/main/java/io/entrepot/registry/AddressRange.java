package io.entrepot.registry;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Ranges of IP addresses: CIDR notation, and which addresses belong to nobody's public service. */
final class AddressRange {

  private AddressRange() {}

  /** Whether a literal address lies in {@code network/bits}; false where either is not that. */
  static boolean contains(String cidr, String literal) {
    int slash = cidr.indexOf('/');
    if (slash < 0 || !isLiteral(literal) || !isLiteral(cidr.substring(0, slash))) {
      return false;
    }
    try {
      byte[] network = InetAddress.getByName(cidr.substring(0, slash)).getAddress();
      byte[] address = InetAddress.getByName(bare(literal)).getAddress();
      int bits = Integer.parseInt(cidr.substring(slash + 1));
      if (network.length != address.length || bits < 0 || bits > network.length * 8) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if ((network[bit / 8] & mask) != (address[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException | NumberFormatException e) {
      return false;
    }
  }

  /** Whether a host is written as an IP address, so that nothing is asked of a name server. */
  static boolean isLiteral(String host) {
    String text = bare(host);
    return text.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}") || text.contains(":");
  }

  /**
   * Loopback, link-local (cloud metadata lives there), private, carrier-grade NAT, unique local,
   * multicast and unspecified addresses.
   */
  static boolean isInternal(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean carrierNat = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xc0) == 64;
    boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
    return address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || carrierNat
        || uniqueLocal;
  }

  /**
   * Addresses that no registry lies at: link-local ones, Amazon's metadata service by IPv6,
   * multicast and unspecified ones.
   */
  static boolean isForNobody(InetAddress address) {
    return address.isLinkLocalAddress()
        || address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || address.getHostAddress().equals("fd00:ec2:0:0:0:0:0:254");
  }

  private static String bare(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }
}
