package io.ssegateway.transport.netty;

import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a caller may do, and until when. Holds no credential, so that it may be kept and shown.
 * Immutable.
 */
public final class Grant {
  /** Nothing at all. */
  public static final Grant NOTHING = builder().build();

  /** Everything, without end. */
  static final Grant EVERYTHING =
      builder().subscribe(ChannelPatterns.ALL).roles(EnumSet.of(Role.ADMIN)).build();

  private final @Nullable String subject;
  private final ChannelPatterns subscribe;
  private final ChannelPatterns publish;
  private final Set<Role> roles;
  private final @Nullable Instant expiresAt;

  private Grant(Builder builder) {
    boolean admin = builder.roles.contains(Role.ADMIN);
    this.subject = builder.subject;
    this.subscribe = builder.subscribe;
    this.publish = admin ? ChannelPatterns.ALL : builder.publish;
    this.roles = admin ? EnumSet.allOf(Role.class) : EnumSet.copyOf(builder.roles);
    if (publish.isEmpty()) {
      roles.remove(Role.PUBLISH);
    } else {
      roles.add(Role.PUBLISH);
    }
    this.expiresAt = builder.expiresAt;
  }

  /** Begins with a grant of nothing. */
  public static Builder builder() {
    return new Builder();
  }

  /** Who it is, for people to read and to count by; null if nobody knows. */
  public @Nullable String subject() {
    return subject;
  }

  /** The channels it may listen to. */
  public ChannelPatterns subscribe() {
    return subscribe;
  }

  /** The channels it may publish to. A message to everyone needs all of them. */
  public ChannelPatterns publish() {
    return publish;
  }

  /** Whether it has a role. {@link Role#PUBLISH} has whoever may publish to some channel. */
  public boolean has(Role role) {
    return roles.contains(role);
  }

  /** Whether it may publish to a channel, or if that is null, to everyone. */
  public boolean mayPublish(@Nullable String channel) {
    return channel == null ? publish.isAll() : publish.matches(channel);
  }

  /** When it ends; null for never. */
  public @Nullable Instant expiresAt() {
    return expiresAt;
  }

  @Override
  public String toString() {
    return "Grant[subject="
        + subject
        + ", subscribe="
        + subscribe
        + ", publish="
        + publish
        + ", roles="
        + roles
        + ", expiresAt="
        + expiresAt
        + "]";
  }

  /** Builds a {@link Grant}. Not thread-safe. */
  public static final class Builder {
    private @Nullable String subject;
    private ChannelPatterns subscribe = ChannelPatterns.NONE;
    private ChannelPatterns publish = ChannelPatterns.NONE;
    private final EnumSet<Role> roles = EnumSet.noneOf(Role.class);
    private @Nullable Instant expiresAt;

    private Builder() {}

    /** Sets who it is; never a credential, since it may be shown. */
    public Builder subject(@Nullable String name) {
      subject = name;
      return this;
    }

    /** Sets the channels to listen to. */
    public Builder subscribe(ChannelPatterns channels) {
      subscribe = Objects.requireNonNull(channels);
      return this;
    }

    /** Sets the channels to publish to; unless there is none, the role PUBLISH comes with them. */
    public Builder publish(ChannelPatterns channels) {
      publish = Objects.requireNonNull(channels);
      return this;
    }

    /** Adds roles. PUBLISH without channels to publish to is no role. */
    public Builder roles(Collection<Role> added) {
      roles.addAll(added);
      return this;
    }

    /** Sets when it ends; null for never. Streams are closed then. */
    public Builder expiresAt(@Nullable Instant instant) {
      expiresAt = instant;
      return this;
    }

    /** Builds it. */
    public Grant build() {
      return new Grant(this);
    }
  }
}
