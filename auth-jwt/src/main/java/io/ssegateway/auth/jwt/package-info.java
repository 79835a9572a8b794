/**
 * Recognises callers by JSON Web Tokens: {@link io.ssegateway.auth.jwt.JwtAuthenticator} for {@code
 * Gateway.Builder.authenticator}. Signatures are checked, and keys fetched, on threads of its own.
 */
@NullMarked
package io.ssegateway.auth.jwt;

import org.jspecify.annotations.NullMarked;
