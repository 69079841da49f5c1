package io.entrepot.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands about the local authority. */
final class CaCommandTest {

  private static final Map<String, String> NONE = Map.of();

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  private Path ca() {
    return directory.resolve(".local/share/entrepot/ca");
  }

  @Test
  void init_thenIssueAndExport_atTheUsualPlace() throws Exception {
    Run made = Run.in(directory, NONE, "ca", "init");
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(made.out().strip()).isEqualTo(ca().resolve("ca.pem").toString());
    Run issued =
        Run.in(directory, NONE, "ca", "issue", "registry.internal", "10.0.0.1", "--out", "tls");
    assertThat(issued.code()).as(issued.err()).isZero();
    assertThat(directory.resolve("tls/cert.pem")).content().contains("BEGIN CERTIFICATE");
    assertThat(directory.resolve("tls/key.pem")).content().contains("BEGIN PRIVATE KEY");
    assertThat(Run.in(directory, NONE, "ca", "export").out())
        .isEqualTo(Files.readString(ca().resolve("ca.pem")));
  }

  @Test
  void init_twice_isRefused() {
    Run.in(directory, NONE, "ca", "init");
    Run again = Run.in(directory, NONE, "ca", "init", "--permit", "example.org");
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).contains("nothing was touched");
  }

  @Test
  void issue_forANameOutside_isRefused_withoutARoot_too() {
    assertThat(Run.in(directory, NONE, "ca", "issue", "a.internal", "--out", "tls").code())
        .isEqualTo(1);
    Run.in(directory, NONE, "ca", "init", "--dir", "other");
    Run outside =
        Run.in(directory, NONE, "ca", "issue", "--dir", "other", "example.org", "--out", "tls");
    assertThat(outside.code()).isEqualTo(1);
    assertThat(outside.err()).contains("example.org", "--permit");
    assertThat(Run.in(directory, NONE, "ca", "issue", "--dir", "other").code()).isEqualTo(2);
  }

  @Test
  void trust_namesOfProxyYaml_andUndo() throws Exception {
    Files.createDirectories(directory.resolve("node/etc/docker"));
    Files.writeString(
        directory.resolve("proxy.yaml"),
        "listen: 0.0.0.0:5443\ntls: auto\nanonymous: true\nnames: [cache.internal]\n");
    Run.in(directory, NONE, "ca", "init");
    Run dry =
        Run.in(directory, NONE, "ca", "trust", "-c", "proxy.yaml", "--root", "node", "--dry-run");
    assertThat(dry.code()).as(dry.err()).isZero();
    assertThat(dry.out()).contains("would create", "etc/docker/certs.d/cache.internal:5443/ca.crt");
    assertThat(directory.resolve("node/etc/docker/certs.d")).doesNotExist();
    Run trusted =
        Run.in(directory, NONE, "ca", "trust", "-c", "proxy.yaml", "--root", "node", "-o", "json");
    assertThat(trusted.out()).contains("\"change\"", "created");
    for (String name : new String[] {"localhost", "host.k3d.internal", "cache.internal"}) {
      assertThat(directory.resolve("node/etc/docker/certs.d/" + name + ":5443/ca.crt")).exists();
    }
    assertThat(Run.in(directory, NONE, "ca", "trust", "--root", "node", "--undo").code()).isZero();
    assertThat(directory.resolve("node/etc/docker/certs.d")).doesNotExist();
    assertThat(Run.in(directory, NONE, "ca", "trust", "kubernetes").code()).isEqualTo(2);
  }

  @Test
  void config_ofTlsAuto_namesTheRoot_andOnlyProvedAddresses() throws Exception {
    Files.writeString(
        directory.resolve("proxy.yaml"),
        "listen: 127.0.0.1:5443\ntls: auto\nnames: [cache.internal]\n");
    Run printed = Run.in(directory, NONE, "config", "containerd", "-c", "proxy.yaml");
    assertThat(printed.code()).as(printed.err()).isZero();
    assertThat(printed.out())
        .contains("https://cache.internal:5443", "ca = \"" + ca().resolve("ca.pem"));
    Run foreign =
        Run.in(
            directory,
            NONE,
            "config",
            "containerd",
            "-c",
            "proxy.yaml",
            "--address",
            "10.1.1.1:5443");
    assertThat(foreign.code()).isEqualTo(2);
    assertThat(foreign.err()).contains("10.1.1.1", "names:");
  }

  @Test
  void serve_tlsOfNamesThatTheRootForbids_isUsage() throws Exception {
    Files.writeString(
        directory.resolve("proxy.yaml"),
        "listen: 127.0.0.1:0\ntls: auto\nnames: [cache.example.org]\n");
    Run refused = Run.in(directory, NONE, "serve", "-c", "proxy.yaml", "--cache", "cache");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("cache.example.org", "ca init --permit");
    assertThat(Run.in(directory, NONE, "serve", "--tls", "on").code()).isEqualTo(2);
  }

  @Test
  void tls_otherTextThanAuto_isAConfigurationError() throws Exception {
    Files.writeString(directory.resolve("proxy.yaml"), "tls: always\n");
    Run refused = Run.in(directory, NONE, "config", "k3s", "-c", "proxy.yaml");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("proxy.yaml:1", "auto");
  }
}
