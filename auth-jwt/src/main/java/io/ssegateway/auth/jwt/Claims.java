package io.ssegateway.auth.jwt;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.ssegateway.transport.netty.Authentication;
import io.ssegateway.transport.netty.ChannelPatterns;
import io.ssegateway.transport.netty.Grant;
import io.ssegateway.transport.netty.Role;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what a token says, once its signature is good. Immutable. */
final class Claims {
  private final JwtOptions options;
  private final InstantSource clock;

  Claims(JwtOptions options, InstantSource clock) {
    this.options = options;
    this.clock = clock;
  }

  Authentication read(SignedJWT token) {
    try {
      return read(token.getJWTClaimsSet());
    } catch (ParseException e) {
      return bad("its claims cannot be read");
    } catch (IllegalArgumentException e) {
      return bad(String.valueOf(e.getMessage()));
    }
  }

  private static Authentication bad(String what) {
    return Authentication.refused(401, "token: " + what);
  }

  private Authentication read(JWTClaimsSet claims) {
    Instant now = clock.instant();
    Date expires = claims.getExpirationTime();
    if (expires == null && options.requireExpiry) {
      return bad("it does not say when it expires (expected: exp)");
    }
    Instant end = expires == null ? null : end(expires.toInstant(), now);
    if (end != null && !end.isAfter(now)) {
      return bad("expired");
    }
    Date notBefore = claims.getNotBeforeTime();
    if (notBefore != null && notBefore.toInstant().minusMillis(options.clockSkewMs).isAfter(now)) {
      return bad("not valid yet");
    }
    if (options.issuer != null && !options.issuer.equals(claims.getIssuer())) {
      return bad("of another issuer");
    }
    if (options.audience != null && !claims.getAudience().contains(options.audience)) {
      return bad("for another audience");
    }
    return Authentication.granted(
        Grant.builder()
            .subject(claims.getSubject())
            .subscribe(channels(claims, options.channelsClaim))
            .publish(channels(claims, options.publishClaim))
            .roles(roles(claims))
            .expiresAt(end)
            .build());
  }

  /** A stream ends at {@code exp}; who comes within the skew after it has the rest of the skew. */
  private Instant end(Instant expires, Instant now) {
    return expires.isAfter(now) ? expires : expires.plusMillis(options.clockSkewMs);
  }

  private static ChannelPatterns channels(JWTClaimsSet claims, String name) {
    return ChannelPatterns.of(texts(claims, name));
  }

  /** The roles of the gateway; a token may have others, for others. */
  private Set<Role> roles(JWTClaimsSet claims) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String text : texts(claims, options.rolesClaim)) {
      for (Role role : Role.values()) {
        if (role.name().toLowerCase(Locale.ROOT).equals(text)) {
          roles.add(role);
        }
      }
    }
    return roles;
  }

  private static List<String> texts(JWTClaimsSet claims, String name) {
    Object value = find(claims.getClaims(), name);
    if (value == null) {
      return List.of();
    }
    List<?> values = value instanceof List<?> list ? list : List.of(value);
    List<String> texts = new ArrayList<>();
    for (Object each : values) {
      if (!(each instanceof String text)) {
        throw new IllegalArgumentException(
            "claim " + name + " (expected: a string, or an array of strings)");
      }
      texts.add(text);
    }
    return texts;
  }

  /** The claim of this name, or at this path of names. */
  private static @Nullable Object find(Map<?, ?> object, String name) {
    Object direct = object.get(name);
    if (direct != null) {
      return direct;
    }
    int dot = name.indexOf('.');
    return dot > 0 && object.get(name.substring(0, dot)) instanceof Map<?, ?> inner
        ? find(inner, name.substring(dot + 1))
        : null;
  }
}
