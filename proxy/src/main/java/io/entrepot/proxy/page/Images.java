package io.entrepot.proxy.page;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Index;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.proxy.page.ImageDetails.TagState;
import io.entrepot.proxy.page.ImageManifestTree.Node;
import io.entrepot.proxy.page.ImageManifestTree.Piece;
import io.entrepot.proxy.page.ImageManifestTree.Referrer;
import io.entrepot.store.Contents;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.StoredContent;
import io.entrepot.store.StoredManifest;
import io.entrepot.store.StoredRepository;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Repositories of the store and what is in them. Reads files. */
public final class Images {

  /** Entries of a list, and referrers, that are shown. */
  private static final int MOST = 500;

  private final Sources sources;
  private final Contents contents;
  private final ManifestFacts facts;

  /** What is in a store. */
  public Images(Sources sources) {
    this.sources = sources;
    this.contents = sources.store().contents();
    this.facts = new ManifestFacts(contents);
  }

  /** Repositories that may be read, by name. */
  public Page<ImageSummary> list(Predicate<String> readable, PageRequest request) {
    NavigableMap<String, RepositoryId> names = sources.store().repositories().names();
    Collection<RepositoryId> wanted =
        names.values().stream().filter(id -> readable.test(id.toString())).toList();
    return Page.of(wanted, request, RepositoryId::toString)
        .map(id -> summary(sources.store().repositories().open(id)));
  }

  private ImageSummary summary(StoredRepository repository) {
    return new ImageSummary(
        repository.id().toString(),
        upstream(repository),
        repository.tags().size(),
        repository.manifestCount(),
        repository.bytesHere(),
        repository.tags().values().stream()
            .distinct()
            .flatMap(digest -> contents.lastUsed(digest).stream())
            .max(Comparator.naturalOrder())
            .orElse(null));
  }

  private static @Nullable String upstream(StoredRepository repository) {
    RegistryName upstream = repository.id().upstream();
    return upstream == null ? null : upstream.value();
  }

  /** A repository with a part of its tags; empty where there is none of that name. */
  public Optional<Page<ImageDetails>> details(String name, PageRequest request) {
    return repository(name)
        .map(
            repository -> {
              Page<String> tags = Page.of(repository.tags().navigableKeySet(), request, tag -> tag);
              ImageDetails details =
                  new ImageDetails(
                      repository.id().toString(),
                      upstream(repository),
                      repository.manifestCount(),
                      repository.bytesHere(),
                      repository.tags().size(),
                      tags.items().stream()
                          .flatMap(
                              tag ->
                                  repository.tag(tag).map(it -> tag(repository, tag, it)).stream())
                          .toList());
              return new Page<>(List.of(details), tags.next());
            });
  }

  private Optional<StoredRepository> repository(String name) {
    RepositoryId id = sources.store().repositories().names().get(name);
    return id == null
        ? Optional.empty()
        : Optional.of(sources.store().repositories().open(id)).filter(found -> !found.isEmpty());
  }

  private TagState tag(StoredRepository repository, String tag, Digest digest) {
    StoredManifest manifest = repository.manifest(digest).orElse(null);
    LockSays lock = lock(repository.id(), tag).orElse(null);
    return new TagState(
        tag,
        digest.toString(),
        manifest == null ? null : manifest.mediaType().value(),
        manifest == null ? 0 : bytes(repository, manifest),
        manifest == null ? List.of() : facts.platforms(manifest),
        repository.keptSince(digest).orElse(null),
        contents.lastUsed(digest).orElse(null),
        lock,
        lock != null && !lock.digest().equals(digest.toString()));
  }

  private Optional<LockSays> lock(RepositoryId id, String tag) {
    RegistryName upstream = id.upstream();
    return upstream == null
        ? Optional.empty()
        : LockSays.of(
            sources.copies().locks(), new Repository(upstream, id.path()).tagged(new Tag(tag)));
  }

  /** Bytes of a manifest and of all that it needs, each content once, as far as it is here. */
  private long bytes(StoredRepository repository, StoredManifest manifest) {
    Set<Digest> counted = new HashSet<>();
    count(repository, manifest, counted);
    return counted.stream()
        .mapToLong(digest -> contents.peek(digest).map(StoredContent::size).orElse(0L))
        .sum();
  }

  private void count(StoredRepository repository, StoredManifest manifest, Set<Digest> counted) {
    if (!counted.add(manifest.digest())) {
      return;
    }
    Manifest read = facts.read(manifest).orElse(null);
    if (read == null) {
      return;
    }
    for (Descriptor child : read.children()) {
      StoredManifest entry =
          read instanceof Index ? repository.manifest(child.digest()).orElse(null) : null;
      if (entry == null) {
        counted.add(child.digest());
      } else {
        count(repository, entry, counted);
      }
    }
  }

  /**
   * One image.
   *
   * @param reference a tag or a digest
   * @return empty where it is not here
   */
  public Optional<ImageManifestTree> tree(String name, String reference) {
    return repository(name).flatMap(repository -> tree(repository, reference));
  }

  private Optional<ImageManifestTree> tree(StoredRepository repository, String reference) {
    Optional<Digest> digest =
        reference.indexOf(':') < 0
            ? repository.tag(reference)
            : Optional.of(Digest.parse(reference));
    return digest
        .flatMap(repository::manifest)
        .map(manifest -> tree(repository, reference, manifest));
  }

  private ImageManifestTree tree(
      StoredRepository repository, String reference, StoredManifest manifest) {
    Digest digest = manifest.digest();
    String name = repository.id().toString();
    return new ImageManifestTree(
        name,
        reference,
        digest.toString(),
        repository.tags().entrySet().stream()
            .filter(each -> each.getValue().equals(digest))
            .map(Map.Entry::getKey)
            .limit(MOST)
            .toList(),
        name + "@" + digest,
        facts.platforms(manifest),
        bytes(repository, manifest),
        repository.keptSince(digest).orElse(null),
        contents.lastUsed(digest).orElse(null),
        node(repository, manifest, manifest.mediaType().value(), null, 0),
        reference.indexOf(':') < 0 ? lock(repository.id(), reference).orElse(null) : null,
        repository.referrers(digest).stream().limit(MOST).map(Images::referrer).toList());
  }

  private Node node(
      StoredRepository repository,
      StoredManifest manifest,
      String mediaType,
      @Nullable String platform,
      int depth) {
    Manifest read = facts.read(manifest).orElse(null);
    return new Node(
        manifest.digest().toString(),
        mediaType,
        read == null ? null : read.artifactType(),
        platform,
        manifest.size(),
        read != null,
        read instanceof ImageManifest image
            ? image.children().stream().limit(MOST).map(this::piece).toList()
            : List.of(),
        read instanceof Index index && depth < 3
            ? index.manifests().stream()
                .limit(MOST)
                .map(entry -> entry(repository, entry, depth + 1))
                .toList()
            : List.of());
  }

  private Node entry(StoredRepository repository, Descriptor entry, int depth) {
    String platform = entry.platform() == null ? null : entry.platform().label();
    StoredManifest manifest = repository.manifest(entry.digest()).orElse(null);
    return manifest == null
        ? new Node(
            entry.digest().toString(),
            entry.mediaType().value(),
            entry.artifactType(),
            platform,
            entry.size(),
            false,
            List.of(),
            List.of())
        : node(repository, manifest, entry.mediaType().value(), platform, depth);
  }

  private Piece piece(Descriptor piece) {
    return new Piece(
        piece.digest().toString(),
        piece.mediaType().value(),
        piece.size(),
        contents.peek(piece.digest()).isPresent());
  }

  private static Referrer referrer(Descriptor referrer) {
    return new Referrer(
        referrer.digest().toString(),
        referrer.mediaType().value(),
        referrer.artifactType(),
        referrer.size());
  }
}
