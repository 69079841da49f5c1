package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The content of the test registry and the OCI distribution specification 1.1 over it. */
final class Distribution {

  /** What the registry does and does not do; see {@link TestRegistry}'s methods of these names. */
  static final class Switches {
    volatile boolean referrersApi = true;
    volatile boolean checksChildren = true;
    volatile boolean strictAccept;
    volatile boolean ranges = true;
    volatile boolean deletes = true;
    volatile boolean mounts = true;
    volatile boolean blobsFromCdn;
    volatile int pageSize = Integer.MAX_VALUE;
    volatile long sinkAbove = Long.MAX_VALUE;
  }

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final Pattern PATH =
      Pattern.compile(
          "/v2/(?<name>.+?)/(?:manifests/(?<manifest>[^/]+)|blobs/uploads/(?<upload>[^/]*)"
              + "|blobs/(?<blob>[^/]+)|tags/(?<tags>list)|referrers/(?<referrers>[^/]+))");
  private static final Pattern RANGE = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("(?:bytes )?([0-9]{1,18})-([0-9]{1,18})(/.*)?");

  /** One repository. Guarded by itself where more than one map changes. */
  private static final class Shelf {
    final Map<Digest, RawManifest> manifests = new ConcurrentHashMap<>();
    final Map<String, Digest> tags = new ConcurrentHashMap<>();
    final Map<Digest, Content> blobs = new ConcurrentHashMap<>();
  }

  /** An upload in progress. */
  private static final class Upload {
    final String repository;
    final String state = UUID.randomUUID() + "/+=";
    private final MessageDigest sha256 = Digest.Algorithm.SHA256.newMessageDigest();
    private final MessageDigest sha512 = Digest.Algorithm.SHA512.newMessageDigest();
    private final long sinkAbove;
    private @Nullable ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long size;

    Upload(String repository, long sinkAbove) {
      this.repository = repository;
      this.sinkAbove = sinkAbove;
    }

    synchronized long size() {
      return size;
    }

    synchronized void append(InputStream in) throws IOException {
      byte[] buffer = new byte[64 * 1024];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        sha256.update(buffer, 0, read);
        size += read;
        if (bytes != null && size > sinkAbove) {
          bytes = null;
        }
        if (bytes != null) {
          sha512.update(buffer, 0, read);
          bytes.write(buffer, 0, read);
        }
      }
    }

    /** The content if it has that digest, else null. Ends the upload. */
    synchronized @Nullable Content finish(Digest digest) {
      boolean kept = bytes != null;
      if (digest.algorithm() == Digest.Algorithm.SHA512 && !kept) {
        return null;
      }
      MessageDigest hash = digest.algorithm() == Digest.Algorithm.SHA256 ? sha256 : sha512;
      if (!Digest.fromHash(digest.algorithm(), hash.digest()).equals(digest)) {
        return null;
      }
      return bytes == null ? new Content.Sunk(size) : new Content.Held(bytes.toByteArray());
    }
  }

  /** Ends the handling of a request with this answer. */
  private static final class Refusal extends RuntimeException {
    final transient Response response;

    Refusal(int status, String code, String message) {
      this(Response.error(status, code, message));
    }

    Refusal(Response response) {
      super("refused with " + response.status());
      this.response = response;
    }
  }

  private final Map<String, Shelf> shelves = new ConcurrentHashMap<>();
  private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
  private final Switches switches;
  private final TokenService tokens;
  private final PullLimit pullLimit;

  Distribution(Switches switches, TokenService tokens, PullLimit pullLimit) {
    this.switches = switches;
    this.tokens = tokens;
    this.pullLimit = pullLimit;
  }

  /**
   * Answers a request for anything below {@code /v2/}.
   *
   * @param origin where this registry is found
   * @param cdn where its blobs are found if they are somewhere else
   */
  Response handle(RecordedRequest request, InputStream body, String origin, String cdn)
      throws IOException {
    try {
      String path = decoded(request.path());
      if (path.equals("/v2/") || path.equals("/v2")) {
        authorize(request, List.of(), origin);
        return Response.of(200, "application/json", "{}".getBytes(UTF_8))
            .header("Docker-Distribution-API-Version", "registry/2.0");
      }
      Matcher parts = PATH.matcher(path.endsWith("/blobs/uploads") ? path + "/" : path);
      if (!parts.matches()) {
        return notFound();
      }
      String name = parts.group("name");
      checkName(name);
      authorize(request, wanted(request, name, parts), origin);
      if (parts.group("manifest") != null) {
        return manifest(request, body, name, parts.group("manifest"));
      }
      if (parts.group("upload") != null) {
        return upload(request, body, name, parts.group("upload"));
      }
      if (parts.group("blob") != null) {
        return blob(request, name, digest(parts.group("blob")), cdn);
      }
      if (!request.method().equals("GET")) {
        throw unsupported();
      }
      return parts.group("tags") != null
          ? tags(request, name)
          : referrers(request, name, parts.group("referrers"));
    } catch (Refusal e) {
      return e.response;
    }
  }

  /** Blobs as an object store serves them: by signed address, and to nobody with a credential. */
  Response cdn(RecordedRequest request) {
    try {
      String[] parts = decoded(request.path()).split("/sha", 2);
      if (request.authorization() != null) {
        throw new Refusal(
            Response.of(
                400,
                "application/xml",
                "<Error>Only one auth mechanism allowed</Error>".getBytes(UTF_8)));
      }
      if (parts.length != 2 || !CDN_SIGNATURE.equals(request.query())) {
        throw new Refusal(
            Response.of(
                403, "application/xml", "<Error>SignatureDoesNotMatch</Error>".getBytes(UTF_8)));
      }
      Content content =
          shelf(parts[0].substring("/cdn/".length())).blobs.get(digest("sha" + parts[1]));
      if (content == null) {
        return notFound();
      }
      return ranged(request, content).without("Docker-Content-Digest");
    } catch (Refusal e) {
      return e.response;
    }
  }

  // Escapes that a client which decodes and encodes again would change.
  private static final String CDN_SIGNATURE = "X-Signature=a%2Fb%2Bc%3D%3d&expires=1~2";

  void put(String name, Digest digest, Content content) {
    shelf(name).blobs.put(digest, content);
  }

  void put(String name, @Nullable String tag, RawManifest manifest) {
    Shelf shelf = shelf(name);
    shelf.manifests.put(manifest.digest(), manifest);
    if (tag != null) {
      shelf.tags.put(tag, manifest.digest());
    }
  }

  void untag(String name, String tag) {
    shelf(name).tags.remove(tag);
  }

  void removeBlob(String name, Digest digest) {
    shelf(name).blobs.remove(digest);
  }

  void removeManifest(String name, Digest digest) {
    Shelf shelf = shelf(name);
    shelf.manifests.remove(digest);
    shelf.tags.values().removeIf(digest::equals);
  }

  @Nullable RawManifest find(String name, String reference) {
    Shelf shelf = shelves.get(name);
    if (shelf == null) {
      return null;
    }
    Digest digest = reference.contains(":") ? digest(reference) : shelf.tags.get(reference);
    return digest == null ? null : shelf.manifests.get(digest);
  }

  @Nullable Content find(String name, Digest digest) {
    Shelf shelf = shelves.get(name);
    return shelf == null ? null : shelf.blobs.get(digest);
  }

  List<String> tags(String name) {
    Shelf shelf = shelves.get(name);
    return shelf == null ? List.of() : List.copyOf(new TreeSet<>(shelf.tags.keySet()));
  }

  List<String> repositories() {
    return List.copyOf(new TreeSet<>(shelves.keySet()));
  }

  int openUploads() {
    return uploads.size();
  }

  // Authorization

  private void authorize(RecordedRequest request, List<TokenService.Access> wanted, String origin) {
    Response challenge = tokens.challenge(request, wanted, origin);
    if (challenge != null) {
      throw new Refusal(challenge);
    }
  }

  private static List<TokenService.Access> wanted(
      RecordedRequest request, String name, Matcher parts) {
    List<TokenService.Access> wanted = new ArrayList<>();
    boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
    boolean upload = parts.group("upload") != null;
    wanted.add(new TokenService.Access(name, "pull"));
    if (request.method().equals("DELETE") && !upload) {
      wanted.set(0, new TokenService.Access(name, "delete"));
    } else if (!reads || upload) {
      wanted.add(new TokenService.Access(name, "push"));
    }
    String from = Queries.value(request.query(), "from");
    if (upload && from != null && Queries.value(request.query(), "mount") != null) {
      wanted.add(new TokenService.Access(from, "pull"));
    }
    return wanted;
  }

  // Manifests

  private Response manifest(
      RecordedRequest request, InputStream body, String name, String reference) throws IOException {
    if (reference.contains(":")) {
      digest(reference);
    } else if (!isTag(reference)) {
      throw new Refusal(400, "TAG_INVALID", "not a tag: " + reference);
    }
    return switch (request.method()) {
      case "GET", "HEAD" -> pullLimit.around(request, () -> readManifest(request, name, reference));
      case "PUT" -> pushManifest(request, body, name, reference);
      case "DELETE" -> deleteManifest(name, reference);
      default -> throw unsupported();
    };
  }

  private Response readManifest(RecordedRequest request, String name, String reference) {
    RawManifest manifest = find(name, reference);
    if (manifest == null) {
      return shelves.containsKey(name)
          ? Response.error(404, "MANIFEST_UNKNOWN", "manifest unknown")
          : Response.error(404, "NAME_UNKNOWN", "repository name not known to registry");
    }
    if (switches.strictAccept && !accepts(request, manifest.mediaType())) {
      return Response.error(
          404, "MANIFEST_UNKNOWN", manifest.mediaType() + " found, but not accepted");
    }
    return Response.of(200, manifest.mediaType().value(), manifest.bytes())
        .header("Docker-Content-Digest", manifest.digest().toString())
        .header("ETag", "\"" + manifest.digest() + "\"");
  }

  private static boolean accepts(RecordedRequest request, MediaType type) {
    return request.headers().getOrDefault("Accept", List.of()).stream()
        .flatMap(line -> List.of(line.split(",", -1)).stream())
        .map(item -> item.replaceAll(";.*", "").strip())
        .anyMatch(item -> item.equals(type.value()));
  }

  private Response pushManifest(
      RecordedRequest request, InputStream body, String name, String reference) throws IOException {
    byte[] bytes = body.readNBytes(RawManifest.MAX_BYTES + 1);
    if (bytes.length > RawManifest.MAX_BYTES) {
      throw new Refusal(413, "SIZE_INVALID", "manifest too large");
    }
    String type = request.header("Content-Type");
    if (type == null) {
      throw new Refusal(400, "MANIFEST_INVALID", "no Content-Type");
    }
    boolean byDigest = reference.contains(":");
    Digest.Algorithm algorithm = byDigest ? digest(reference).algorithm() : Digest.Algorithm.SHA256;
    RawManifest raw;
    Manifest manifest;
    try {
      raw = RawManifest.of(MediaType.parse(type), bytes, algorithm);
      manifest = raw.parse();
    } catch (MalformedException e) {
      throw new Refusal(400, "MANIFEST_INVALID", String.valueOf(e.getMessage()));
    }
    if (byDigest && !raw.digest().toString().equals(reference)) {
      throw new Refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    }
    if (switches.checksChildren) {
      checkChildren(name, manifest);
    }
    put(name, byDigest ? null : reference, raw);
    Response created =
        Response.of(201)
            .header("Location", "/v2/" + name + "/manifests/" + raw.digest())
            .header("Docker-Content-Digest", raw.digest().toString());
    Descriptor subject = manifest.subject();
    return subject != null && switches.referrersApi
        ? created.header("OCI-Subject", subject.digest().toString())
        : created;
  }

  private void checkChildren(String name, Manifest manifest) {
    Shelf shelf = shelf(name);
    for (Descriptor child : manifest.children()) {
      boolean present =
          switch (manifest) {
            case Index ignored -> shelf.manifests.containsKey(child.digest());
            case ImageManifest ignored ->
                shelf.blobs.containsKey(child.digest()) || child.isForeign();
          };
      if (!present) {
        throw new Refusal(
            400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry: " + child.digest());
      }
    }
  }

  private Response deleteManifest(String name, String reference) {
    if (!switches.deletes) {
      throw unsupported();
    }
    if (find(name, reference) == null) {
      throw new Refusal(404, "MANIFEST_UNKNOWN", "manifest unknown");
    }
    if (reference.contains(":")) {
      removeManifest(name, digest(reference));
    } else {
      untag(name, reference);
    }
    return Response.of(202);
  }

  // Blobs

  private Response blob(RecordedRequest request, String name, Digest digest, String cdn) {
    Content content = find(name, digest);
    if (content == null) {
      throw new Refusal(404, "BLOB_UNKNOWN", "blob unknown to registry");
    }
    switch (request.method()) {
      case "GET", "HEAD" -> {
        if (switches.blobsFromCdn && request.method().equals("GET")) {
          return Response.of(307)
              .header("Location", cdn + "/cdn/" + name + "/" + digest + "?" + CDN_SIGNATURE);
        }
        if (content instanceof Content.Sunk && request.method().equals("GET")) {
          throw new IllegalStateException(digest + " was not kept: see sinkAbove");
        }
        return ranged(request, content)
            .header("Docker-Content-Digest", digest.toString())
            .header("ETag", "\"" + digest + "\"");
      }
      case "DELETE" -> {
        if (!switches.deletes) {
          throw unsupported();
        }
        removeBlob(name, digest);
        return Response.of(202);
      }
      default -> throw unsupported();
    }
  }

  private Response ranged(RecordedRequest request, Content content) {
    long size = content.size();
    Response whole =
        Response.of(200, "application/octet-stream", new Body(size, () -> content.open(0)))
            .header("Accept-Ranges", switches.ranges ? "bytes" : "none");
    String range = request.header("Range");
    Matcher matcher = RANGE.matcher(range == null || !switches.ranges ? "" : range);
    if (!matcher.matches()) {
      return whole; // Absent, of another unit or of several parts: the whole is right (RFC 9110).
    }
    String from = matcher.group(1);
    String to = matcher.group(2);
    if (from.isEmpty() && to.isEmpty()) {
      return whole;
    }
    long first = from.isEmpty() ? Math.max(0, size - Long.parseLong(to)) : Long.parseLong(from);
    long last = from.isEmpty() || to.isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(to));
    if (first >= size || last < first) {
      return Response.error(416, "RANGE_INVALID", "no such range")
          .header("Content-Range", "bytes */" + size);
    }
    Body part = new Body(last - first + 1, () -> content.open(first));
    return Response.of(206, "application/octet-stream", part)
        .header("Accept-Ranges", "bytes")
        .header("Content-Range", "bytes %d-%d/%d".formatted(first, last, size));
  }

  // Uploads

  private Response upload(RecordedRequest request, InputStream body, String name, String id)
      throws IOException {
    if (id.isEmpty()) {
      if (!request.method().equals("POST")) {
        throw unsupported();
      }
      return startUpload(request, body, name);
    }
    Upload upload = uploads.get(id);
    if (upload == null
        || !upload.repository.equals(name)
        || !upload.state.equals(Queries.value(request.query(), "_state"))) {
      throw new Refusal(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
    }
    return switch (request.method()) {
      case "GET" -> progress(204, id, upload);
      case "PATCH" -> {
        append(request, body, id, upload);
        yield progress(202, id, upload);
      }
      case "PUT" -> {
        append(request, body, id, upload);
        yield finish(request, id, upload);
      }
      case "DELETE" -> {
        uploads.remove(id);
        yield Response.of(204);
      }
      default -> throw unsupported();
    };
  }

  private Response startUpload(RecordedRequest request, InputStream body, String name)
      throws IOException {
    String mount = Queries.value(request.query(), "mount");
    String from = Queries.value(request.query(), "from");
    if (mount != null && from != null && switches.mounts) {
      Digest digest = digest(mount);
      Content content = find(from, digest);
      if (content != null) {
        put(name, digest, content);
        return created(name, digest);
      }
    }
    String id = UUID.randomUUID().toString();
    Upload upload = new Upload(name, switches.sinkAbove);
    uploads.put(id, upload);
    if (Queries.value(request.query(), "digest") != null) {
      upload.append(body);
      return finish(request, id, upload);
    }
    return progress(202, id, upload);
  }

  private static void append(RecordedRequest request, InputStream body, String id, Upload upload)
      throws IOException {
    String range = request.header("Content-Range");
    if (range == null) {
      upload.append(body);
      return;
    }
    Matcher matcher = CONTENT_RANGE.matcher(range);
    long before = upload.size();
    if (!matcher.matches() || Long.parseLong(matcher.group(1)) != before) {
      throw new Refusal(progress(416, id, upload));
    }
    upload.append(body);
    if (upload.size() - 1 != Long.parseLong(matcher.group(2))) {
      throw new Refusal(400, "SIZE_INVALID", "Content-Range and content differ in length");
    }
  }

  private Response finish(RecordedRequest request, String id, Upload upload) {
    String text = Queries.value(request.query(), "digest");
    if (text == null) {
      throw new Refusal(400, "DIGEST_INVALID", "no digest");
    }
    Digest digest = digest(text);
    uploads.remove(id);
    Content content = upload.finish(digest);
    if (content == null) {
      throw new Refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    }
    put(upload.repository, digest, content);
    return created(upload.repository, digest);
  }

  private static Response created(String name, Digest digest) {
    return Response.of(201)
        .header("Location", "/v2/" + name + "/blobs/" + digest)
        .header("Docker-Content-Digest", digest.toString());
  }

  private static Response progress(int status, String id, Upload upload) {
    return Response.of(status)
        .header(
            "Location",
            "/v2/%s/blobs/uploads/%s?_state=%s"
                .formatted(upload.repository, id, URLEncoder.encode(upload.state, UTF_8)))
        .header("Range", "0-" + Math.max(0, upload.size() - 1))
        .header("Docker-Upload-UUID", id);
  }

  // Lists

  private Response tags(RecordedRequest request, String name) {
    if (!shelves.containsKey(name)) {
      throw new Refusal(404, "NAME_UNKNOWN", "repository name not known to registry");
    }
    String last = Queries.value(request.query(), "last");
    List<String> all =
        tags(name).stream().filter(tag -> last == null || tag.compareTo(last) > 0).toList();
    int size = pageSize(request);
    ObjectNode page = MAPPER.createObjectNode().put("name", name);
    ArrayNode list = page.putArray("tags");
    all.stream().limit(size).forEach(list::add);
    Response response = Response.of(200, "application/json", MAPPER.writeValueAsBytes(page));
    if (all.size() <= size || size == 0) {
      return response;
    }
    return response.header(
        "Link",
        "</v2/%s/tags/list?last=%s&n=%d>; rel=\"next\"".formatted(name, all.get(size - 1), size));
  }

  private int pageSize(RecordedRequest request) {
    String n = Queries.value(request.query(), "n");
    try {
      int asked = n == null ? Integer.MAX_VALUE : Integer.parseInt(n);
      if (asked < 0) {
        throw new Refusal(400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested");
      }
      return Math.min(asked, switches.pageSize);
    } catch (NumberFormatException e) {
      throw new Refusal(400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested");
    }
  }

  private Response referrers(RecordedRequest request, String name, String text) {
    if (!switches.referrersApi) {
      return notFound();
    }
    Digest subject = digest(text);
    String type = Queries.value(request.query(), "artifactType");
    String last = Queries.value(request.query(), "last");
    Map<Digest, ObjectNode> found = new TreeMap<>();
    Shelf shelf = shelves.get(name);
    if (shelf != null) {
      shelf.manifests.values().forEach(raw -> collectReferrer(raw, subject, found));
    }
    List<Map.Entry<Digest, ObjectNode>> matching =
        found.entrySet().stream()
            .filter(
                e -> type == null || e.getValue().path("artifactType").asString("").equals(type))
            .filter(e -> last == null || e.getKey().toString().compareTo(last) > 0)
            .toList();
    ObjectNode index =
        MAPPER
            .createObjectNode()
            .put("schemaVersion", 2)
            .put("mediaType", MediaType.OCI_INDEX.value());
    ArrayNode manifests = index.putArray("manifests");
    matching.stream().limit(switches.pageSize).forEach(e -> manifests.add(e.getValue()));
    Response response =
        Response.of(200, MediaType.OCI_INDEX.value(), MAPPER.writeValueAsBytes(index));
    if (type != null) {
      response = response.header("OCI-Filters-Applied", "artifactType");
    }
    if (matching.size() > switches.pageSize) {
      String next =
          "</v2/%s/referrers/%s?last=%s%s>; rel=\"next\""
              .formatted(
                  name,
                  subject,
                  matching.get(switches.pageSize - 1).getKey(),
                  type == null ? "" : "&artifactType=" + URLEncoder.encode(type, UTF_8));
      response = response.header("Link", next);
    }
    return response;
  }

  private static void collectReferrer(
      RawManifest raw, Digest subject, Map<Digest, ObjectNode> found) {
    Manifest manifest;
    try {
      manifest = raw.parse();
    } catch (MalformedException e) {
      return; // A test put something unreadable there on purpose.
    }
    Descriptor about = manifest.subject();
    if (about == null || !about.digest().equals(subject)) {
      return;
    }
    ObjectNode node =
        MAPPER
            .createObjectNode()
            .put("mediaType", raw.mediaType().value())
            .put("digest", raw.digest().toString())
            .put("size", raw.size());
    String type = manifest.artifactType();
    if (type == null && manifest instanceof ImageManifest image && image.config() != null) {
      type = image.config().mediaType().value();
    }
    if (type != null) {
      node.put("artifactType", type);
    }
    if (!manifest.annotations().isEmpty()) {
      ObjectNode annotations = node.putObject("annotations");
      new TreeMap<>(manifest.annotations()).forEach(annotations::put);
    }
    found.put(raw.digest(), node);
  }

  // Grammar

  private Shelf shelf(String name) {
    return shelves.computeIfAbsent(name, key -> new Shelf());
  }

  private static void checkName(String name) {
    try {
      Repository unused = new Repository(RegistryName.DOCKER_HUB, name);
    } catch (MalformedException e) {
      throw new Refusal(400, "NAME_INVALID", "invalid repository name");
    }
  }

  private static boolean isTag(String text) {
    try {
      return new Tag(text).value().equals(text);
    } catch (MalformedException e) {
      return false;
    }
  }

  private static Digest digest(String text) {
    try {
      return Digest.parse(text);
    } catch (MalformedException e) {
      throw new Refusal(400, "DIGEST_INVALID", "not a digest");
    }
  }

  private static String decoded(String path) {
    return URLDecoder.decode(path.replace("+", "%2B"), UTF_8);
  }

  private static Refusal unsupported() {
    return new Refusal(405, "UNSUPPORTED", "the operation is unsupported");
  }

  private static Response notFound() {
    return Response.of(404, "text/plain", "404 page not found\n".getBytes(UTF_8));
  }
}
