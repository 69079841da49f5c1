package io.entrepot.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.config.SpecLoader;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.admission.PolicySettings.Mode;
import io.entrepot.proxy.hook.HookSecrets;
import io.entrepot.proxy.hook.HookVendor;
import io.entrepot.proxy.login.Grant;
import io.entrepot.proxy.login.OidcIssuer;
import io.entrepot.proxy.login.Right;
import io.entrepot.proxy.schedule.MirrorJob;
import io.entrepot.proxy.schedule.Timing;
import io.entrepot.text.Glob;
import io.entrepot.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ProxySpecReaderTest {

  private static ProxySpec read(Path directory, String text) throws IOException {
    Path file = directory.resolve("proxy.yaml");
    Files.writeString(file, text);
    return ProxySpecReader.load(new SpecLoader(name -> null), file);
  }

  @Test
  void example_saysWhatItShows() {
    ProxySpec spec =
        ProxySpecReader.load(new SpecLoader(name -> null), Path.of("../config/proxy.yaml"));
    assertThat(spec.listen()).isEqualTo("127.0.0.1:5000");
    assertThat(spec.maxSize().bytes()).isEqualTo(50L << 30);
    assertThat(spec.defaultUpstream()).isEqualTo(RegistryName.DOCKER_HUB);
    assertThat(spec.registries()).hasSize(7);
  }

  @Test
  void emptyHouse_hasTheUsualValues(@TempDir Path directory) throws IOException {
    ProxySpec spec = read(directory, "local: false\n");
    assertThat(spec.local()).isFalse();
    assertThat(spec.tagFreshness()).isEqualTo(Duration.ofMinutes(5));
    assertThat(spec.registries()).isNull();
  }

  @Test
  void policy_liesBesideTheFile_andIsEnforcedUnlessSaidOtherwise(@TempDir Path directory)
      throws IOException {
    assertThat(read(directory, "local: true\n").policy()).isEmpty();
    assertThat(read(directory, "policy: { file: p.yaml }\n").policy())
        .contains(new ProxySpec.PolicyChoice(directory.resolve("p.yaml"), Mode.ENFORCE));
    assertThat(read(directory, "policy: { mode: observe }\n").policy())
        .contains(new ProxySpec.PolicyChoice(null, Mode.OBSERVE));
    assertThatThrownBy(() -> read(directory, "policy: { mode: watch }\n"))
        .hasMessageContaining("enforce or observe");
  }

  @Test
  void oidc_namesIssuersAndWhatTheirTokensMay(@TempDir Path directory) throws IOException {
    ProxySpec spec =
        read(
            directory,
            """
            access: [{ repositories: "*", read: ["*"] }]
            oidc:
              - issuer: https://token.actions.githubusercontent.com
                audience: entrepot
                allow: [{ claims: { repository: "acme/*" }, repositories: "team/*", rights: [read, write] }]
            """);
    assertThat(spec.issuers())
        .containsExactly(
            new OidcIssuer(
                "https://token.actions.githubusercontent.com",
                "entrepot",
                List.of(
                    new Grant(
                        Map.of("repository", Glob.ofName("acme/*")),
                        Glob.ofName("team/*"),
                        Set.of(Right.READ, Right.WRITE))),
                null));
  }

  @Test
  void oidc_thatLeavesSomethingOpen_isAnError(@TempDir Path directory) {
    String allow = "allow: [{ claims: { sub: x }, repositories: \"*\", rights: [read] }]";
    for (String wrong :
        List.of(
            "[]",
            "[{ issuer: https://a, audience: e }]",
            "[{ issuer: https://a, " + allow + " }]",
            "[{ audience: e, " + allow + " }]",
            "[{ issuer: http://a.example, audience: e, " + allow + " }]",
            "[{ issuer: https://a, audience: \"\", " + allow + " }]",
            "[{ issuer: https://a, audience: e, ca: none.pem, " + allow + " }]",
            "[{ issuer: https://a, audience: e, allow: [] }]",
            "[{ issuer: https://a, audience: e, " + allow.replace("sub: x", "") + " }]",
            "[{ issuer: https://a, audience: e, " + allow.replace("[read]", "[]") + " }]",
            "[{ issuer: https://a, audience: e, " + allow.replace("[read]", "[admin]") + " }]")) {
      assertThatThrownBy(() -> read(directory, "oidc: " + wrong + "\n"))
          .as(wrong)
          .isInstanceOf(ConfigException.class);
    }
  }

  @Test
  void mirrors_haveTheirFilesBesideThisOne_andATime(@TempDir Path directory) throws IOException {
    ProxySpec spec =
        read(
            directory,
            """
            mirrors:
              - { file: mirror.yaml, every: 6h }
              - { file: other/m.yaml, name: other, cron: "17 */6 * * *", timezone: Europe/Berlin,
                  lock: o.lock, onLock: [./commit.sh, -q] }
            """);
    assertThat(spec.mirrors().getFirst())
        .isEqualTo(
            new MirrorJob(
                "mirror",
                directory.resolve("mirror.yaml"),
                directory.resolve("images.lock.yaml"),
                new Timing.Every(Duration.ofHours(6)),
                List.of()));
    assertThat(spec.mirrors().getLast().lock()).isEqualTo(directory.resolve("o.lock"));
    assertThat(spec.mirrors().getLast().onLock()).containsExactly("./commit.sh", "-q");
    for (String wrong :
        List.of(
            "{ file: m.yaml }",
            "{ file: m.yaml, every: 6h, cron: \"* * * * *\" }",
            "{ file: m.yaml, cron: \"61 * * * *\" }",
            "{ file: m.yaml, every: 5s }",
            "{ file: m.yaml, cron: \"1 * * * *\", timezone: Mars }",
            "{ every: 6h }",
            "{ file: m.yaml, name: a/b, every: 6h }",
            "{ file: m.yaml, every: 6h }, { file: x/m.yaml, every: 6h }")) {
      assertThatThrownBy(() -> read(directory, "mirrors: [" + wrong + "]\n"))
          .as(wrong)
          .hasMessageContaining("proxy.yaml:1");
    }
  }

  @Test
  void webhooks_needASecret(@TempDir Path directory) throws IOException {
    assertThat(read(directory, "webhooks: { secret: a, ghcr: b }\n").hooks())
        .contains(new HookSecrets(Optional.of("a"), Map.of(HookVendor.GHCR, "b")));
    assertThat(read(directory, "local: true\n").hooks()).isEmpty();
    for (String wrong : List.of("{}", "{ secret: \"\" }", "{ ghcr: \" \" }", "{ gitlab: a }")) {
      assertThatThrownBy(() -> read(directory, "webhooks: " + wrong + "\n"))
          .as(wrong)
          .hasMessageContaining("webhooks");
    }
  }

  @Test
  void mistakes_areNamed(@TempDir Path directory) {
    assertThatThrownBy(() -> read(directory, "listen: here\nlokal: true\n"))
        .hasMessageContaining("proxy.yaml")
        .hasMessageContaining("local");
    assertThatThrownBy(
            () -> read(directory, "defaultUpstream: quay.io\nregistries: { docker.io: {} }\n"))
        .hasMessageContaining("not one of the registries");
  }

  @Test
  void lock_amongTheEndpoints_isFoundBesideTheFile(@TempDir Path directory) throws IOException {
    Path lock =
        Files.writeString(directory.resolve("images.lock.yaml"), "version: 1\nimages: {}\n");
    ProxySpec spec =
        read(
            directory,
            """
            registries:
              docker.io:
                endpoints:
                  - lock: images.lock.yaml
                  - https://registry-1.docker.io
              quay.io: { endpoints: [{ lock: images.lock.yaml }] }
            """);
    assertThat(spec.locks().get(RegistryName.DOCKER_HUB)).containsExactly(lock);
    assertThat(spec.registries())
        .hasEntrySatisfying(
            RegistryName.DOCKER_HUB, upstream -> assertThat(upstream.endpoints()).hasSize(1))
        .hasEntrySatisfying(
            new RegistryName("quay.io"),
            upstream -> assertThat(upstream.endpoints().toString()).contains("https://quay.io"));
  }

  @Test
  void lock_thatIsMissingOrComesLate_isNamed(@TempDir Path directory) {
    String file =
        """
        registries:
          docker.io:
            endpoints:
              - https://registry-1.docker.io
              - lock: other.lock.yaml
        """;
    assertThatThrownBy(() -> read(directory, file))
        .hasMessageContaining("proxy.yaml:5")
        .hasMessageContaining("put it before them")
        .hasMessageContaining("no such file");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void passwordInAFileThatEverybodyMayRead_isWarnedOf(@TempDir Path directory) throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("proxy.yaml"),
            """
            registries:
              quay.io:
                credentials:
                  username: ann
                  password: hunter2
            """);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    List<String> warnings = new ArrayList<>();

    ProxySpec spec = ProxySpecReader.load(new SpecLoader(name -> null, warnings::add), file);

    assertThat(spec.registries()).hasSize(1);
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains(file.toString(), "line 5", "${NAME}", "chmod o-r")
        .doesNotContain("hunter2");
  }
}
