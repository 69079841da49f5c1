package io.entrepot.proxy.handler;

import io.entrepot.oci.MalformedException;
import io.entrepot.proxy.page.Fill;
import io.entrepot.proxy.page.HeldBack;
import io.entrepot.proxy.page.ImageManifestTree;
import io.entrepot.proxy.page.Images;
import io.entrepot.proxy.page.MirrorRuns;
import io.entrepot.proxy.page.Overview;
import io.entrepot.proxy.page.Page;
import io.entrepot.proxy.page.PageRequest;
import io.entrepot.proxy.page.Sources;
import io.entrepot.proxy.page.UpstreamState;
import io.entrepot.registry.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/v1}: what the page shows, as JSON. */
final class ApiPages {

  private static final String IMAGES = "/api/v1/images/";
  private static final String MANIFESTS = "/manifests/";
  private static final String MIRRORS = "/api/v1/mirrors/";
  private static final String RUNS = "/runs";

  private static final List<Header> HEADERS =
      List.of(
          new Header("Cache-Control", "no-store"), new Header("X-Content-Type-Options", "nosniff"));

  private final Sources sources;
  private final Images images;
  private final MirrorRuns mirrors;
  private final Buffer description;

  ApiPages(Sources sources) {
    this.sources = sources;
    this.images = new Images(sources);
    this.mirrors = new MirrorRuns(sources.runs(), sources.mirrors());
    this.description = Buffer.buffer(resource("openapi.json"));
  }

  private static byte[] resource(String name) {
    try (InputStream stream = Sources.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(stream, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void addTo(Router router, Function<Endpoint, Handler<RoutingContext>> through) {
    router.route("/api/v1/openapi.json").handler(through.apply(this::description));
    router.route("/api/v1/overview").handler(through.apply(this::overview));
    router.route("/api/v1/images").handler(through.apply(this::images));
    router.route("/api/v1/images/*").handler(through.apply(this::image));
    router.route("/api/v1/upstreams").handler(through.apply(this::upstreams));
    router.route("/api/v1/fills").handler(through.apply(this::fills));
    router.route("/api/v1/mirrors").handler(through.apply(this::mirrors));
    router.route("/api/v1/mirrors/*").handler(through.apply(this::runs));
    router.route("/api/v1/waiting").handler(through.apply(this::waiting));
    router.route("/api/v1/denied").handler(through.apply(this::denied));
  }

  private Future<Response> description(Visit visit) {
    return Future.succeededFuture(new Response.Document(200, Response.JSON, description, HEADERS));
  }

  private Future<Response> overview(Visit visit) {
    return json(visit, () -> Overview.of(sources));
  }

  private Future<Response> images(Visit visit) {
    return list(visit, part -> images.list(visit::mayRead, part));
  }

  private Future<Response> image(Visit visit) {
    String rest = visit.path().substring(IMAGES.length());
    int manifests = rest.lastIndexOf(MANIFESTS);
    if (manifests > 0) {
      String name = Visit.decoded(rest.substring(0, manifests));
      String reference = Visit.decoded(rest.substring(manifests + MANIFESTS.length()));
      visit.requireReadable(name);
      return json(visit, () -> tree(name, reference));
    }
    String name = Visit.decoded(rest);
    visit.requireReadable(name);
    PageRequest part = visit.part();
    return visit
        .exchange()
        .onWorker(
            () -> {
              Page<?> page = images.details(name, part).orElseThrow(() -> unknown(name));
              return document(page.items().getFirst(), visit.link(page, part));
            });
  }

  private ImageManifestTree tree(String name, String reference) {
    try {
      return images
          .tree(name, reference)
          .orElseThrow(
              () ->
                  new ApiException(
                      ErrorCode.MANIFEST_UNKNOWN,
                      Warnings.printable(
                          "no manifest %s of %s is here".formatted(reference, name))));
    } catch (MalformedException e) {
      throw new ApiException(ErrorCode.DIGEST_INVALID, String.valueOf(e.getMessage()));
    }
  }

  private static ApiException unknown(String name) {
    return new ApiException(ErrorCode.NAME_UNKNOWN, "no repository " + Warnings.printable(name));
  }

  private Future<Response> upstreams(Visit visit) {
    return list(visit, part -> Page.of(UpstreamState.all(sources), part, UpstreamState::name));
  }

  private Future<Response> fills(Visit visit) {
    return list(visit, part -> Page.of(Fill.all(sources, visit::mayRead), part, Fill::digest));
  }

  private Future<Response> mirrors(Visit visit) {
    return list(
        visit,
        part ->
            Page.of(mirrors.names(), part, name -> name)
                .map(name -> JsonMapper.shared().createObjectNode().put("name", name)));
  }

  private Future<Response> runs(Visit visit) {
    String path = visit.path();
    if (!path.endsWith(RUNS) || path.length() <= MIRRORS.length() + RUNS.length()) {
      throw new ApiException(ErrorCode.NAME_UNKNOWN, "no such address");
    }
    String name = Visit.decoded(path.substring(MIRRORS.length(), path.length() - RUNS.length()));
    return list(
        visit,
        part -> {
          Optional<List<ObjectNode>> runs = mirrors.of(name, visit::mayRead);
          return MirrorRuns.part(
              runs.orElseThrow(
                  () ->
                      new ApiException(
                          ErrorCode.NAME_UNKNOWN,
                          "no mirror " + Warnings.printable(name) + " has run here")),
              part);
        });
  }

  private Future<Response> waiting(Visit visit) {
    return list(
        visit,
        part ->
            Page.of(HeldBack.of(sources, visit::mayRead).waiting(), part, HeldBack.Waiting::key));
  }

  private Future<Response> denied(Visit visit) {
    return list(
        visit,
        part -> Page.of(HeldBack.of(sources, visit::mayRead).denied(), part, HeldBack.Denied::key));
  }

  private static <T> Future<Response> list(Visit visit, Function<PageRequest, Page<T>> look) {
    PageRequest part = visit.part();
    return visit
        .exchange()
        .onWorker(
            () -> {
              Page<T> page = look.apply(part);
              return document(page.items(), visit.link(page, part));
            });
  }

  private static Future<Response> json(Visit visit, Callable<Object> look) {
    return visit.exchange().onWorker(() -> document(look.call(), List.of()));
  }

  private static Response document(Object value, List<Header> further) {
    List<Header> headers = new ArrayList<>(HEADERS);
    headers.addAll(further);
    return Response.Document.json(JsonMapper.shared().writeValueAsBytes(value), headers);
  }
}
