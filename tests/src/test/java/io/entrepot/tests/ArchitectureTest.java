package io.entrepot.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The arrows of the house: who may import whom, and who may wait. */
class ArchitectureTest {

  private static final String ROOT = "io.entrepot.";

  /**
   * The floors of the house, from the ground up; a package may import any lower one, and of its own
   * what {@link #BESIDE} names.
   */
  private static final List<Set<String>> FLOORS =
      List.of(
          Set.of("oci", "concurrent"),
          Set.of("store", "registry", "registry.auth", "text"),
          Set.of("verify", "trust", "trust.material", "trust.keyless", "trust.notation", "yaml"),
          Set.of(
              "lock",
              "policy",
              "policy.cluster",
              "config",
              "render",
              "sites",
              "sites.format",
              "pods",
              "ca",
              "doctor",
              "notify",
              "layout"),
          Set.of(
              "mirror",
              "mirror.charts",
              "mirror.compose",
              "gate",
              "gate.rules",
              "gate.init",
              "gate.inventory",
              "pin",
              "prune"));

  private static final Map<String, Set<String>> BESIDE =
      Map.ofEntries(
          Map.entry("registry", Set.of("registry.auth")),
          Map.entry("trust", Set.of("trust.material", "trust.keyless", "trust.notation")),
          Map.entry("trust.keyless", Set.of("trust.material")),
          Map.entry("trust.notation", Set.of("trust.material")),
          Map.entry("policy", Set.of("lock")),
          Map.entry("policy.cluster", Set.of("policy")),
          Map.entry("sites.format", Set.of("sites")),
          Map.entry("mirror", Set.of("mirror.charts", "mirror.compose")),
          Map.entry("gate.rules", Set.of("gate")),
          // A first mirror.yaml is written out of what the gate would judge.
          Map.entry("gate.init", Set.of("gate")),
          // An inventory joins the images that the gate would judge with what runs.
          Map.entry("gate.inventory", Set.of("gate")));

  /** Floors below that are closed to a package: what it may import is named to the last. */
  private static final Map<String, Set<String>> ONLY =
      Map.ofEntries(
          Map.entry("registry.auth", Set.of("oci", "concurrent")),
          Map.entry("registry", Set.of("oci", "concurrent", "registry.auth")),
          Map.entry("store", Set.of("oci", "concurrent")),
          Map.entry("verify", Set.of("oci", "concurrent", "registry")),
          Map.entry("yaml", Set.of("text")),
          // A list of pods is JSON that names images: nothing else of the house is needed.
          Map.entry("pods", Set.of("oci", "concurrent")),
          Map.entry("notify", Set.of("oci", "yaml", "text", "concurrent")),
          Map.entry("ca", Set.of("oci", "yaml", "text", "trust.material")),
          Map.entry("doctor", Set.of("yaml", "text")),
          // A layout stands in for a registry; it reads tar as verify does.
          Map.entry("layout", Set.of("oci", "concurrent", "registry", "verify")),
          Map.entry("sites", Set.of("yaml", "oci", "text")),
          Map.entry("sites.format", Set.of("yaml", "oci", "text", "sites")));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("tests.jar"))
          .importPackages("io.entrepot");

  @Test
  void classes_areFound() {
    assertThat(CLASSES.size()).isGreaterThan(50);
  }

  @Test
  void corePackages_importOnlyWhatTheArrowsAllow() {
    for (String name : packages()) {
      noClasses()
          .that()
          .resideInAPackage(ROOT + name)
          .should()
          .dependOnClassesThat(oursBeside(name, allowed(name)))
          .check(CLASSES);
    }
  }

  @Test
  void everyCorePackage_hasItsFloor() {
    Set<String> placed = new TreeSet<>();
    FLOORS.forEach(placed::addAll);
    assertThat(placed).containsAll(packages());
  }

  @Test
  void nobody_importsTheApplications() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.entrepot.cli..", "io.entrepot.tests..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.entrepot.cli..")
        .check(CLASSES);
  }

  @Test
  void packages_haveNoCycles() {
    SlicesRuleDefinition.slices()
        .matching("io.entrepot.(**)")
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }

  @Test
  void futures_areAwaitedOnlyOnThreadsThatMayWait() {
    noClasses()
        .that()
        .resideInAnyPackage("io.entrepot.oci..", "io.entrepot.registry..", "io.entrepot.proxy..")
        .should()
        .callMethod(Future.class, "await")
        .orShould()
        .callMethod(Future.class, "await", Future.class)
        .orShould()
        .callMethod(CompletableFuture.class, "join")
        .orShould()
        .callMethod(CompletableFuture.class, "get")
        .check(CLASSES);
  }

  @Test
  void responses_areNotHandedOut() {
    methods()
        .that()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .arePublic()
        .should()
        .notHaveRawReturnType(HttpClientResponse.class)
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLine_prints() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.entrepot.cli..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }

  @Test
  void values_knowOnlyTheJdkAndJackson() {
    noClasses()
        .that()
        .resideInAPackage("io.entrepot.oci")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "io.entrepot.oci", "java..", "javax..", "tools.jackson..", "org.jspecify..")
        .check(CLASSES);
  }

  /** The packages of mirror-core, below the root. */
  private static Set<String> packages() {
    Set<String> packages = new TreeSet<>();
    for (JavaClass each : CLASSES) {
      String name = each.getPackageName();
      boolean application =
          name.startsWith(ROOT + "cli")
              || name.startsWith(ROOT + "proxy")
              || name.startsWith(ROOT + "testing");
      if (name.startsWith(ROOT) && !application) {
        packages.add(name.substring(ROOT.length()));
      }
    }
    return packages;
  }

  private static Set<String> allowed(String name) {
    Set<String> allowed = new TreeSet<>();
    allowed.addAll(BESIDE.getOrDefault(name, Set.of()));
    if (ONLY.containsKey(name)) {
      allowed.addAll(ONLY.get(name));
      return allowed;
    }
    for (Set<String> floor : FLOORS) {
      if (floor.contains(name)) {
        return allowed;
      }
      allowed.addAll(floor);
    }
    return new TreeSet<>();
  }

  private static DescribedPredicate<JavaClass> oursBeside(String name, Set<String> allowed) {
    return DescribedPredicate.describe(
        "are ours beside " + Arrays.toString(allowed.toArray()),
        each ->
            each.getPackageName().startsWith(ROOT)
                && !each.getPackageName().equals(ROOT + name)
                && !allowed.contains(each.getPackageName().substring(ROOT.length())));
  }
}
