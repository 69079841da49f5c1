package io.entrepot.gate;

import io.entrepot.render.KubernetesObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the rules find, each thing once. One thread at a time. */
final class Verdicts {

  private final Set<Finding> findings = new LinkedHashSet<>();
  private final Set<Unjudged> unjudged = new LinkedHashSet<>();

  void refuse(Finding finding) {
    findings.add(finding);
  }

  void refuse(
      Rule rule, KubernetesObject object, Place place, @Nullable String image, String message) {
    refuse(rule, object, place, image, message, rule.remedy());
  }

  void refuse(
      Rule rule,
      KubernetesObject object,
      Place place,
      @Nullable String image,
      String message,
      String remedy) {
    refuse(
        new Finding(
            rule,
            object.origin().target(),
            place.file(),
            place.line(),
            Scene.name(object),
            image,
            message,
            remedy));
  }

  void refuse(Rule rule, ImageUse use, String message, String remedy) {
    Place place = use.place().get();
    refuse(
        new Finding(
            rule,
            use.target(),
            place.file(),
            place.line(),
            use.objectName(),
            use.reference().toString(),
            message,
            remedy));
  }

  void leave(Unjudged what) {
    unjudged.add(what);
  }

  List<Finding> findings() {
    return new ArrayList<>(findings);
  }

  List<Unjudged> unjudged() {
    return new ArrayList<>(unjudged);
  }
}
