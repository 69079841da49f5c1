package io.entrepot.render;

import io.entrepot.render.GoTemplate.TemplateException;
import io.entrepot.render.Rendering.Unrendered;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Argo CD's ApplicationSets: a template that is filled once for each row of the generators. */
final class ApplicationSets {

  private final Sources sources;
  private final Environments environments;
  private final Repositories repositories;
  private final Applications applications;

  ApplicationSets(
      Sources sources,
      Environments environments,
      Repositories repositories,
      Applications applications) {
    this.sources = sources;
    this.environments = environments;
    this.repositories = repositories;
    this.applications = applications;
  }

  /** What the applications of a set ask for. */
  List<Assignment> expand(Declaration declaration, Outcome outcome) {
    List<Assignment> found = new ArrayList<>();
    Object set = declaration.document();
    List<String> byPath = declaration.targets();
    boolean go = Plain.flag(set, "spec", "goTemplate");
    try {
      if (Plain.at(set, "spec", "templatePatch") != null) {
        throw new TemplateException("templatePatch is more than is understood here");
      }
      List<Map<String, @Nullable Object>> elements = new ArrayList<>();
      Generators generators = new Generators(sources, repositories, environments.names(), go);
      for (Object generator : Plain.list(set, "spec", "generators")) {
        elements.addAll(generators.elements(generator, Map.of()));
      }
      if (elements.isEmpty()) {
        throw new TemplateException("its generators give nothing in this tree");
      }
      List<@Nullable Object> filled = new ArrayList<>();
      List<List<String>> named = new ArrayList<>();
      boolean anyNamed = false;
      for (Map<String, @Nullable Object> element : elements) {
        Object application = new GoTemplate(element, go).fill(Plain.at(set, "spec", "template"));
        List<String> words = new ArrayList<>();
        texts(element, words);
        List<String> into = environments.exactly(words);
        if (into.isEmpty()) {
          into = applications.targetsOf(application);
        }
        anyNamed |= !into.isEmpty();
        filled.add(application);
        named.add(into);
      }
      for (int i = 0; i < filled.size(); i++) {
        // Where some name a target, the others are for environments that are not checked.
        List<String> into = anyNamed ? Environments.inBoth(named.get(i), byPath) : byPath;
        found.addAll(applications.expand(declaration.of(filled.get(i)).in(into), outcome));
      }
    } catch (TemplateException e) {
      for (String target : byPath) {
        outcome.unrendered.add(
            new Unrendered(
                target,
                declaration.title(),
                declaration.position(),
                e.getMessage() + "; name its applications under render: in check.yaml"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(declaration.title(), e.getMessage()), e);
    }
    return found;
  }

  private static void texts(@Nullable Object value, List<String> into) {
    switch (value) {
      case Map<?, ?> map -> map.values().forEach(each -> texts(each, into));
      case List<?> list -> list.forEach(each -> texts(each, into));
      case null -> {}
      default -> into.add(value.toString());
    }
  }
}
