package io.entrepot.proxy.handler;

import io.entrepot.oci.MalformedException;
import io.entrepot.proxy.page.Changes;
import io.entrepot.proxy.page.Fill;
import io.entrepot.proxy.page.HeldBack;
import io.entrepot.proxy.page.ImageDetails;
import io.entrepot.proxy.page.ImageManifestTree;
import io.entrepot.proxy.page.Images;
import io.entrepot.proxy.page.MirrorRuns;
import io.entrepot.proxy.page.Overview;
import io.entrepot.proxy.page.Page;
import io.entrepot.proxy.page.PageRequest;
import io.entrepot.proxy.page.Sources;
import io.entrepot.proxy.page.UpstreamState;
import io.entrepot.proxy.page.html.Chart;
import io.entrepot.proxy.page.html.ErrorPage;
import io.entrepot.proxy.page.html.ErrorPageRenderer;
import io.entrepot.proxy.page.html.FillsPage;
import io.entrepot.proxy.page.html.FillsPageRenderer;
import io.entrepot.proxy.page.html.Frame;
import io.entrepot.proxy.page.html.HeldPage;
import io.entrepot.proxy.page.html.HeldPageRenderer;
import io.entrepot.proxy.page.html.ImagePage;
import io.entrepot.proxy.page.html.ImagePageRenderer;
import io.entrepot.proxy.page.html.ImagesPage;
import io.entrepot.proxy.page.html.ImagesPageRenderer;
import io.entrepot.proxy.page.html.ManifestPage;
import io.entrepot.proxy.page.html.ManifestPageRenderer;
import io.entrepot.proxy.page.html.MirrorsPage;
import io.entrepot.proxy.page.html.MirrorsPageRenderer;
import io.entrepot.proxy.page.html.OverviewPage;
import io.entrepot.proxy.page.html.OverviewPageRenderer;
import io.entrepot.proxy.page.html.RunsPage;
import io.entrepot.proxy.page.html.RunsPageRenderer;
import io.entrepot.proxy.page.html.StorePage;
import io.entrepot.proxy.page.html.StorePageRenderer;
import io.entrepot.proxy.page.html.UpstreamsPage;
import io.entrepot.proxy.page.html.UpstreamsPageRenderer;
import io.entrepot.registry.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The page: what {@link ApiPages} says, for people. */
final class HtmlPages {

  private static final String IMAGES = "/images/";
  private static final String MANIFESTS = "/manifests/";
  private static final String MIRRORS = "/mirrors/";
  private static final int MAX_QUERY = 256;

  /** Looks, and makes a page of it; may block. */
  private interface View {
    String render(Frame frame) throws Exception;
  }

  private final PageSettings settings;
  private final Sources sources;
  private final Images images;
  private final MirrorRuns mirrors;
  private final EventFeed feed;
  private final Assets assets = new Assets();

  HtmlPages(PageSettings settings) {
    this.settings = settings;
    this.sources = settings.sources();
    this.images = new Images(sources);
    this.mirrors = new MirrorRuns(sources.runs(), sources.mirrors());
    this.feed = new EventFeed(settings.vertx(), new Changes(sources));
  }

  void addTo(Router router, Function<Endpoint, Handler<RoutingContext>> through) {
    add(router, through, "/", "Overview", visit -> frame -> overview(visit, frame));
    add(router, through, "/images", "Images", visit -> frame -> images(visit, frame));
    add(router, through, "/images/*", "Image", visit -> frame -> image(visit, frame));
    add(router, through, "/upstreams", "Upstreams", visit -> this::upstreams);
    add(router, through, "/fills", "Fetches", visit -> frame -> fills(visit, frame));
    add(router, through, "/mirrors", "Mirrors", visit -> frame -> mirrors(visit, frame));
    add(router, through, "/mirrors/*", "Mirror", visit -> frame -> runs(visit, frame));
    add(router, through, "/held", "Held back", visit -> frame -> held(visit, frame));
    add(router, through, "/store", "Store", visit -> this::store);
    router.route("/events").handler(through.apply(feed::answer));
    router.route("/assets/*").handler(through.apply(assets::answer));
    router.route("/login").handler(through.apply(this::login));
  }

  /** Ends what is open. */
  void end() {
    feed.end();
  }

  private void add(
      Router router,
      Function<Endpoint, Handler<RoutingContext>> through,
      String path,
      String title,
      Function<Visit, View> view) {
    router.route(path).handler(through.apply(visit -> show(visit, title, view.apply(visit))));
  }

  private Future<Response> show(Visit visit, String title, View view) {
    Frame frame = frame(visit, title);
    return visit.exchange().onWorker(() -> page(visit, frame, view));
  }

  private static Response page(Visit visit, Frame frame, View view) throws Exception {
    try {
      return html(visit, 200, view.render(frame), List.of());
    } catch (ApiException e) {
      if (e.status() == ErrorCode.UNAUTHORIZED.status()) {
        throw e;
      }
      Frame failed = frame.titled(e.status() == 404 ? "Not found" : "Not possible");
      return html(
          visit,
          e.status(),
          ErrorPageRenderer.of().execute(new ErrorPage(failed, String.valueOf(e.getMessage()))),
          e.headers());
    }
  }

  private static Response html(Visit visit, int status, String text, List<Header> further) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    boolean zipped = Compressed.isWanted(visit.exchange());
    List<Header> headers = new ArrayList<>(further);
    headers.addAll(
        Compressed.headers(
            zipped,
            PageHeaders.POLICY,
            PageHeaders.NO_SNIFFING,
            PageHeaders.NO_REFERRER,
            PageHeaders.NO_STORE));
    return new Response.Document(
        status,
        "text/html; charset=utf-8",
        Buffer.buffer(zipped ? Compressed.gzip(bytes) : bytes),
        headers);
  }

  private Frame frame(Visit visit, String title) {
    String path = visit.path();
    int end = path.indexOf('/', 1);
    String user = visit.exchange().userName();
    return new Frame(
        title,
        visit.base(),
        end < 0 ? path.substring(1) : path.substring(1, end),
        user,
        user == null && !visit.access().isOpen(),
        address(visit),
        Instant.now());
  }

  /** Host and port under which clients reach this registry. */
  private String address(Visit visit) {
    URI publicUrl = settings.publicUrl();
    if (publicUrl != null) {
      return publicUrl.getRawAuthority();
    }
    var authority = visit.exchange().request().authority();
    return authority == null ? "localhost:5000" : authority.toString().toLowerCase(Locale.ROOT);
  }

  private String overview(Visit visit, Frame frame) {
    return OverviewPageRenderer.of()
        .execute(
            new OverviewPage(
                frame,
                Overview.of(sources),
                UpstreamState.all(sources),
                Fill.all(sources, visit::mayRead),
                Chart.of(sources.metrics().history().lastHour())));
  }

  private String images(Visit visit, Frame frame) {
    String query = visit.exchange().query("q");
    @Nullable String wanted =
        query == null || query.isBlank()
            ? null
            : query.strip().substring(0, Math.min(MAX_QUERY, query.strip().length()));
    Predicate<String> readable =
        name ->
            (wanted == null || name.contains(wanted.toLowerCase(Locale.ROOT)))
                && visit.mayRead(name);
    PageRequest part = visit.part();
    return ImagesPageRenderer.of()
        .execute(new ImagesPage(frame, images.list(readable, part), wanted, part.size()));
  }

  private String image(Visit visit, Frame frame) {
    String rest = visit.path().substring(IMAGES.length());
    int manifests = rest.lastIndexOf(MANIFESTS);
    if (manifests > 0) {
      return manifest(
          visit,
          frame,
          Visit.decoded(rest.substring(0, manifests)),
          Visit.decoded(rest.substring(manifests + MANIFESTS.length())));
    }
    String name = Visit.decoded(rest);
    visit.requireReadable(name);
    PageRequest part = visit.part();
    Page<ImageDetails> page =
        images
            .details(name, part)
            .orElseThrow(
                () -> new ApiException(ErrorCode.NAME_UNKNOWN, "There is no repository " + name));
    return ImagePageRenderer.of()
        .execute(
            new ImagePage(frame.titled(name), page.items().getFirst(), page.next(), part.size()));
  }

  private String manifest(Visit visit, Frame frame, String name, String reference) {
    visit.requireReadable(name);
    ImageManifestTree tree;
    try {
      tree =
          images
              .tree(name, reference)
              .orElseThrow(
                  () ->
                      new ApiException(
                          ErrorCode.MANIFEST_UNKNOWN,
                          "%s of %s is not here".formatted(reference, name)));
    } catch (MalformedException e) {
      throw new ApiException(ErrorCode.DIGEST_INVALID, String.valueOf(e.getMessage()));
    }
    return ManifestPageRenderer.of()
        .execute(new ManifestPage(frame.titled(name + " " + reference), tree));
  }

  private String upstreams(Frame frame) {
    return UpstreamsPageRenderer.of().execute(new UpstreamsPage(frame, UpstreamState.all(sources)));
  }

  private String fills(Visit visit, Frame frame) {
    return FillsPageRenderer.of().execute(new FillsPage(frame, Fill.all(sources, visit::mayRead)));
  }

  private String mirrors(Visit visit, Frame frame) {
    List<MirrorsPage.Mirror> rows =
        mirrors.names().stream()
            .map(
                name ->
                    new MirrorsPage.Mirror(
                        name,
                        mirrors.of(name, visit::mayRead).stream()
                            .flatMap(runs -> runs.stream().limit(1))
                            .findFirst()
                            .orElse(null)))
            .toList();
    return MirrorsPageRenderer.of().execute(new MirrorsPage(frame, rows));
  }

  private String runs(Visit visit, Frame frame) {
    String name = visit.rest(MIRRORS);
    PageRequest part =
        visit.exchange().query("n") == null
            ? new PageRequest(10, visit.exchange().query("last"))
            : visit.part();
    var page =
        MirrorRuns.part(
            mirrors
                .of(name, visit::mayRead)
                .orElseThrow(
                    () ->
                        new ApiException(ErrorCode.NAME_UNKNOWN, "No mirror " + name + " has run")),
            part);
    return RunsPageRenderer.of()
        .execute(new RunsPage(frame.titled(name), name, page.items(), page.next(), part.size()));
  }

  private String held(Visit visit, Frame frame) {
    HeldBack held = HeldBack.of(sources, visit::mayRead);
    return HeldPageRenderer.of().execute(new HeldPage(frame, held.waiting(), held.denied()));
  }

  private String store(Frame frame) {
    return StorePageRenderer.of().execute(new StorePage(frame, Overview.of(sources)));
  }

  /** Where everybody may look a browser would never ask for the name that shows more. */
  private Future<Response> login(Visit visit) {
    if (!visit.access().isOpen() && visit.exchange().user() == null) {
      throw Identification.challenge();
    }
    return Future.succeededFuture(
        new Response.Empty(
            303, List.of(new Header("Location", visit.base() + "/"), PageHeaders.NO_STORE)));
  }
}
