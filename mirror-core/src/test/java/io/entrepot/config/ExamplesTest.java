package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.gate.CheckSpec;
import io.entrepot.gate.CheckSpecReader;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Target;
import io.entrepot.gate.rules.AllRules;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.mirror.MirrorSettings;
import io.entrepot.mirror.MirrorSpecReader;
import io.entrepot.oci.RegistryName;
import io.entrepot.pin.PinRulesReader;
import io.entrepot.pin.PinSettings;
import io.entrepot.testing.Schemas;
import io.entrepot.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The examples in {@code config/}, the schemas beside them and the readers say the same. */
class ExamplesTest {

  private static final Path EXAMPLES = Path.of("../config");

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @Test
  void mirrorExample_isLoadedWithoutAnyVariable() throws Exception {
    MirrorSettings settings =
        MirrorSpecReader.load(new SpecLoader(name -> null), EXAMPLES.resolve("mirror.yaml"));
    // The list of two tags is two entries.
    assertThat(settings.spec().entries()).hasSize(10);
    assertThat(Schemas.complaints("mirror", Files.readString(EXAMPLES.resolve("mirror.yaml"))))
        .isEmpty();
  }

  @Test
  void lockExample_isWhatWouldBeWritten() throws Exception {
    Path example = EXAMPLES.resolve("images.lock.example.yaml");
    assertThat(LockFileCodec.format(LockFileCodec.read(example)))
        .isEqualTo(Files.readString(example));
    assertThat(Schemas.complaints("images.lock", Files.readString(example))).isEmpty();
  }

  @Test
  void pinExample_isLoadedWithoutAnyVariable() throws Exception {
    Path example = EXAMPLES.resolve("pin.yaml");
    PinSettings settings = PinRulesReader.load(new SpecLoader(name -> null), example);
    assertThat(settings.lock()).isNotNull().hasFileName("images.lock.yaml");
    assertThat(settings.rules().include()).hasSize(2);
    assertThat(settings.rules().exclude()).hasSize(1);
    assertThat(settings.rules().floating().globs()).hasSize(5);
    assertThat(settings.rules().sites()).hasSize(4);
    assertThat(settings.registries()).containsOnlyKeys(new RegistryName("ghcr.io"));
    assertThat(Schemas.complaints("pin", Files.readString(example))).isEmpty();
  }

  @Test
  void checkExample_isLoadedWithoutAnyVariable() throws Exception {
    Path example = EXAMPLES.resolve("check.yaml");
    CheckSpec spec = CheckSpecReader.load(new SpecLoader(name -> null), example, AllRules.RULES);
    assertThat(spec.targets()).extracting(Target::name).containsExactly("local", "dev");
    assertThat(spec.targets().get(0).render()).hasSize(3);
    assertThat(spec.targets().get(0).cluster()).isEqualTo("local");
    assertThat(spec.targets().get(1).cluster()).isEqualTo("aks");
    assertThat(spec.targets().get(1).kubernetes()).isEqualTo("1.31");
    assertThat(spec.argocd()).hasSize(1);
    assertThat(spec.flux()).hasSize(1);
    assertThat(spec.lock()).isEqualTo("images.lock.yaml");
    assertThat(spec.schemas()).containsExactly("schemas");
    assertThat(spec.pullPolicy()).isEqualTo("IfNotPresent");
    assertThat(spec.allow()).hasSize(4);
    assertThat(spec.provided()).hasSize(2);
    assertThat(spec.severity()).containsOnlyKeys("pull-policy");
    assertThat(spec.targets().get(0).storage()).isEqualTo("local-path");
    assertThat(spec.targets().get(1).nodes()).hasSize(2);
    assertThat(spec.registries()).containsOnlyKeys(new RegistryName("ghcr.io"));
    assertThat(Schemas.complaints("check", Files.readString(example))).isEmpty();
  }

  @Test
  void checkSchema_knowsTheRulesThereAre() throws Exception {
    JsonNode schema =
        JsonMapper.shared().readTree(Files.readString(EXAMPLES.resolve("check.schema.json")));
    assertThat(schema.at("/$defs/rule/enum").valueStream().map(JsonNode::asString))
        .containsExactlyElementsOf(AllRules.RULES.all().stream().map(Rule::id).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lock: x",
        "targets: {}",
        "targets: [local]",
        "targets: { local: {} }",
        "targets: { local: { platforms: [] } }",
        "targets: { local: { platforms: [amd64] } }",
        "targets: { local: { platforms: [linux/amd64], renders: [] } }",
        "targets: { 'a b': { platforms: [linux/amd64] } }",
        "targets: { local: { platforms: [linux/amd64], render: [{}] } }",
        "targets: { local: { platforms: [linux/amd64], render: [x] } }",
        "targets: { local: { platforms: [linux/amd64], render: [{ helm: x }] } }",
        "targets: { local: { platforms: [linux/amd64], render: [{ helm: { chart: x } }] } }",
        "targets: { local: { platforms: [linux/amd64], render: [{ kustomize: /x }] } }",
        "targets: { local: { platforms: [linux/amd64], render: [{ kustomize: a, manifests: b }] } }",
        "targets: { local: { platforms: [linux/amd64], kubernetes: newest } }",
        "targets: { local: { platforms: [linux/amd64] } }\ndiscover: [x]",
        "targets: { local: { platforms: [linux/amd64] } }\ndiscover: { argo: [x] }",
        "targets: { local: { platforms: [linux/amd64] } }\npullPolicy: Sometimes",
        "targets: { local: { platforms: [linux/amd64] } }\nprivate: x",
        "targets: { local: { platforms: [linux/amd64] } }\nlock: /x",
        "targets: { local: { platforms: [linux/amd64] } }\nallow: [{ rule: docker-hub }]",
        "targets: { local: { platforms: [linux/amd64] } }\nallow: [{ rule: dockerhub, reason: x }]",
        "targets: { local: { platforms: [linux/amd64] } }\nallow: [{ rule: schema, reason: ' ' }]",
        "targets: { local: { platforms: [linux/amd64] } }\nprovided: [{ kind: Secret, name: x }]",
        "targets: { local: { platforms: [linux/amd64] } }\nprovided: [{ name: x, reason: y }]",
        "targets: { local: { platforms: [linux/amd64] } }\nprovided: [{ kind: A, name: x, reason: ' ' }]",
        "targets: { local: { platforms: [linux/amd64], storage: nfs } }",
        "targets: { local: { platforms: [linux/amd64], selfContained: maybe } }",
        "targets: { local: { platforms: [linux/amd64], nodes: [{ label: {} }] } }",
        "targets: { local: { platforms: [linux/amd64], nodes: [{ taints: ['a=b'] }] } }",
        "targets: { local: { platforms: [linux/amd64], nodes: [{ taints: [{ key: a, effect: b }] }] } }",
        "targets: { local: { platforms: [linux/amd64], render: [{ cluster: x }] } }",
        "targets: { local: { platforms: [linux/amd64] } }\nseverity: { docker-hub: off }",
        "targets: { local: { platforms: [linux/amd64] } }\nseverity: { dockerhub: error }",
        "targets: { local: { platforms: [linux/amd64] } }\nbaseline: /x",
        "targets: { local: { platforms: [linux/amd64] } }\nsources: [x]",
        "targets: { local: { platforms: [linux/amd64] } }\nsources: { 'https://x.example.org/y': [z] }",
        "targets: { local: { platforms: [linux/amd64] } }\ntools: { helm3: x }",
        "targets: { local: { platforms: [linux/amd64] } }\ntools: { timeout: 5 }",
      })
  void brokenCheckFile_isRefusedByReaderAndSchema(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("check.yaml"), text);
    assertThatThrownBy(
            () -> CheckSpecReader.load(new SpecLoader(name -> null), file, AllRules.RULES))
        .isInstanceOf(ConfigException.class);
    assertThat(Schemas.complaints("check", text)).isNotEmpty();
  }

  @Test
  void waiverForATargetThatIsNotThere_isRefusedWithItsLine() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("check.yaml"),
            """
            targets: { local: { platforms: [linux/amd64] } }
            allow:
              - { rule: docker-hub, target: locl, reason: x }
            """);
    assertThatThrownBy(
            () -> CheckSpecReader.load(new SpecLoader(name -> null), file, AllRules.RULES))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("check.yaml:3: allow[0].target: no target 'locl'; there are local");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "flotingTags: [x]",
        "lock: []",
        "include: x",
        "floatingTags: { a: b }",
        "sites: { path: a }",
        "sites: [{ path: a }]",
        "sites: [{ holds: image }]",
        "sites: [{ path: a, holds: something }]",
        "sites: [{ path: a, holds: image, digestIn: label }]",
        "sites: [{ path: a, holds: image, other: b }]",
        "lock: ''",
        "lock: [a]",
        "include: ['']",
        "include: [[a]]",
        "exclude: [{ a: b }]",
        "floatingTags: [true]",
        "floatingTags: [null]",
        "sites: [{ path: '', holds: image }]",
        "sites: [{ path: a, holds: true }]",
        "sites: [{ path: [a], holds: image }]",
        "sites: [a]",
        "registries: [a]",
        "registries: { r.io: { endpoint: [] } }",
        "registries: { r.io: { endpoints: [] } }",
        "registries: { r.io: { endpoints: x } }",
        "registries: { r.io: { credentials: { username: a } } }",
        "registries: { r.io: { pullBudget: { keep: -1 } } }",
        "registries: { r.io: { tokenRealms: [x] } }",
        "registries: { r.io: [] }",
      })
  void brokenPinFile_isRefusedByReaderAndSchema(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("pin.yaml"), text);
    assertThatThrownBy(() -> PinRulesReader.load(new SpecLoader(name -> null), file))
        .isInstanceOf(ConfigException.class);
    assertThat(Schemas.complaints("pin", text)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "target: r.io/m",
        "target: r.io/m\nimages: []",
        "target: r.io/m\nimages: busybox",
        "target: r.io/m\nimage: [busybox]\nimages: [busybox]",
        "naming: odd\ntarget: r.io/m\nimages: [busybox]",
        "platforms: []\ntarget: r.io/m\nimages: [busybox]",
        "platforms: [amd64]\ntarget: r.io/m\nimages: [busybox]",
        "referrers: 1\ntarget: r.io/m\nimages: [busybox]",
        "retain: often\ntarget: r.io/m\nimages: [busybox]",
        "target: r.io/m\nimages: [{ as: x }]",
        "target: r.io/m\nimages: [[busybox]]",
        "target: r.io/m\nimages: [{ source: a/b:1, artifact: a/b:1 }]",
        "target: r.io/m\nimages: [{ source: a/b:1, as: x, target: r.io/x }]",
        "target: r.io/m\nimages: [{ source: a/b, tags: [] }]",
        "target: r.io/m\nimages: [{ source: a/b, tags: {} }]",
        "target: r.io/m\nimages: [{ source: a/b, tags: { newest: 0 } }]",
        "target: r.io/m\nimages: [{ source: a/b, tags: ['a b'] }]",
        "target: r.io/m\nimages: [{ artifact: a/b:1, platforms: [linux/amd64] }]",
        "target: r.io/m\nimages: [{ artifact: a/b:1, reason: x }]",
        "target: r.io/m\nimages: [{ assemble: {}, target: r.io/x:1 }]",
        "target: r.io/m\nimages: [{ assemble: { linux/amd64: a:1, linux/arm64: a:2 } }]",
        "target: r.io/m\ncharts: []",
        "target: r.io/m\ncharts: [{ version: 1.0.0 }]",
        "target: r.io/m\ncharts: [{ chart: redis }]",
        "target: r.io/m\ncharts: [{ chart: { repository: 'https://c.io' } }]",
        "target: r.io/m\ncharts: [{ chart: 'oci://c.io/a/redis', newest: many }]",
        "target: r.io/m\ncharts: [{ chart: 'oci://c.io/a/redis', refuse: [{ image: a }] }]",
        "target: r.io/m\ncharts: [{ chart: 'oci://c.io/a/redis', chartName: x }]",
        "target: r.io/m\nimages: [busybox]\nregistries: [a]",
        "target: r.io/m\nimages: [busybox]\nregistries: { r.io: { endpoint: [] } }",
        "target: r.io/m\nimages: [busybox]\nregistries: { r.io: { endpoints: [] } }",
        "target: r.io/m\nimages: [busybox]\nregistries: { r.io: { credentials: { username: a } } }",
        "target: r.io/m\nimages: [busybox]\nregistries: { r.io: { pullBudget: { keep: -1 } } }",
        "target: r.io/m\nimages: [busybox]\nregistries: { r.io: { tokenRealms: [x] } }",
      })
  void brokenMirrorFile_isRefusedByReaderAndSchema(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("mirror.yaml"), text);
    assertThatThrownBy(() -> MirrorSpecReader.load(new SpecLoader(name -> null), file))
        .isInstanceOf(ConfigException.class);
    assertThat(Schemas.complaints("mirror", text)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "version: 1",
        "version: 2\nimages: {}",
        "version: 1\nimages: []",
        "version: 1\nimages: {}\ntime: now",
        "version: 1\nimages: { busybox: {} }",
        "version: 1\nimages: { 'r.io/a:1': { digest: 'sha256:x', target: 'r.io/b:1', platforms: [] } }",
        "version: 1\nimages: { 'r.io/a:1': { digest: DIGEST, target: 'r.io/b', platforms: [] } }",
        "version: 1\nimages: { 'r.io/a:1': { digest: DIGEST, target: 'r.io/b:1' } }",
        "version: 1\nimages: { 'r.io/a:1': { digest: DIGEST, target: 'r.io/b:1', platforms: [x] } }",
      })
  void brokenLockFile_isRefusedByReaderAndSchema(String text) {
    String lock = text.replace("DIGEST", "'sha256:" + "a".repeat(64) + "'");
    assertThatThrownBy(() -> LockFileCodec.parse("images.lock.yaml", lock))
        .isInstanceOf(ConfigException.class);
    assertThat(Schemas.complaints("images.lock", lock)).isNotEmpty();
  }

  @Test
  void variables_areAcceptedByReaderAndSchemaWhereverAValueIs() throws Exception {
    String text =
        """
        target: ${T}
        naming: ${N}
        platforms: ["${P}"]
        referrers: ${F}
        images: [{ source: a/b, tags: ["${TAG}"], reason: x }]
        """;
    Path file = Files.writeString(directory.resolve("mirror.yaml"), text);
    Map<String, String> environment =
        Map.of("T", "r.io/m", "N", "full", "P", "linux/amd64", "F", "false", "TAG", "1");
    assertThat(MirrorSpecReader.load(new SpecLoader(environment::get), file).spec().entries())
        .hasSize(1);
    assertThat(Schemas.complaints("mirror", text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "include: []",
        "floatingTags: [1.10, latest]",
        "lock: ${T}",
        "include: ['${T}/**']",
        "sites: [{ path: '${T}', holds: '${HOLDS}', digestIn: '${IN}' }]",
        "sites: [{ path: a, holds: image, digestIn: repository }]",
        "sites: [{ path: 1, holds: nothing }]",
        "registries: {}",
        "registries: { r.io: }",
        "registries: { r.io: { endpoints: ['http://${T}'], pullBudget: { keep: 3 } } }",
        "registries: { r.io: { credentials: { username: '${T}', password: 1 } } }",
      })
  void pinFile_isAcceptedByReaderAndSchema(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("pin.yaml"), text);
    Map<String, String> environment = Map.of("T", "r.example", "HOLDS", "image", "IN", "sha");
    assertThat(PinRulesReader.load(new SpecLoader(environment::get), file)).isNotNull();
    assertThat(Schemas.complaints("pin", text)).isEmpty();
  }

  @Test
  void registries_areDescribedAlikeInEverySchema() throws Exception {
    JsonNode mirror = definitions("mirror");
    JsonNode pin = definitions("pin");
    for (String name : List.of("registries", "registry", "count", "value", "variable")) {
      assertThat(pin.get(name)).as(name).isEqualTo(mirror.get(name));
    }
  }

  private static JsonNode definitions(String schema) throws IOException {
    return JsonMapper.shared()
        .readTree(Files.readString(EXAMPLES.resolve(schema + ".schema.json")))
        .get("$defs");
  }
}
