package io.entrepot.registry;

import io.entrepot.oci.MalformedException;
import java.util.Map;

/**
 * How this machine reaches the world.
 *
 * @param proxies forward proxies
 * @param trust certificates of authorities
 */
public record Network(ForwardProxies proxies, MachineTrust trust) {

  /** No proxy, and the authorities that Java brings. */
  public static final Network DIRECT = new Network(ForwardProxies.NONE, MachineTrust.JAVA);

  /**
   * As the variables say.
   *
   * @throws MalformedException naming a variable whose value is not the address of a proxy
   */
  public static Network fromEnvironment(Map<String, String> environment) {
    return new Network(
        ForwardProxies.fromEnvironment(environment), MachineTrust.fromEnvironment(environment));
  }
}
