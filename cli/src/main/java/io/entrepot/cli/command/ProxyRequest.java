package io.entrepot.cli.command;

import io.entrepot.cli.output.DoctorOutput.Answer;
import io.entrepot.doctor.Diagnosis.Contact;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.ServedAddress;
import io.entrepot.registry.Endpoint;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.entrepot.registry.RestAnswer;
import io.entrepot.registry.RestRequest;
import io.entrepot.registry.Upstream;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one request that a client would begin with.
 *
 * @param served what proxy.yaml says of the proxy; null where none was given
 */
record ProxyRequest(Invocation context, Contact contact, @Nullable ServedAddress served) {

  /** Sends it, without any login. */
  Answer send(String registry) {
    Endpoint endpoint = Endpoint.parse(contact.url());
    RegistryName name = endpoint.origin().registryName();
    String address = contact.url() + "/v2/" + (contact.namesRegistry() ? "?ns=" + registry : "");
    Upstream upstream = new Upstream(name, List.of(endpoint), null, Set.of(), 0, ca());
    try (Session session = Session.open(context, Map.of(name, upstream))) {
      RestAnswer answer =
          session.client().ask(new RestRequest(name, "GET", URI.create(address), null)).await();
      return judge(address, answer);
    } catch (RegistryException e) {
      return failure(address, e);
    }
  }

  /** What the client trusts; where it looks at no certificate, what proves the proxy's. */
  private @Nullable Path ca() {
    Path own = served == null ? null : served.ca();
    return contact.url().startsWith("http://")
        ? null
        : contact.ca().orElse(contact.verifies() ? null : own);
  }

  private Answer judge(String address, RestAnswer answer) {
    int status = answer.status();
    if (status == 421) {
      return new Answer(
          address,
          status,
          "the proxy is not known by this name",
          "add it to names: in proxy.yaml, or give clients a name that is there");
    }
    if (answer.header("docker-distribution-api-version").isEmpty()) {
      return new Answer(
          address,
          status,
          "something answers that is no registry",
          "another program listens at this port; see listen: in proxy.yaml");
    }
    if (status == 401) {
      return contact.login()
          ? new Answer(address, status, null, "it wants a login; the client's file gives one")
          : new Answer(
              address,
              status,
              "the proxy wants a login, and the client's files give none",
              "see users: in proxy.yaml, and the lines to write");
    }
    if (status != 200) {
      return new Answer(
          address, status, "the proxy refuses the request", "see the log of entrepot serve");
    }
    return new Answer(address, status, null, null);
  }

  private Answer failure(String address, RegistryException failure) {
    boolean certificate = failure.code() == ErrorCode.REFUSED;
    if (certificate && !contact.verifies()) {
      return new Answer(address, 0, null, "it answers; the client does not look at certificates");
    }
    String message = String.valueOf(failure.getMessage());
    // The address stands before it already.
    String problem =
        failure.request().isEmpty() || !message.startsWith(failure.request())
            ? message
            : message.substring(failure.request().length()).replaceFirst("^: ", "");
    if (certificate) {
      return new Answer(
          address,
          0,
          problem,
          "the client needs the root of the proxy's certificate: entrepot ca trust, or ca in the"
              + " lines to write");
    }
    boolean secure = contact.url().startsWith("https://");
    if (served != null && secure != (served.ca() != null)) {
      return new Answer(
          address,
          0,
          problem,
          secure
              ? "the client asks by https://, and the proxy speaks plain HTTP (no tls: in"
                  + " proxy.yaml)"
              : "the client asks by http://, and the proxy speaks TLS (tls: in proxy.yaml)");
    }
    return new Answer(
        address,
        0,
        problem,
        "see whether entrepot serve runs, and listens where this client reaches it (listen: in"
            + " proxy.yaml; 127.0.0.1 is this machine alone)");
  }
}
