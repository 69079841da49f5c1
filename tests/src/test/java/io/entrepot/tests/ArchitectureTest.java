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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The arrows of the house: who may import whom, and who may wait. */
class ArchitectureTest {

  private static final String ROOT = "io.entrepot.";

  /** Each package of ours and the packages of ours that it may import. */
  private static final Map<String, Set<String>> ARROWS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("oci", Set.of()),
              Map.entry("yaml", Set.of()),
              Map.entry("registry.auth", Set.of("oci")),
              Map.entry("registry", Set.of("oci", "registry.auth")),
              Map.entry("store", Set.of("oci", "registry")),
              Map.entry("lock", Set.of("oci", "yaml")),
              Map.entry("verify", Set.of("oci", "registry")),
              Map.entry(
                  "mirror", Set.of("oci", "registry", "registry.auth", "verify", "lock", "store")),
              Map.entry("pin", Set.of("oci", "registry", "lock", "yaml", "verify")),
              Map.entry("gate.render", Set.of("oci", "yaml")),
              Map.entry(
                  "gate",
                  Set.of("oci", "registry", "lock", "yaml", "verify", "pin", "gate.render")),
              Map.entry(
                  "config",
                  Set.of(
                      "oci",
                      "registry",
                      "registry.auth",
                      "mirror",
                      "verify",
                      "lock",
                      "yaml",
                      "pin",
                      "gate",
                      "gate.render",
                      "store"))));

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
    ARROWS.forEach(
        (name, allowed) -> {
          if (classesIn(name).isEmpty()) {
            return;
          }
          noClasses()
              .that()
              .resideInAPackage(ROOT + name)
              .should()
              .dependOnClassesThat(oursBeside(name, allowed))
              .check(CLASSES);
        });
  }

  @Test
  void everyCorePackage_hasItsArrows() {
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
    assertThat(ARROWS.keySet()).containsAll(packages);
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

  private static List<JavaClass> classesIn(String name) {
    return CLASSES.stream().filter(each -> each.getPackageName().equals(ROOT + name)).toList();
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
