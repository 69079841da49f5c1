package io.entrepot.testing;

import java.util.Map;

/**
 * How the registries of the world differ, as data: who must say who asks, what is said of a
 * repository that is not there, how referrers are listed, where blobs come from, what is limited.
 * Each answers as its operator documents it or as the report that is named shows it.
 */
public enum Profile {
  /** Quota of pulls by HEAD and GET (docs.docker.com/docker-hub/usage); blobs from a CDN. */
  DOCKER_HUB(Challenge.BEARER, Absent.UNAUTHORIZED, Listing.API, Limit.QUOTA, true, true),
  /** A redirect to a web page where others have the referrers API; chunks of 4 MiB at most. */
  GHCR(Challenge.BEARER, Absent.DENIED, Listing.REDIRECT, Limit.NONE, true, true),
  /** Says 401 of what is not there (helm/helm#31567). */
  QUAY(Challenge.BEARER, Absent.UNAUTHORIZED, Listing.API, Limit.NONE, true, true),
  /** Basic authentication with a token as the password; blobs from S3. */
  ECR_PRIVATE(Challenge.BASIC, Absent.NOT_FOUND, Listing.API, Limit.NONE, true, false),
  /** As ECR, open to everybody with a token; requests a second are limited. */
  ECR_PUBLIC(Challenge.BEARER, Absent.NOT_FOUND, Listing.NOT_FOUND, Limit.PER_MINUTE, true, false),
  /** Blobs from a storage account. */
  ACR(Challenge.BEARER, Absent.UNAUTHORIZED, Listing.API, Limit.NONE, true, true),
  /** Google's, which forbids where it will not say. */
  GAR(Challenge.BEARER, Absent.DENIED, Listing.NOT_FOUND, Limit.NONE, true, true),
  /** Before 2.8: no referrers API, said as 401 without a challenge (goharbor/harbor#18305). */
  HARBOR_OLD(Challenge.BEARER, Absent.NOT_FOUND, Listing.UNAUTHORIZED, Limit.NONE, false, true),
  /** With the referrers API. */
  HARBOR(Challenge.BEARER, Absent.NOT_FOUND, Listing.API, Limit.NONE, false, true),
  /** Requests a minute (docs.gitlab.com, user and IP rate limits); no API (oras-go#1396). */
  GITLAB(Challenge.BEARER, Absent.DENIED, Listing.NOT_FOUND, Limit.PER_MINUTE, false, true),
  /** Basic, and no referrers API. */
  ARTIFACTORY(Challenge.BASIC, Absent.NOT_FOUND, Listing.DENIED, Limit.NONE, false, true),
  /** Basic, and a proxy in front that implements nothing it does not know. */
  NEXUS(Challenge.BASIC, Absent.NOT_FOUND, Listing.NOT_IMPLEMENTED, Limit.NONE, false, false),
  /** Tokens, and no referrers API. */
  GITEA(Challenge.BEARER, Absent.UNAUTHORIZED, Listing.NOT_ALLOWED, Limit.NONE, false, true),
  /** The registry of the distribution project, versions 2 and 3: open, without the API. */
  DISTRIBUTION(Challenge.NONE, Absent.NOT_FOUND, Listing.NOT_FOUND, Limit.NONE, false, true),
  /** Open, everything of the specification. */
  ZOT(Challenge.NONE, Absent.NOT_FOUND, Listing.API, Limit.NONE, false, true);

  /** Who must say who asks, and how. */
  public enum Challenge {
    /** Nobody. */
    NONE,
    /** By a token, which everybody gets for reading. */
    BEARER,
    /** By a user name and a password. */
    BASIC
  }

  /** What is said of a repository that is not there. */
  public enum Absent {
    /** 404. */
    NOT_FOUND(404, "NAME_UNKNOWN"),
    /** 401, also with a token. */
    UNAUTHORIZED(401, "UNAUTHORIZED"),
    /** 403. */
    DENIED(403, "DENIED");

    private final int status;
    private final String code;

    Absent(int status, String code) {
      this.status = status;
      this.code = code;
    }

    /** The status of the answer. */
    public int status() {
      return status;
    }
  }

  /** What a request for a list of referrers is answered with. */
  public enum Listing {
    /** The list. */
    API,
    /** 404. */
    NOT_FOUND,
    /** 401 without a challenge. */
    UNAUTHORIZED,
    /** 403. */
    DENIED,
    /** 405. */
    NOT_ALLOWED,
    /** 501. */
    NOT_IMPLEMENTED,
    /** 303 to a page for people. */
    REDIRECT
  }

  /** What is limited. */
  public enum Limit {
    /** Nothing that shows. */
    NONE,
    /** Pulls in hours, as Docker Hub says it. */
    QUOTA,
    /** Requests a minute, as GitLab says it. */
    PER_MINUTE
  }

  private final Challenge challenge;
  private final Absent absent;
  private final Listing listing;
  private final Limit limit;
  private final boolean cdn;
  private final boolean mounts;

  Profile(
      Challenge challenge,
      Absent absent,
      Listing listing,
      Limit limit,
      boolean cdn,
      boolean mounts) {
    this.challenge = challenge;
    this.absent = absent;
    this.listing = listing;
    this.limit = limit;
    this.cdn = cdn;
    this.mounts = mounts;
  }

  /** Who must say who asks. */
  public Challenge challenge() {
    return challenge;
  }

  /** What is said of a repository that is not there. */
  public Absent absent() {
    return absent;
  }

  /** How referrers are listed. */
  public Listing listing() {
    return listing;
  }

  /** What is limited. */
  public Limit limit() {
    return limit;
  }

  /** Whether blobs are mounted from other repositories. */
  public boolean mounts() {
    return mounts;
  }

  /** The account that may push, and with {@link Challenge#BASIC} also read. */
  static final String USER = "me";

  static final String PASSWORD = "secret";

  /**
   * Makes an empty registry behave so; {@code nowhere/…} are its repositories that do not exist.
   */
  void apply(TestRegistry registry) {
    switch (challenge) {
      case NONE -> {}
      case BEARER -> registry.account(USER, PASSWORD).bearerAuth();
      case BASIC -> registry.basicAuth(USER, PASSWORD).anonymousPull(false);
    }
    registry.blobsFromCdn(cdn).mounts(mounts).pageSize(2).referrersApi(listing == Listing.API);
    if (limit == Limit.QUOTA) {
      registry.rateLimit(100, 90);
    }
    if (absent != Absent.NOT_FOUND) {
      registry
          .on(request -> request.authorization() != null && request.path().contains("/nowhere/"))
          .error(absent.status, absent.code, "not for you");
    }
    FaultRule referrers = registry.on("GET referrers");
    switch (listing) {
      case API, NOT_FOUND -> {}
      case UNAUTHORIZED -> referrers.error(401, "UNAUTHORIZED", "unauthorized");
      case DENIED -> referrers.error(403, "DENIED", "denied");
      case NOT_ALLOWED -> referrers.answer(405);
      case NOT_IMPLEMENTED -> referrers.answer(501, Map.of("Content-Type", "text/html"), "<html>");
      case REDIRECT -> referrers.redirect(303, registry.origin() + "/login");
    }
  }
}
